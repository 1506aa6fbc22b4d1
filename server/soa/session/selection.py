"""From what a user points at to the stubs that are meant, in open documents and in files on disk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from soa.agents.briefs import shown
from soa.engine.request import Request, Target, Unsaved
from soa.errors import FileProblem, SoaError
from soa.session.folders import NO_TRUST
from soa.session.uris import path_of
from soa.session.views import Key
from soa.source.disk import read_source
from soa.source.stubs import find_stubs
from soa.workspace import relative_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from soa.contracts import Proposal, Stub
    from soa.session.folders import Folders
    from soa.session.shelf import Shelf
    from soa.session.views import Kept
    from soa.session.wishes import Part, Wish

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
    beside: frozenset[Key] = frozenset()
    """All contracts of the document."""

    def only(self, keys: frozenset[Key]) -> Selected:
        """The same with fewer stubs."""
        return evolve(self, stubs={k: s for k, s in self.stubs.items() if k in keys})


@frozen
class Selecting:
    """Finds what is pointed at."""

    folders: Folders
    shelf: Shelf

    async def select(self, parts: Iterable[Part]) -> tuple[list[Selected], list[str]]:
        """The stubs that are meant, and what cannot be read or used; none where nothing may run."""
        if not self.folders.trusted:
            return [], [NO_TRUST.problem]
        selected: list[Selected] = []
        problems: list[str] = []
        for part in parts:
            try:
                selected.append(await self._part(part))
            except SoaError as error:
                problems.append(str(error))
        for root in {one.root for one in selected}:
            if problem := self.folders.resolve(root, anew=True).problem:
                problems.append(problem)
                selected = [one for one in selected if one.root != root]
        return selected, problems

    def as_it_is(self, one: Selected) -> Selected:
        """The same stubs where they stand now; not those whose contracts have changed."""
        document = self.shelf.get(one.uri)
        if document is None:
            return one
        stubs = {key: stub for stub in document.stubs if (key := document.key(stub)) in one.stubs}
        return evolve(one, target=self.shelf.target(document), stubs=stubs, beside=document.keys)

    async def _part(self, part: Part) -> Selected:
        path = part.path or path_of(part.uri)
        document = self.shelf.get(part.uri) or (self.shelf.at(path) if path else None)
        if document is None:
            if path is None:
                raise FileProblem(f"{part.uri} is no file.", "Open a file that is saved on disk.")
            return await _from_disk(path, self.folders.root_of(path), part.names)
        if document.problem:
            raise FileProblem(document.problem)
        stubs = {document.key(s): s for s in document.stubs if not part.names or s.contract.qualname in part.names}
        return Selected(document.root, self.shelf.target(document), stubs, document.uri, document.keys)


async def _from_disk(path: Path, root: Path, names: Sequence[str]) -> Selected:
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
    """What a run is to do for these stubs.

    What is at hand for them was not wanted, if they are made again; what is ready for others of their documents counts
    as written.
    """
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
    given = () if wish.decompose else _given(parts, at_hand)
    return evolve(parts[0].target, qualnames=names, remarks=remarks, previous=previous, given=given)


def _given(parts: Sequence[Selected], at_hand: AtHand) -> tuple[Proposal, ...]:
    wanted = {key for one in parts for key in one.stubs}
    others = (at_hand(key) for one in parts for key in one.beside if key not in wanted)
    found = (kept.proposal for kept in others if kept is not None)
    return tuple(p for p in found if p.writable and not p.skeleton)


def _source(kept: Kept | None) -> str:
    """What a proposal would write, the function under its header; nothing if there is none."""
    candidate = kept.proposal.candidate if kept is not None else None
    return shown(candidate, kept.proposal.contract) if kept is not None and candidate is not None else ""
