"""The agents of a run as its events tell of them: what a live tree draws and an editor shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from soa.contracts import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soa.contracts import Address, Role
    from soa.events import Event


@define(eq=False)
class Agent:
    """One agent, and what it is at."""

    ident: str
    """`a1`, `a2`, ... in its run."""
    role: Role
    address: Address
    started: float
    """In seconds of the clock by which its crew hears events."""
    doing: str = "starting"
    passed: int = 0
    failed: int = 0
    tokens: int = 0
    status: Status | None = None
    reason: str = ""
    """Why it ended as it did; empty if all is well."""
    ended: float = 0.0
    below: list[Agent] = field(factory=list)

    def seconds(self, now: float) -> float:
        """How long it has been at work."""
        return (now if self.status is None else self.ended) - self.started

    def family(self) -> Iterator[Agent]:
        """This agent and all below it."""
        yield self
        for agent in self.below:
            yield from agent.family()


class Crew:
    """All agents of a run."""

    def __init__(self) -> None:
        self.first: list[Agent] = []
        """Those without a mother, in the order in which they started."""
        self.calls = 0
        self.tokens = 0
        self.at_work = 0
        """How many agents have not ended."""
        self.passed = 0
        """Tests that passed when each agent's code was run last."""
        self.failed = 0
        self.model = ""
        """What answers the agents; empty: not known yet."""
        self.sandbox = ""
        """The kind of sandbox that their candidates run in; empty: not known yet."""
        self.total = 0
        """How many agents there have been so far."""
        self.seconds = 0.0
        """How long the run has been under way, as far as events tell; not while it waited to be resumed."""
        self._by_ident: dict[str, Agent] = {}
        self._last: float | None = None

    def hear(self, event: Event, at: float) -> None:
        """Take in one event that happened at `at`, in seconds of any clock, the same for all."""
        if event.kind == "run-started":
            self.break_off()
            self.model, self.sandbox, self._last = event.model, event.sandbox, at
        self._pass(at)
        if event.kind == "agent-started" and event.address and event.role:
            self._add(event, Agent(event.agent, event.role, event.address, at))
        if event.kind == "call-ended":
            self.calls += event.usage.calls
            self.tokens += event.usage.tokens
        agent = self._by_ident.get(event.agent)
        if agent is not None:
            before = (agent.status is None, agent.passed, agent.failed)
            _update(agent, event, at)
            self.at_work -= before[0] - (agent.status is None)
            self.passed += agent.passed - before[1]
            self.failed += agent.failed - before[2]

    def find(self, ident: str) -> Agent | None:
        """An agent by its id."""
        return self._by_ident.get(ident)

    def break_off(self, at: float | None = None) -> None:
        """The run is over: whoever is still at work is so no more; without a time, since the last event."""
        if at is not None:
            self._pass(at)
        for agent in self._by_ident.values():
            if agent.status is None:
                agent.status, agent.ended = Status.CANCELLED, self._last or agent.started
                agent.reason = "its run has ended"
        self.at_work = 0

    def _pass(self, at: float) -> None:
        self.seconds += at - (at if self._last is None else self._last)
        self._last = at

    def _add(self, event: Event, agent: Agent) -> None:
        mother = self._by_ident.get(event.parent)
        (mother.below if mother else self.first).append(agent)
        self._by_ident[event.agent] = agent
        self.at_work += 1
        self.total += 1


def _update(agent: Agent, event: Event, at: float) -> None:
    if event.kind == "call-ended":
        agent.tokens += event.usage.tokens
        agent.doing = "reading"
    elif event.kind == "call-started":
        agent.doing = event.step
        agent.status, agent.reason = None, ""  # it may have ended before, and change its work now
    elif event.kind == "tested":
        agent.passed, agent.failed, agent.doing = event.passed, event.failed, "tested"
    elif event.kind in ("refused", "waiting"):
        agent.doing = event.kind
    elif event.kind == "agent-ended":
        agent.status, agent.reason, agent.ended = event.status, event.text, at
