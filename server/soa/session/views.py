"""Immutable views of a session: what capabilities are given to show.

Positions are character offsets into the text (`Span`, `Stub`); `DocumentView.lines` turns them into lines and columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import evolve, field, frozen

if TYPE_CHECKING:
    from pathlib import Path

    from soa.contracts import Proposal, Status, Stub
    from soa.crew import Agent
    from soa.session.lines import Lines
    from soa.settings import Settings

State = Literal["empty", "running", "ready", "failed", "stale"]
"""Of a stub: nothing known; a run is at it; a proposal can be accepted; the last run failed (the proposal's `reason`
says why); the proposal at hand is for a contract that has changed since."""


@frozen
class Key:
    """Identity of a contract in a session: what runs and proposals belong to."""

    root: Path
    """The workspace."""
    relative: str
    digest: str


@frozen
class Kept:
    """A proposal, and when it was made."""

    proposal: Proposal
    at: float
    """Seconds since the epoch."""


@frozen
class RunView:
    """A run as it stands."""

    ident: str
    title: str
    """`Ledger.post`, `3 stubs of ledger.py`: for people."""
    root: Path
    keys: frozenset[Key]
    agents: tuple[Agent, ...] = field(repr=False)
    """The agents without a mother, each with those below it. Read at once: they go on changing."""
    done: int
    """Agents that have ended."""
    total: int
    """Agents so far."""
    passed: int
    """Tests passed in the agents' last test runs."""
    failed: int
    calls: int
    tokens: int
    seconds: float
    status: Literal["running", "done", "cancelled", "failed"] = "running"
    problem: str = ""
    """Why it failed as a whole: message and advice."""
    decompose: bool = False
    settled: int = 0
    """Stubs that the run is done with, of those in `keys`: their proposals have come, or their agents were stopped."""
    stubs: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Path, as addresses name it, and qualified name of each stub."""
    lost: int = 0
    """Of the settled ones, those that failed."""
    unverified: int = 0
    """Of the settled ones, those that nothing could judge."""
    model: str = ""
    """What answers its agents; empty: not known yet."""
    began: float = 0.0
    """Seconds since the epoch."""
    sandbox: str = ""
    """The kind of sandbox that its candidates run in; empty: not known yet."""


@frozen
class StubView:
    """A stub of an open document with what is known of it."""

    stub: Stub
    key: Key
    state: State
    kept: Kept | None = None
    """The proposal, for `ready`, `failed` and `stale`."""
    run: RunView | None = None
    """For `running`."""

    @property
    def name(self) -> str:
        """The qualified name."""
        return self.stub.contract.qualname

    @property
    def kept_key(self) -> Key | None:
        """Identity of the contract that the proposal at hand was made for: another one, if it is stale."""
        return evolve(self.key, digest=self.kept.proposal.contract.digest) if self.kept else None

    @property
    def status(self) -> Status | None:
        """How the proposal at hand ended."""
        return self.kept.proposal.status if self.kept else None


@frozen
class DocumentView:
    """An open document (a file, or one cell of a notebook) at one version."""

    uri: str
    path: Path
    """Of the file; of the notebook, for a cell."""
    relative: str
    """The path as addresses name it."""
    root: Path
    """The workspace."""
    version: int | None
    text: str = field(repr=False)
    lines: Lines = field(repr=False)
    stubs: tuple[StubView, ...] = field(repr=False)
    settings: Settings = field(repr=False)
    problem: str = ""
    """Why nothing can be implemented here (a settings error, no file, no trust), for people; empty if all is well."""
    notebook: str = ""
    """URI of the notebook, for a cell."""
    trusted: bool = True
    """Whether anything may run; where it may not, `problem` says so."""

    def at(self, offset: int) -> StubView | None:
        """The stub whose definition holds an offset."""
        return next((s for s in self.stubs if s.stub.definition.start <= offset <= s.stub.definition.end), None)

    def within(self, start: int, end: int) -> tuple[StubView, ...]:
        """The stubs that a range touches."""
        return tuple(s for s in self.stubs if s.stub.definition.start <= end and start <= s.stub.definition.end)

    def rests_on(self, stub: StubView) -> tuple[StubView, ...]:
        """The other stubs that the tests of a proposal called: it was tested with what is proposed for them."""
        results = stub.kept.proposal.evidence.judged if stub.kept else ()
        reached = {name for result in results for name in result.reached} - {f"{self.relative}::{stub.name}"}
        if not reached:
            return ()
        return tuple(s for s in self.stubs if f"{self.relative}::{s.name}" in reached)

    def named(self, qualname: str) -> StubView | None:
        """The first stub with a qualified name."""
        return next((s for s in self.stubs if s.name == qualname), None)
