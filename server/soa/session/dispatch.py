"""Wishes become runs: what is at hand or under way is shared, the rest is run, and nobody's run is ended by another."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from soa.contracts import Address, Proposal, Status
from soa.engine.ident import new_ident
from soa.errors import SoaError
from soa.session.advice import for_editor
from soa.session.client import Message
from soa.session.runs import Run, Runs, Stake
from soa.session.views import Kept, Key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from soa.engine.implementer import Implementer, Order
    from soa.events import Event, RunResult
    from soa.session.desk import Desk
    from soa.session.selection import Selected
    from soa.session.wishes import Wish

    Ordering = Callable[[Path, Sequence[Selected], Wish, str], Order]

log = logging.getLogger(__name__)


class Dispatch:
    """Starts runs and follows them.

    Parameters
    ----------
    order
        Makes the order for some stubs of a workspace, with the run's id.
    changed
        Is told that something about a run, or about these contracts, is to be shown anew.
    ready
        Is told of each contract whose proposal has come, and whether a save had asked for it.
    tell
        Tells the user.
    """

    def __init__(  # noqa: PLR0913 - the one place where wishes, runs and proposals meet
        self,
        implementer: Implementer,
        desk: Desk,
        runs: Runs,
        *,
        order: Ordering,
        changed: Callable[[Run], None],
        ready: Callable[[Key, bool], None],
        tell: Callable[[Message], None],
    ) -> None:
        self._implementer = implementer
        self._desk = desk
        self._runs = runs
        self._order = order
        self._changed = changed
        self._ready = ready
        self._tell = tell

    async def settle(
        self,
        wanted: Callable[[], Sequence[Selected]],
        wish: Wish,
        began: Callable[[str], None] = lambda ident: None,
    ) -> tuple[Run, ...]:
        """Have stubs implemented; returns once all of them are settled, with the runs that were at it.

        `wanted` says which stubs are still meant, in the texts as they are when it is asked. `began` is called with
        the id of each of these runs. Cancelling withdraws the wish: runs that nobody else wants end.
        """
        selected, missing = await self._missing(wanted, wish)
        stake = Stake(missing, wish.owner, wish.by_save)
        self._start_missing(selected, missing, wish)
        runs = tuple(dict.fromkeys(run for key in missing if (run := self._runs.at(key)) is not None))
        for run in runs:
            run.stakes.add(stake)
            began(run.ident)
        try:
            if tasks := [run.task for run in runs if run.task is not None]:
                await asyncio.wait(tasks)
        except asyncio.CancelledError:
            for run in runs:
                run.withdraw(stake)
            raise
        return runs

    def stop(self, ident: str, agent: str) -> int:
        """End one agent of a run and all below it; how many were at work."""
        run = self._runs.get(ident)
        first = run.crew.find(agent) if run is not None and not run.ending else None
        count = sum(one.status is None for one in first.family()) if first is not None else 0
        if count:
            self._implementer.stop(ident, agent)
        return count

    async def close(self) -> None:
        """End all runs, and wait until they have ended."""
        tasks = [run.task for run in self._runs.active if run.task is not None]
        for run in self._runs.active:
            run.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _missing(
        self, wanted: Callable[[], Sequence[Selected]], wish: Wish
    ) -> tuple[Sequence[Selected], frozenset[Key]]:
        """What has to be run or is under way; runs that are about to end, or at something else, are waited for."""
        while True:
            selected = wanted()
            missing = frozenset(k for one in selected for k in one.stubs if not self._at_hand(k, wish))
            found = (self._runs.at(key) for key in missing)
            others = (run for run in found if run is not None and (run.ending or not run.serves(wish)))
            awaited = {run.task for run in others if run.task is not None}
            if not awaited:
                return selected, missing
            await asyncio.wait(awaited)

    def _at_hand(self, key: Key, wish: Wish) -> bool:
        kept = self._desk.get(key)
        if wish.again or kept is None or self._runs.at(key) is not None:
            return False
        return kept.proposal.writable and kept.proposal.skeleton == wish.decompose

    def _start_missing(self, selected: Sequence[Selected], missing: frozenset[Key], wish: Wish) -> None:
        fresh = frozenset(key for key in missing if self._runs.at(key) is None)
        wanted = [part for one in selected if (part := one.only(fresh)).stubs]
        for root in dict.fromkeys(one.root for one in wanted):
            self._start(root, [one for one in wanted if one.root == root], wish)

    def _start(self, root: Path, wanted: Sequence[Selected], wish: Wish) -> None:
        stubs = {key: stub for one in wanted for key, stub in one.stubs.items()}
        run = Run(new_ident(), root, stubs, wish)
        order = self._order(root, wanted, wish, run.ident)
        self._runs.add(run)
        run.task = asyncio.create_task(self._follow(run, order), name=f"run {run.ident}")
        run.task.add_done_callback(lambda task: self._note_end(run, task))
        self._changed(run)

    async def _follow(self, run: Run, order: Order) -> None:
        """Carry a run to its end; whatever happens, it ends as a value."""
        try:
            result = await self._implementer.run(order, _Ear(self, run))
        except SoaError as error:
            self._fail(run, error.message, error.advice)
        except Exception as error:
            log.exception("run %s", run.ident)
            self._fail(run, f"SoA itself failed: {type(error).__name__}: {error}. The log has the details.")
        else:
            self._conclude(run, result)

    def _note_end(self, run: Run, task: asyncio.Task[None]) -> None:
        """Not at the end of `_follow`: a task that is cancelled at once never begins."""
        if task.cancelled():
            run.status = "cancelled"
        self._runs.retire(run)
        self._changed(run)

    def _conclude(self, run: Run, result: RunResult) -> None:
        run.status = "cancelled" if run.stopped.issuperset(run.stubs) else "done"
        problem = " ".join(result.warnings)
        for proposal in result.proposals:
            if proposal.status is not Status.CANCELLED:
                self.keep(run, proposal)
        if problem:
            self._fail(run, problem)

    def _fail(self, run: Run, reason: str, advice: str = "") -> None:
        """The reason is shown at each stub; the advice is given once."""
        reason = for_editor(reason)
        problem = for_editor(f"{reason}\n{advice}".rstrip())
        run.status, run.problem = "failed", problem
        for key, stub in run.stubs.items():
            kept = self._desk.get(key)
            if key not in (*run.settled, *run.stopped) and (kept is None or not kept.proposal.writable):
                address = Address(key.relative, stub.contract.qualname)
                lost = Proposal(address, stub.contract, Status.FAILED, None, reason=reason)
                self._desk.keep(key, Kept(lost, time.time()))
        asked = any(not stake.by_save for stake in run.stakes)
        self._tell(Message("error" if asked else "log", f"{run.title}: {problem}"))

    def keep(self, run: Run, proposal: Proposal) -> None:
        """Lay a proposal on the desk; what the run says of it later counts unless it was rejected or made anew."""
        key = Key(run.root, proposal.address.path, proposal.contract.digest)
        kept, before = Kept(proposal, time.time()), run.settled.get(key)
        if before is None:
            self._desk.keep(key, kept)
        elif before.proposal == proposal or not self._desk.replace(key, before, kept):
            return
        self._runs.settle(run, key, kept)
        self._ready(key, any(s.by_save and key in s.keys for s in run.stakes))

    def hear(self, run: Run, events: Sequence[Event]) -> None:
        """Take in what happened in a run."""
        for event in events:
            run.crew.hear(event, time.monotonic())
            if event.kind == "warning":
                self._tell(Message("warning", for_editor(event.text)))
        self._changed(run)

    def proposed(self, run: Run, proposal: Proposal) -> None:
        """Take in a proposal while its run goes on; one that is cancelled has nothing to show."""
        if proposal.status is Status.CANCELLED:
            self._runs.let_go(run, Key(run.root, proposal.address.path, proposal.contract.digest))
        else:
            self.keep(run, proposal)
        self._changed(run)


class _Ear:
    """Listens to one run."""

    def __init__(self, dispatch: Dispatch, run: Run) -> None:
        self._dispatch = dispatch
        self._run = run

    def events(self, events: Sequence[Event]) -> None:
        self._dispatch.hear(self._run, events)

    def proposal(self, proposal: Proposal) -> None:
        self._dispatch.proposed(self._run, proposal)
