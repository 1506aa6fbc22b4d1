"""Views of documents made by hand, for what shows them: the stubs are found in real texts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from soa.contracts import Address, AgentNode, Candidate, Proposal, Status, Usage
from soa.crew import Crew
from soa.events import Event
from soa.evidence import Evidence, Outcome, Test, TestResult
from soa.session.lines import Lines
from soa.session.views import DocumentView, Kept, Key, RunView, StubView
from soa.settings import Settings
from soa.source.stubs import find_stubs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soa.contracts import Stub
    from soa.evidence import Origin

ROOT = Path("/project")
RELATIVE = "src/ledger.py"
URI = "file:///project/src/ledger.py"
LEDGER = '''"""A ledger."""

from decimal import Decimal


class Ledger:
    """What was spent."""

    def post(self, amount: Decimal) -> None:
        """Add an amount.

        >>> Ledger().post(Decimal(1))
        """

    def balance(self) -> Decimal:
        """The sum of all amounts."""
        ...


def parse(line: str) -> Decimal:
    """Read an amount."""
'''


def key_of(stub: Stub) -> Key:
    return Key(ROOT, RELATIVE, stub.contract.digest)


def view_of(text: str = LEDGER, *, settings: Settings | None = None, problem: str = "", **stubs: Any) -> DocumentView:
    """A document; keywords name stubs (`Ledger_post`) and what is known of each, as `StubView` takes it."""
    views = [
        StubView(stub, key_of(stub), **{"state": "empty", **stubs.get(stub.contract.qualname.replace(".", "_"), {})})
        for stub in find_stubs(text)
    ]
    lines = Lines.of(text)
    return DocumentView(
        URI, ROOT / RELATIVE, RELATIVE, ROOT, 1, text, lines, tuple(views), settings or Settings(), problem
    )


def passed(name: str = "example 1", origin: Origin = "doctest") -> TestResult:
    return TestResult(Test(origin, name), Outcome.PASSED)


def failed(name: str = "tests/test_ledger.py::test_post", origin: Origin = "project", **detail: Any) -> TestResult:
    return TestResult(Test(origin, name), Outcome.FAILED, **{"expected": "1", "actual": "2", **detail})


def proposal_of(
    text: str = LEDGER,
    name: str = "Ledger.post",
    body: str = "self.amounts.append(amount)",
    *,
    results: Sequence[TestResult] = (passed(),),
    **changes: Any,
) -> Proposal:
    """A proposal for a stub of a text: verified, if nothing else is said."""
    contract = next(s.contract for s in find_stubs(text) if s.contract.qualname == name)
    address = Address(RELATIVE, name)
    made = Proposal(
        address,
        contract,
        Status.VERIFIED,
        Candidate(body),
        Evidence(tuple(results)),
        AgentNode("child", address, 0, Status.VERIFIED),
        Usage(2, 900, 300, 500),
    )
    return evolve(made, **changes)


def ready(proposal: Proposal | None = None, at: float = 1000.0) -> dict[str, Any]:
    return {"state": "ready", "kept": Kept(proposal or proposal_of(), at)}


def failure(reason: str = "2 of 7 tests failed; example 1: expected 1, got 2", **changes: Any) -> dict[str, Any]:
    lost = proposal_of(status=Status.FAILED, candidate=None, reason=reason, **changes)
    return {"state": "failed", "kept": Kept(lost, 1000.0)}


def stale(at: float = 1000.0) -> dict[str, Any]:
    return {"state": "stale", "kept": Kept(proposal_of(), at)}


def running(*events: Event, ident: str = "r1") -> dict[str, Any]:
    crew = Crew()
    for event in events:
        crew.hear(event, time.monotonic())
    at_work, everybody = crew.at_work, sum(1 for agent in crew.first for _ in agent.family())
    run = RunView(
        ident, "run", ROOT, frozenset(), tuple(crew.first), everybody - at_work, everybody, 0, 0, 0, crew.tokens, 3.0
    )
    return {"state": "running", "run": run}


def begins(agent: str, name: str = "Ledger.post", parent: str = "", role: Any = "child", depth: int = 0) -> Event:
    return Event("r1", "agent-started", agent, parent, role, Address(RELATIVE, name), depth)


def ends(agent: str, status: Status = Status.VERIFIED) -> Event:
    return Event("r1", "agent-ended", agent, status=status)
