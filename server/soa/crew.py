"""The agents of a run as its events tell of them: what a live tree draws and an editor shows."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soa.contracts import Address, Role, Status
    from soa.events import Event


@define(eq=False)
class Agent:
    """One agent, and what it is at."""

    ident: str
    """`a1`, `a2`, ... in its run."""
    role: Role
    address: Address
    started: float
    doing: str = "starting"
    passed: int = 0
    failed: int = 0
    tokens: int = 0
    status: Status | None = None
    reason: str = ""
    """Why it ended as it did; empty if all is well."""
    ended: float = 0.0
    below: list[Agent] = field(factory=list)

    @property
    def seconds(self) -> float:
        """How long it has been at work."""
        return (self.ended or monotonic()) - self.started

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
        self._by_ident: dict[str, Agent] = {}

    def hear(self, event: Event) -> None:
        """Take in one event."""
        if event.kind == "agent-started" and event.address and event.role:
            self._add(event, Agent(event.agent, event.role, event.address, monotonic()))
        if event.kind == "run-started":
            self.model = event.model
        if event.kind == "call-ended":
            self.calls += event.usage.calls
            self.tokens += event.usage.tokens
        agent = self._by_ident.get(event.agent)
        if agent is not None:
            before = (agent.status is None, agent.passed, agent.failed)
            _update(agent, event)
            self.at_work -= before[0] - (agent.status is None)
            self.passed += agent.passed - before[1]
            self.failed += agent.failed - before[2]

    def _add(self, event: Event, agent: Agent) -> None:
        mother = self._by_ident.get(event.parent)
        (mother.below if mother else self.first).append(agent)
        self._by_ident[event.agent] = agent
        self.at_work += 1

    @property
    def total(self) -> int:
        """How many agents there have been so far."""
        return len(self._by_ident)


def _update(agent: Agent, event: Event) -> None:
    if event.kind == "call-ended":
        agent.tokens += event.usage.tokens
        agent.doing = "reading"
    elif event.kind == "call-started":
        agent.doing = event.step
    elif event.kind == "tested":
        agent.passed, agent.failed, agent.doing = event.passed, event.failed, "tested"
    elif event.kind in ("refused", "waiting"):
        agent.doing = event.kind
    elif event.kind == "agent-ended":
        agent.status, agent.reason, agent.ended = event.status, event.text, monotonic()
