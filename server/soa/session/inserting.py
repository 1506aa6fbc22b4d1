"""Proposals put into documents: made as edits of the text as it is now, applied by the editor or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from soa.errors import SoaError
from soa.session.acceptance import Item, Joined, acceptable, join, sound, why_not
from soa.session.client import Change, Message
from soa.session.folders import NO_TRUST
from soa.session.uris import path_of
from soa.session.views import Key
from soa.session.wishes import Acceptance
from soa.source.beside import add_beside
from soa.source.disk import read_source
from soa.source.stubs import find_stubs

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from soa.session.client import Client
    from soa.session.desk import Desk
    from soa.session.shelf import Shelf
    from soa.session.views import DocumentView, StubView

log = logging.getLogger(__name__)

OFFERED = 8
"""Edits of a document that are remembered until one of them is seen to be applied."""
PATIENCE = 2.0
"""Seconds in which an editor tells of an edit that it applied: some wait a little until the user rests."""
TRIES = 3
"""How often an edit is made anew because the text changed while it was made or applied."""


class Inserting:
    """Makes edits of ready proposals and has them applied, one edit of a document at a time."""

    def __init__(self, shelf: Shelf, desk: Desk, client: Client) -> None:
        self._shelf = shelf
        self._desk = desk
        self._client = client
        self._locks: dict[str, asyncio.Lock] = {}
        self._offered: dict[str, deque[Change]] = {}
        self._awaited: dict[str, asyncio.Event] = {}
        """Set when the next text of a document is here."""

    def note_text(self, uri: str, text: str) -> None:
        """A document has a new text: if an edit made it, its proposals went in, whoever applied the edit."""
        for change in self._offered.get(uri, ()):
            if change.after == text:
                self._note_skeletons(change)
                self._note_inserted(change)
        if uri in self._awaited:
            self._awaited[uri].set()

    def _note_skeletons(self, change: Change) -> None:
        """What a skeleton brings is not new: the user wants to change its contracts before anybody writes them."""
        document = self._shelf.get(change.uri)
        proposals = [kept.proposal for key in change.keys if (kept := self._desk.get(key)) is not None]
        skeletons = [p.candidate for p in proposals if p.skeleton and p.candidate is not None]
        helpers = {helper.name for skeleton in skeletons for helper in skeleton.helpers}
        if document is not None:
            document.saved |= {s.contract.digest for s in document.stubs if s.contract.name in helpers}

    def forget(self, uri: str) -> None:
        """A document was closed."""
        self._offered.pop(uri, None)
        if uri in self._awaited:
            self._awaited[uri].set()

    def _note_inserted(self, change: Change) -> None:
        for key in change.keys:
            self._desk.note_inserted(key)

    async def change_for(self, uri: str, names: Collection[str], *, verified_only: bool) -> Change | str:
        """The edit that puts ready proposals into a document or file; a text says why there is none."""
        if not self._shelf.folders.trusted:
            return NO_TRUST.problem
        for _ in range(TRIES):
            view = self._shelf.view(uri)
            if view is None:
                return await self._change_of_file(uri, names, verified_only)
            found = await _change(view, _named(view.stubs, names), bool(names), verified_only)
            now = self._shelf.view(uri)
            if now is not None and _grounds(now, names) == _grounds(view, names):
                return self._offer(found)
        return "The document changes too quickly; try again when it rests."

    def _offer(self, change: Change | str) -> Change | str:
        if isinstance(change, Change):
            self._offered.setdefault(change.uri, deque(maxlen=OFFERED)).append(change)
        return change

    async def accept(self, uri: str, names: Collection[str], *, verified_only: bool) -> Acceptance:
        """Make the edit and have it applied; a document that changed meanwhile gets another one."""
        async with self._locks.setdefault(uri, asyncio.Lock()):
            for last in (False,) * (TRIES - 1) + (True,):
                change = await self.change_for(uri, names, verified_only=verified_only)
                if isinstance(change, str):
                    return Acceptance(False, change)
                reason = await self._client.apply((change,))
                if not reason:
                    await self._until_told(change)
                    return Acceptance(True, change.left_out)
                document = self._shelf.get(uri)
                if last or document is None or document.version == change.version:
                    return Acceptance(False, reason)
        raise AssertionError

    async def _until_told(self, change: Change) -> None:
        """Wait until the new text is here: the next edit would be made for the old one, and refused."""
        if change.version is None:
            self._note_inserted(change)
        elif (document := self._shelf.get(change.uri)) is not None and document.version == change.version:
            told = self._awaited[change.uri] = asyncio.Event()
            try:
                await asyncio.wait_for(told.wait(), PATIENCE)
            except TimeoutError:
                log.info("The editor does not say that it applied an edit of %s", change.relative)
            finally:
                del self._awaited[change.uri]

    async def accept_beside(self, uri: str, name: str) -> Acceptance:
        """Add a proposal's helpers and imports where the editor has inserted its body by itself."""
        async with self._locks.setdefault(uri, asyncio.Lock()):
            reason = ""
            for _ in range(TRIES):
                view = self._shelf.view(uri)
                change = await self._beside(view, name) if view is not None else f"{uri} is not open."
                if isinstance(change, str):
                    return Acceptance(False, change)
                reason = await self._client.apply((change,)) if change.edits else ""
                if not reason:
                    self._note_inserted(change)
                    return Acceptance(True)
                document = self._shelf.get(uri)
                if document is None or document.version == change.version:
                    break
            return Acceptance(False, reason)

    async def _beside(self, view: DocumentView, name: str) -> Change | str:
        kept = self._desk.latest((view.root, view.relative, name))
        if kept is None or kept.proposal.candidate is None:
            return f"There is no proposal for {name} at hand."
        proposal, candidate = kept.proposal, kept.proposal.candidate
        try:
            found = await asyncio.to_thread(add_beside, view.text, proposal.contract, candidate)
        except SoaError as error:
            return str(error)
        keys = frozenset([Key(view.root, view.relative, proposal.contract.digest)])
        label = f"Add what {name} needs"
        return Change(view.uri, view.version, view.text, found.edits, found.text, label, keys, view.relative)

    async def insert_verified(self, uri: str) -> None:
        """Put in what is ready and verified and was never put in before; what the editor refuses stays ready."""
        view = self._shelf.view(uri)
        if view is None:
            return
        names = [
            s.name for s in view.stubs if s.state == "ready" and s.status == "verified"
            and not self._desk.was_inserted(s.key) and s.kept is not None and not s.kept.proposal.skeleton
        ]  # fmt: skip
        if names:
            outcome = await self.accept(uri, names, verified_only=True)
            if not outcome.applied:
                self._client.tell(Message("log", f"not inserted into {view.relative}: {outcome.reason}"))

    async def stubs_of_file(self, uri: str) -> Sequence[StubView]:
        """The stubs of a file that is not open, with what is at hand for them; none if it cannot be read."""
        path = path_of(uri)
        try:
            return (await asyncio.to_thread(self._read, path))[1] if path is not None else ()
        except SoaError:
            return ()

    async def _change_of_file(self, uri: str, names: Collection[str], verified_only: bool) -> Change | str:
        path = path_of(uri)
        if path is None:
            return f"{uri} is neither open nor a file."
        try:
            text, views = await asyncio.to_thread(self._read, path)
        except SoaError as error:
            return str(error)
        wanted = _named(views, names)
        usable = [s for s in wanted if s.status == "verified"] if verified_only else wanted
        found = await _made(uri, None, text, self._shelf.relative(path), acceptable(usable))
        return found or _nothing(wanted, bool(names))

    def _read(self, path: Path) -> tuple[str, list[StubView]]:
        """A file that is not open, with what is at hand for its stubs."""
        text = read_source(path).text
        return text, [self._shelf.stub_view(path, stub) for stub in find_stubs(text)]


