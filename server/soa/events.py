"""What a run tells while it goes on, and what it gives in the end."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from soa.contracts import Address, Proposal, Role, Status, Step, Usage

EventKind = Literal[
    "run-started", "agent-started", "call-started", "call-ended", "refused", "tested", "waiting",
    "agent-ended", "proposed", "run-ended", "warning",
]  # fmt: skip


@frozen
class Event:
    """Something that happened in a run; never holds a prompt, a reply or a key."""

    run: str
    kind: EventKind
    agent: str = ""
    """Identity of the agent in the run: `a1`, `a2`, ...; empty if it is about the run."""
    parent: str = ""
    role: Role | Literal[""] = ""
    address: Address | None = None
    depth: int = 0
    step: Step | Literal[""] = ""
    text: str = ""
    """A few words for people."""
    status: Status | None = None
    usage: Usage = Usage()
    passed: int = 0
    failed: int = 0
    model: str = ""
    """What answers the agents of the run, for `run-started`."""
    sandbox: str = ""
    """The kind of sandbox that candidates of the run run in, for `run-started`."""


@frozen
class RunResult:
    """What a run gave."""

    run: str
    proposals: tuple[Proposal, ...]
    usage: Usage
    seconds: float
    interrupted: bool = False
    warnings: tuple[str, ...] = field(default=())
