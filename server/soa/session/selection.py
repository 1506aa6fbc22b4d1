"""From what a user points at to the stubs that are meant, in open documents and in files on disk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from soa.engine.request import Request, Target, Unsaved
from soa.session.views import Key
from soa.source.disk import read_source
from soa.source.stubs import find_stubs
from soa.workspace import relative_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from soa.contracts import Stub
    from soa.session.documents import OpenDocument
    from soa.session.views import Kept
    from soa.session.wishes import Wish

    AtHand = Callable[[Key], Kept | None]
    """Gives the proposal at hand for a contract."""


@frozen
class Selected:
    """Stubs of one file, and the text that they stand in."""

    root: Path
    target: Target
    """Without names."""
    stubs: Mapping[Key, Stub] = field(repr=False)
    uri: str = ""
    """Of the open document; empty: the text is that of a file."""

    def only(self, keys: frozenset[Key]) -> Selected:
        """The same with fewer stubs."""
        return evolve(self, stubs={k: s for k, s in self.stubs.items() if k in keys})


def from_document(document: OpenDocument, names: Sequence[str], target: Target) -> Selected:
    """Stubs of an open document; no names: all of them."""
    stubs = {document.key(s): s for s in document.stubs if not names or s.contract.qualname in names}
    return Selected(document.root, target, stubs, document.uri)


def still_there(one: Selected, document: OpenDocument, target: Target) -> Selected:
    """The same stubs where they stand now; not those whose contracts have changed."""
    stubs = {key: stub for stub in document.stubs if (key := document.key(stub)) in one.stubs}
    return evolve(one, target=target, stubs=stubs)


async def from_disk(path: Path, root: Path, names: Sequence[str]) -> Selected:
    """Stubs of a file that is not open.

    Raises
    ------
    SourceError
        It cannot be read.
    """
    relative = relative_to(path, root)
    found = await asyncio.to_thread(lambda: find_stubs(read_source(path).text))
    stubs = {
        Key(root, relative, s.contract.digest): s for s in found if not names or s.contract.qualname in names
    }  # fmt: skip
    return Selected(root, Target(path), stubs)


def request_for(
    selected: Iterable[Selected], wish: Wish, unsaved: tuple[Unsaved, ...], ident: str, at_hand: AtHand
) -> Request:
    """What a run is to do for these stubs; what is at hand for them was not wanted, if they are made again."""
    by_file: dict[Path, list[Selected]] = {}
    for one in selected:
        if one.stubs:
            by_file.setdefault(one.target.path, []).append(one)
    targets = tuple(_target(parts, wish, at_hand) for parts in by_file.values())
    mine = {t.path for t in targets}
    others = tuple(u for u in unsaved if u.path not in mine)
    return Request(targets, decompose=wish.decompose, unsaved=others, ident=ident)


def _target(parts: Sequence[Selected], wish: Wish, at_hand: AtHand) -> Target:
    """One target for all that is wanted of a file; the cells of a notebook are parts of one."""
    stubs = [item for one in parts for item in one.stubs.items()]
    names = tuple(dict.fromkeys(stub.contract.qualname for _, stub in stubs))
    remarks = tuple((name, wish.remark) for name in names) if wish.remark else ()
    unwanted = ((stub.contract.qualname, _source(at_hand(key))) for key, stub in stubs if wish.again)
    previous = tuple((name, source) for name, source in unwanted if source)
    return evolve(parts[0].target, qualnames=names, remarks=remarks, previous=previous)


def _source(kept: Kept | None) -> str:
    return kept.proposal.candidate.source if kept is not None and kept.proposal.candidate is not None else ""


def title_of(selected: Sequence[Selected]) -> str:
    """What a run is called for people."""
    stubs = [s for one in selected for s in one.stubs.values()]
    if len(stubs) == 1:
        return stubs[0].contract.qualname
    files = [one.target.path.name for one in selected if one.stubs]
    return f"{len(stubs)} stubs of {files[0]}" if len(files) == 1 else f"{len(stubs)} stubs in {len(files)} files"
