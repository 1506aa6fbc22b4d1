"""Which agents of the runs under way are at which stub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from soa.contracts import Address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soa.crew import Agent
    from soa.session.views import DocumentView, StubView


@frozen
class Teams:
    """The agents at the stubs of a document."""

    relative: str
    first: Mapping[Address, list[Agent]]
    """The agents without a mother."""

    @classmethod
    def of(cls, view: DocumentView) -> Teams:
        """The agents of all runs that are at a document."""
        first: dict[Address, list[Agent]] = {}
        runs = {stub.run.ident: stub.run for stub in view.stubs if stub.run is not None}
        for run in runs.values():
            for agent in run.agents:
                first.setdefault(agent.address, []).append(agent)
        return cls(view.relative, first)

    def at(self, stub: StubView) -> list[Agent]:
        """The agents at a stub, each with those below it; none before its first one has started."""
        return self.first.get(Address(self.relative, stub.name), [])

    def count(self, stub: StubView) -> tuple[int, int]:
        """How many agents of a stub have ended, and how many there have been."""
        family = [member for agent in self.at(stub) for member in agent.family()]
        return sum(agent.status is not None for agent in family), len(family)
