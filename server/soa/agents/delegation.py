"""Who gets a task: size decides first, failure second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soa.agents.child import Child
from soa.agents.ending import Ending
from soa.agents.mother import Mother
from soa.agents.report import report
from soa.agents.sizing import needs_mother
from soa.contracts import Role, Status
from soa.errors import LimitReached, ModelBusy, ModelUnreachable, SoaError
from soa.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from soa.agents.board import Entry
    from soa.agents.colony import Colony, Member
    from soa.evidence import Test, TestResult


APPEALS = 2
"""How often a settled entry is taken up again because others' tests fail in it."""


class Delegation:
    """Gives each entry of a run to a child or a mother and keeps the agent for later modifications."""

    def __init__(self, colony: Colony) -> None:
        self._colony = colony
        self._agents: dict[Entry, tuple[Member, Child | Mother]] = {}
        colony.appeal = self.appeal

    async def implement(self, entry: Entry, parent: Member | None = None) -> Ending:
        """Implement an entry and settle it. A limit that is reached, or a call that fails among others, is an ending.

        Raises
        ------
        ModelError
            The endpoint gives no answers at all.
        """
        if needs_mother(entry.contract, entry.depth, self._colony.settings):
            ending = await self._work("mother", entry, parent)
            if ending.refused:
                ending = await self._work("child", entry, parent)
        else:
            ending = await self._work("child", entry, parent)
            if not ending.good and not ending.refused and entry.depth < self._colony.settings.depth:
                ending = self._better(ending, await self._work("mother", entry, parent))
        await self._colony.board.settle(entry, ending)
        return ending

    async def decompose(self, entry: Entry) -> Ending:
        """Write an entry's skeleton and nothing below it."""
        member = self._colony.enlist("mother", entry, None)
        agent = Mother(self._colony, member, self.implement, self.modify)
        ending = await self._guard(agent.decompose())
        self._colony.dismiss(member, ending)
        await self._colony.board.settle(entry, ending)
        return ending

    async def modify(self, entry: Entry, observation: str, extra: tuple[Test, ...] = ()) -> Ending:
        """Let the agent of an entry change its work; a helper that was left as it is keeps its ending."""
        member, agent = self._agents[entry]
        self._colony.board.reopen(entry)
        ending = await self._guard(agent.modify(observation, extra))
        self._colony.dismiss(member, ending)
        await self._colony.board.settle(entry, ending)
        return ending

    async def improve(self, entry: Entry, observation: str, extra: tuple[Test, ...] = ()) -> bool:
        """Like `modify`, but an entry that gets no better keeps what it had. Whether its code has changed."""
        before = (entry.candidate, entry.children, entry.ending)
        ending = await self.modify(entry, observation, extra)
        if not ending.good and before[2] is not None:
            entry.candidate, entry.children, _ = before
            await self._colony.board.settle(entry, before[2])
        return entry.candidate != before[0]

    def appeal(self, culprit: Entry, result: TestResult) -> bool:
        """Somebody's test failed inside another entry: let that one change. Whether it is worth waiting for it.

        An entry that is not settled is at work anyway. One that is settled is taken up again, but not without end.
        """
        if not culprit.settled:
            return True
        if culprit.appeals >= APPEALS or culprit not in self._agents:
            return False
        culprit.appeals += 1
        self._colony.board.reopen(culprit)
        extra = (result.test,) if result.test.origin == "project" else ()
        self._colony.start(self.improve(culprit, report(Evidence((result,))), extra))
        return True

    def can_modify(self, entry: Entry) -> bool:
        """Whether an agent is still there that knows the entry."""
        return entry in self._agents

    async def _work(self, role: Role, entry: Entry, parent: Member | None) -> Ending:
        try:
            member = self._colony.enlist(role, entry, parent)
        except LimitReached as limit:
            return Ending(Status.FAILED, str(limit), refused=True)
        agent = (
            Child(self._colony, member)
            if role == "child"
            else Mother(self._colony, member, self.implement, self.modify)
        )
        self._agents[entry] = (member, agent)
        ending = await self._guard(agent.implement())
        self._colony.dismiss(member, ending)
        return ending

    async def _guard(self, work: Awaitable[Ending]) -> Ending:
        try:
            return await work
        except (SoaError, BaseExceptionGroup) as raised:
            passing = (LimitReached, ModelUnreachable, ModelBusy) if self._colony.answered else (LimitReached,)
            reason = _all_of(raised, passing)
            if reason is None:
                raise
            return Ending(Status.FAILED, str(reason), refused=True)

    def _better(self, child: Ending, mother: Ending) -> Ending:
        """After a mother could not help, the child's reason says more about the function."""
        return mother if mother.good or not mother.refused else child


def _all_of(raised: BaseException, kinds: tuple[type[SoaError], ...]) -> SoaError | None:
    """The first error, if nothing worse than these kinds happened at the same time."""
    if isinstance(raised, BaseExceptionGroup):
        found = [_all_of(e, kinds) for e in raised.exceptions]
        return found[0] if all(found) else None
    return raised if isinstance(raised, kinds) else None


def first_error(raised: BaseException) -> SoaError | None:
    """The first error for people inside a group of errors."""
    if isinstance(raised, SoaError):
        return raised
    if isinstance(raised, BaseExceptionGroup):
        return next((e for e in map(first_error, raised.exceptions) if e is not None), None)
    return None
