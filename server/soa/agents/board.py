"""Who has written what so far: the run's shared picture, from which the text under test is put together.

Every stub of a run, and every helper stub of a mother's skeleton, has an entry. An entry is *settled* once its agents
are done with it. Evidence is taken with the candidates of settled entries in place; whoever needs an entry that is
not settled waits for it. Entries that wait for one another in a circle are verified together.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from soa.contracts import Candidate
from soa.source.splice import fill, splice
from soa.verify import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from soa.agents.ending import Ending
    from soa.contracts import Address, Contract, Helper, Stub
    from soa.source.disk import SourceFile


@define(eq=False)
class Document:
    """A file of the run as it was when the run began."""

    path: Path
    relative: str
    file: SourceFile
    held: bytes | None = field(default=None, repr=False)
    """The file as an editor holds it, where that is not what is on disk."""
    entries: list[Entry] = field(factory=list)

    @property
    def text(self) -> str:
        """The text in which the stubs stand."""
        return self.file.text


@define(eq=False)
class Entry:
    """One stub and what became of it."""

    document: Document
    address: Address
    contract: Contract
    depth: int = 0
    stub: Stub | None = None
    """Where it stands in the document; None for a helper, which stands in its mother's skeleton."""
    parent: Entry | None = None
    remark: str = ""
    """What the user asks for besides the contract; of a helper, its contract says what its mother made of that."""
    previous: str = field(default="", repr=False)
    """Source of a proposal that the user did not take."""
    candidate: Candidate | None = None
    claim: Candidate | None = None
    """What passed the gate last: others that come at the same time cannot have the names of its helpers."""
    settled: bool = False
    children: dict[str, Entry] = field(factory=dict)
    """Entries of the helper stubs of a skeleton, by the helper's name."""
    waiting_for: frozenset[Entry] = frozenset()
    allies: set[Entry] = field(factory=set)
    """Entries in a circle with this one, whose unsettled candidates count."""
    ending: Ending | None = None
    """How its agents ended, once it is settled."""
    given: bool = False
    """Written before the run: it is there for the others, and nobody works on it."""
    stopped: bool = False
    """Somebody stopped its agent: nobody takes it up again in this run."""
    appeals: int = 0
    """How often it was taken up again because a test of another entry failed in it."""
    on_hold_for: Entry | None = None
    """The entry in which its own test failed, while it waits for that one to change."""
    basis: dict[Entry, Candidate | None] = field(factory=dict)
    """What its evidence rests on: other stubs of the request that its tests reached, as they were then."""

    @property
    def root(self) -> Entry:
        """The stub of the request that this entry belongs to."""
        return self if self.parent is None else self.parent.root

    @property
    def subject(self) -> Subject:
        """The entry as its tests know it."""
        return Subject(self.address, self.contract, self.document.path, self.document.held)

    def ancestors(self) -> Iterator[Entry]:
        """The mothers above, nearest first."""
        if self.parent is not None:
            yield self.parent
            yield from self.parent.ancestors()

    def family(self) -> Iterator[Entry]:
        """This entry and all below it."""
        yield self
        for child in self.children.values():
            yield from child.family()

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the helpers below it that have no code because their agents were stopped."""
        return tuple(e.contract.name for e in self.family() if e.stopped and e.candidate is None and e is not self)

    def blockers(self) -> frozenset[Entry]:
        """The entries that must settle before this one can go on: those it waits for, and a mother's helpers."""
        below = {c for c in self.children.values() if not c.settled}
        on_hold = {self.on_hold_for}
        return frozenset(
            e for e in self.waiting_for | below if not e.settled and (e not in self.allies or e in on_hold)
        )

    def depends_on(self, other: Entry) -> bool:
        """Whether this entry is on hold for another, or for one that is."""
        held = self.on_hold_for
        return held is not None and (held is other or held.depends_on(other))


def assemble(entry: Entry, visible: Callable[[Entry], bool]) -> Candidate | None:
    """An entry's candidate with the visible candidates of its helpers filled in."""
    own = entry.candidate
    if own is None or not entry.children:
        return own
    helpers: list[Helper] = []
    imports = list(own.imports)
    for helper in own.helpers:
        child = entry.children.get(helper.name)
        part = assemble(child, visible) if child is not None and visible(child) else None
        if part is None:
            helpers.append(helper)
        else:
            helpers += [evolve(helper, source=fill(helper.source, part.body)), *part.helpers]
            imports += part.imports
    return Candidate(own.body, tuple(helpers), tuple(dict.fromkeys(imports)))


NAMESAKES = 4
"""How many entries may end in a name for it to mean all of them."""


