"""Runs under way and those that ended: who wants them, how they stand, when they are given up."""

from __future__ import annotations

import time
from collections import deque
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from attrs import define, field, frozen

from soa.contracts import Status
from soa.crew import Crew
from soa.session.views import RunView

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence
    from pathlib import Path

    from soa.contracts import Stub
    from soa.session.views import Kept, Key
    from soa.session.wishes import Wish

REMEMBERED = 50
"""Runs that are still listed after they ended."""


def title_of(stubs: Sequence[tuple[str, str]]) -> str:
    """What a run with these stubs (path and qualified name) is called for people."""
    files = tuple(dict.fromkeys(file for file, _ in stubs))
    if len(stubs) == 1:
        return stubs[0][1]
    if len(files) > 1:
        return f"{len(stubs)} stubs in {len(files)} files"
    return f"{len(stubs)} stubs of {PurePosixPath(files[0]).name}" if files else "no stubs"


@frozen(eq=False)
class Stake:
    """Somebody's interest in runs."""

    keys: frozenset[Key]
    owner: str = ""
    """URI of the document whose closing ends it."""
    by_save: bool = False


@define(eq=False)
class Run:
    """One run."""

    ident: str
    root: Path
    stubs: dict[Key, Stub]
    wish: Wish
    """What it was begun for."""
    crew: Crew = field(factory=Crew)
    stakes: set[Stake] = field(factory=set)
    settled: dict[Key, Kept] = field(factory=dict)
    """Proposals that have come; the run may say more about them until it ends."""
    stopped: set[Key] = field(factory=set)
    """Those whose agents were stopped: the run goes on without them."""
    task: asyncio.Task[None] | None = None
    status: Literal["running", "done", "cancelled", "failed"] = "running"
    problem: str = ""
    started: float = field(factory=time.monotonic)
    began: float = field(factory=time.time)
    """Seconds since the epoch."""
    ended: float = 0.0
    ending: bool = False
    """It was cancelled and is about to end: too late to want it."""
    names: tuple[tuple[str, str], ...] = field(init=False)

    @names.default
    def _names(self) -> tuple[tuple[str, str], ...]:
        return tuple((key.relative, stub.contract.qualname) for key, stub in self.stubs.items())

    @property
    def title(self) -> str:
        """What it is called for people."""
        return title_of(self.names)

    def view(self) -> RunView:
        """The run as it stands."""
        crew = self.crew
        ends = [kept.proposal.status for kept in self.settled.values()]
        return RunView(
            self.ident,
            self.title,
            self.root,
            frozenset(self.stubs),
            tuple(crew.first),
            crew.total - crew.at_work,
            crew.total,
            crew.passed,
            crew.failed,
            crew.calls,
            crew.tokens,
            (self.ended or time.monotonic()) - self.started,
            self.status,
            self.problem,
            self.wish.decompose,
            len(self.settled) + len(self.stopped),
            self.names,
            ends.count(Status.FAILED),
            ends.count(Status.UNVERIFIED),
            crew.model,
            self.began,
            crew.sandbox,
        )

    def serves(self, wish: Wish) -> bool:
        """Whether it will give what a wish asks for at its contracts; a save is content with whatever is under way."""
        mine = self.wish
        fresh = mine.again or not wish.again
        return wish.by_save or (mine.decompose == wish.decompose and fresh and wish.remark in ("", mine.remark))

    def withdraw(self, stake: Stake) -> None:
        """End an interest; a run that nobody wants any more is cancelled."""
        self.stakes.discard(stake)
        if not self.stakes:
            self.cancel()

    def cancel(self) -> None:
        """End the run, whoever wants it."""
        if self.task is not None and not self.ending:
            self.ending = True
            self.task.cancel()


@define(eq=False)
class Runs:
    """All runs of a session; at most one is under way for a contract."""

    _active: dict[str, Run] = field(factory=dict)
    _by_key: dict[Key, Run] = field(factory=dict)
    _ended: deque[Run] = field(factory=lambda: deque(maxlen=REMEMBERED))

    @property
    def active(self) -> tuple[Run, ...]:
        """Those under way, the oldest first."""
        return tuple(self._active.values())

    def at(self, key: Key) -> Run | None:
        """The run that is at a contract and has not settled it yet."""
        return self._by_key.get(key)

    def get(self, ident: str) -> Run | None:
        """A run under way, by its id."""
        return self._active.get(ident)

    def cancel(self, ident: str) -> bool:
        """End a run under way; whether there was one."""
        run = self.get(ident)
        if run is not None:
            run.cancel()
        return run is not None

    def add(self, run: Run) -> None:
        """Note that a run begins."""
        self._active[run.ident] = run
        self._by_key |= dict.fromkeys(run.stubs, run)

    def settle(self, run: Run, key: Key, kept: Kept) -> None:
        """Note a run's proposal for a contract: from now on it can be accepted, rejected, or made again by another."""
        run.settled[key] = kept
        self._release(run, key)

    def let_go(self, run: Run, key: Key) -> None:
        """Note that a run gives nothing for a contract, as its agent was stopped: another run may."""
        run.stopped.add(key)
        self._release(run, key)

    def retire(self, run: Run) -> None:
        """Note that a run has ended."""
        run.ended = time.monotonic()
        run.crew.break_off(run.ended)
        del self._active[run.ident]
        for key in run.stubs:
            self._release(run, key)
        self._ended.appendleft(run)

    def _release(self, run: Run, key: Key) -> None:
        if self._by_key.get(key) is run:
            del self._by_key[key]

    def views(self) -> tuple[RunView, ...]:
        """Those under way, then those that ended, the newest first."""
        return tuple(run.view() for run in (*reversed(self.active), *self._ended))

    def withdraw(self, owner: str) -> None:
        """End the interest of a document that was closed."""
        for run in self.active:
            for stake in [s for s in run.stakes if s.owner == owner]:
                run.withdraw(stake)

    def supersede(self, owner: str, standing: frozenset[Key]) -> None:
        """End the interest of a document's earlier saves in contracts that do not stand there any more."""
        for run in self.active:
            for stake in [s for s in run.stakes if s.by_save and s.owner == owner and not s.keys & standing]:
                run.withdraw(stake)