def _named(stubs: Sequence[StubView], names: Collection[str]) -> list[StubView]:
    return [s for s in stubs if not names or s.name in names]


def _grounds(view: DocumentView, names: Collection[str]) -> tuple[object, ...]:
    """What an edit rests on: if one of it is another now, the edit is late."""
    return view.version, view.text, acceptable(_named(view.stubs, names))


async def _change(view: DocumentView, wanted: Sequence[StubView], named: bool, verified_only: bool) -> Change | str:
    if view.problem:
        return view.problem
    items = acceptable(sound(view, wanted) if verified_only else wanted)
    return await _made(view.uri, view.version, view.text, view.relative, items) or _nothing(wanted, named)


async def _made(uri: str, version: int | None, text: str, relative: str, items: Sequence[Item]) -> Change | str:
    """The edit that puts proposals into a text, or why there is none; nothing if there are no proposals."""
    if not items:
        return ""
    try:
        joined = await asyncio.to_thread(join, text, items)
    except SoaError as error:
        return str(error)
    splice = joined.splice
    keys = frozenset(item.key for item in joined.items)
    left_out = " ".join(joined.left_out)
    label, evidence = _label(joined), joined.evidence
    return Change(uri, version, text, splice.edits, splice.text, label, keys, relative, left_out, evidence)


def _nothing(wanted: Sequence[StubView], named: bool) -> str:
    """Why there is nothing to put in."""
    return why_not(wanted[0]) if named and wanted else "Nothing is ready to be accepted here."


def _label(joined: Joined) -> str:
    items: tuple[Item, ...] = joined.items
    return f"Accept {items[0].stub.contract.qualname}" if len(items) == 1 else f"Accept {len(items)} functions"