class Board:
    """All entries of a run, and the waiting between them.

    Parameters
    ----------
    documents
        The files that stubs are implemented in.
    unsaved
        Other files with the content that candidates are tested with, where that is not what is on disk.
    """

    def __init__(self, documents: Collection[Document], unsaved: Mapping[Path, bytes] | None = None) -> None:
        self.documents = tuple(documents)
        self._unsaved = dict(unsaved or {})
        self._changed = asyncio.Condition()
        self._texts: dict[Document, tuple[tuple[Candidate | None, ...], str]] = {}

    @property
    def roots(self) -> tuple[Entry, ...]:
        """The stubs of the request, and what was given with it."""
        return tuple(e for d in self.documents for e in d.entries)

    @property
    def wanted(self) -> tuple[Entry, ...]:
        """The stubs of the request."""
        return tuple(e for e in self.roots if not e.given)

    def entries(self) -> Iterator[Entry]:
        """Every entry, helpers included."""
        for root in self.roots:
            yield from root.family()

    def addresses(self) -> frozenset[Address]:
        """Every entry's address."""
        return frozenset(e.address for e in self.entries())

    def at(self, names: Collection[str]) -> frozenset[Entry]:
        """The entries at addresses given as text."""
        return frozenset(e for e in self.entries() if str(e.address) in names)

    def named(self, names: Collection[str]) -> frozenset[Entry]:
        """The entries that names in some code may mean; names that many entries end in tell nothing."""
        ends: dict[str, list[Entry]] = {}
        for entry in self.entries():
            owner, _, name = entry.contract.qualname.rpartition(".")
            ends.setdefault(owner if name in ("__init__", "__new__") else name, []).append(entry)
        return frozenset(e for name, found in ends.items() if name in names and len(found) <= NAMESAKES for e in found)

    async def text(self, document: Document, focus: Collection[Entry] = ()) -> str:
        """A document with the candidates of all settled entries, of `focus` and of the mothers above it.

        Raises
        ------
        SpliceError
            The candidates cannot stand in one file.
        """
        seen = set(focus) | {a for e in focus for a in e.ancestors()}

        def visible(entry: Entry) -> bool:
            return entry.settled or entry in seen

        parts = tuple(assemble(e, visible) if visible(e) else None for e in document.entries)
        known = self._texts.get(document)
        if known is not None and known[0] == parts:
            return known[1]
        items = [
            (e.stub, c) for e, c in zip(document.entries, parts, strict=True) if e.stub is not None and c is not None
        ]
        text = (await asyncio.to_thread(splice, document.text, items)).text if items else document.text
        self._texts[document] = (parts, text)
        return text

    async def overlay(self, focus: Collection[Entry] = ()) -> dict[Path, bytes]:
        """The files that differ from what is on disk."""
        found = dict(self._unsaved)
        for document in self.documents:
            text = await self.text(document, focus)
            if text != document.text:
                found[document.path] = document.file.encode(text)
            elif document.held is not None:
                found[document.path] = document.held
        return found

    def claimed(self, entry: Entry) -> dict[str, str]:
        """Helpers that other agents add to the same document: source by name."""
        return {h.name: h.source for c in self._others(entry) for h in c.helpers}

    def imported(self, entry: Entry) -> frozenset[str]:
        """Import statements that other agents add to the same document."""
        return frozenset(i for c in self._others(entry) for i in c.imports)

    def _others(self, entry: Entry) -> Iterator[Candidate]:
        mine = set(entry.family())
        for root in entry.document.entries:
            for other in root.family():
                if other not in mine:
                    yield from filter(None, (other.candidate, other.claim))

    def present(self, entry: Entry) -> frozenset[Entry]:
        """The entries that count as they are when `entry` is tested now: the settled ones, and those bound to it."""
        related = {entry, *entry.ancestors(), *entry.allies}
        return frozenset(e for e in self.entries() if e.settled or e in related)

    def basis(self, entry: Entry, reached: Collection[str]) -> dict[Entry, Candidate | None]:
        """The other stubs of the request among those reached, with the candidates that count for `entry` now."""
        seen = {entry, *entry.ancestors(), *entry.allies}
        roots = {e.root for e in self.at(reached)} - {entry.root}
        return {r: assemble(r, lambda e: e.settled or e in seen) if r.settled or r in seen else None for r in roots}

    def final(self, root: Entry) -> Candidate | None:
        """The candidate of a settled stub of the request, helpers filled in."""
        return assemble(root, lambda e: e.settled)

    async def settle(self, entry: Entry, ending: Ending) -> None:
        """Mark an entry as done; a candidate that failed is taken out of the text."""
        async with self._changed:
            if not ending.good:
                for below in entry.family():
                    below.settled = True  # whoever waits for a helper whose mother was stopped waits no longer
                entry.candidate = None
                entry.children = {}
            entry.ending, entry.claim = ending, None
            entry.settled = True
            # Whoever was still at work may have been all that kept a circle open.
            for waiting in [e for e in self.entries() if e.waiting_for]:
                self._join_circle(waiting)
            self._changed.notify_all()

    def reopen(self, entry: Entry) -> None:
        """Take an entry up again for a modification."""
        entry.settled = False

    async def wait(self, entry: Entry, pending: frozenset[Entry]) -> None:
        """Wait until all of `pending` are settled or found to wait for this entry in turn."""
        async with self._changed:
            entry.waiting_for = pending
            self._join_circle(entry)
            try:
                await self._changed.wait_for(lambda: not any(not e.settled and e not in entry.allies for e in pending))
            finally:
                entry.waiting_for = frozenset()

    async def hold(self, entry: Entry, culprit: Entry) -> None:
        """Wait until `culprit` is settled, in a circle with it or not."""
        async with self._changed:
            entry.waiting_for, entry.on_hold_for = frozenset({culprit}), culprit
            self._join_circle(entry)
            try:
                await self._changed.wait_for(lambda: culprit.settled)
            finally:
                entry.waiting_for, entry.on_hold_for = frozenset(), None

    def _join_circle(self, start: Entry) -> None:
        """If everybody that `start` depends on waits, none will ever settle: let them count on one another."""
        circle, todo = set(), [start]
        while todo:
            entry = todo.pop()
            if entry not in circle:
                circle.add(entry)
                todo += entry.blockers()
        if all(entry.blockers() for entry in circle):
            for entry in circle:
                entry.allies |= circle - {entry}
            self._changed.notify_all()
