"""Who gets a task: size decides first, failure second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from soa.agents.child import Child
from soa.agents.ending import Ending
from soa.agents.mother import Mother
from soa.agents.report import report
from soa.agents.scope import STOPPED, alone
from soa.agents.sizing import needs_mother
from soa.contracts import Role, Status
from soa.errors import LimitReached, ModelBusy, ModelUnreachable, SoaError
from soa.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine
    from typing import Any

    from soa.agents.board import Entry
    from soa.agents.colony import Colony, Member
    from soa.contracts import Candidate
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

        So is a stop: no other agent takes the entry up then.

        Raises
        ------
        ModelError
            The endpoint gives no answers at all.
        """
        if self._colony.was_stopped(entry):
            entry.stopped = True
            ending = STOPPED
        elif needs_mother(entry.contract, entry.depth, self._colony.settings):
            ending = await self._work("mother", entry, parent)
            if ending.refused:
                ending = await self._work("child", entry, parent)
        else:
            ending = await self._work("child", entry, parent)
            if ending.status is Status.FAILED and not ending.refused and entry.depth < self._colony.settings.depth:
                ending = self._better(ending, await self._work("mother", entry, parent))
        await self._colony.board.settle(entry, ending)
        return ending

    async def decompose(self, entry: Entry) -> Ending:
        """Write an entry's skeleton and nothing below it."""
        member = self._colony.enlist("mother", entry, None)
        agent = Mother(self._colony, member, self.implement, self.modify)
        ending = await self._carry_out(member, agent.decompose())
        await self._colony.board.settle(entry, ending)
        return ending

    async def modify(self, entry: Entry, observation: str, extra: tuple[Test, ...] = ()) -> Ending:
        """Let the agent of an entry change its work; if there is none, or it is stopped, all stays as it was."""
        if not self.can_modify(entry):
            assert entry.ending is not None
            return entry.ending
        member, agent = self._agents[entry]
        before = _Work.of(entry)
        self._colony.board.reopen(entry)
        ending = await self._carry_out(member, agent.modify(observation, extra))
        if ending is STOPPED:
            return await self._restore(before)
        await self._colony.board.settle(entry, ending)
        return ending

    async def improve(self, entry: Entry, observation: str, extra: tuple[Test, ...] = ()) -> bool:
        """Like `modify`, but an entry that gets no better keeps what it had. Whether its code has changed."""
        before = _Work.of(entry)
        ending = await self.modify(entry, observation, extra)
        if not ending.good:
            await self._restore(before)
        return _Work.of(entry) != before

    def appeal(self, culprit: Entry, result: TestResult) -> bool:
        """Somebody's test failed inside another entry: let that one change. Whether it is worth waiting for it.

        An entry that is not settled is at work anyway. One that is settled is taken up again, but not without end.
        """
        if not culprit.settled:
            return True
        if culprit.appeals >= APPEALS or not self.can_modify(culprit):
            return False
        culprit.appeals += 1
        self._colony.board.reopen(culprit)
        extra = (result.test,) if result.test.origin == "project" else ()
        self._colony.start(self.improve(culprit, report(Evidence((result,))), extra))
        return True

    def can_modify(self, entry: Entry) -> bool:
        """Whether an agent is still there that knows the entry, and was not stopped."""
        return entry in self._agents and not entry.stopped

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
        return await self._carry_out(member, agent.implement())

    async def _carry_out(self, member: Member, work: Coroutine[Any, Any, Ending]) -> Ending:
        """Do an agent's work, and note how it ended."""
        ending = await self._guard(alone(self._colony, member, work))
        if ending is None:
            return STOPPED
        self._colony.dismiss(member, ending)
        return ending

    async def _guard(self, work: Awaitable[Ending | None]) -> Ending | None:
        try:
            return await work
        except (SoaError, BaseExceptionGroup) as raised:
            passing = (LimitReached, ModelUnreachable, ModelBusy) if self._colony.answered else (LimitReached,)
            reason = _all_of(raised, passing)
            if reason is None:
                raise
            return Ending(Status.FAILED, str(reason), refused=True)

    async def _restore(self, before: _Work) -> Ending:
        assert before.ending is not None
        before.restore()
        await self._colony.board.settle(before.entry, before.ending)
        return before.ending

    def _better(self, child: Ending, mother: Ending) -> Ending:
        """After a mother could not help, the child's reason says more about the function."""
        return mother if mother.good or not mother.refused else child


@frozen
class _Work:
    """What an entry, and those below it, had before a modification; two are equal if their code is."""

    entry: Entry
    candidate: Candidate | None
    ending: Ending | None = field(eq=False)
    below: tuple[tuple[str, _Work], ...]
    """Of its helpers, by name."""

    @classmethod
    def of(cls, entry: Entry) -> _Work:
        """What there is now."""
        below = tuple((name, cls.of(child)) for name, child in entry.children.items())
        return cls(entry, entry.candidate, entry.ending, below)

    def restore(self) -> None:
        """Have all of it again as it was."""
        self.entry.candidate, self.entry.ending, self.entry.settled = self.candidate, self.ending, True
        self.entry.children = {name: part.entry for name, part in self.below}
        for _, part in self.below:
            part.restore()


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
