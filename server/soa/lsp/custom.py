"""The values of our own messages and of commands' answers, with camelCase names on the wire.

Mirrored by `client-vscode/src/protocol.ts`.

`soa/runs`          request to the server: `None` -> `Runs`
`soa/runChanged`    notification to the client: `RunState`
`soa/history`       request to the server: `HistoryParams` -> `Runs`
`soa/exchanges`     request to the server: `ExchangesParams` -> `Exchanges`
`soa/proposal`      request to the server: `ProposalParams` -> `ProposalText`
`soa/complete`      request to the client: `CompleteParams` -> `Completion`
"""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from soa.contracts import Role, Step  # noqa: TC001 - cattrs resolves them
from soa.lsp.arguments import Position  # noqa: TC001 - as above


@frozen
class StubName:
    """A stub, and where it stands."""

    uri: str
    file: str
    """The path as addresses name it."""
    name: str
    """Qualified name."""


@frozen
class AgentState:
    """An agent of a run."""

    id: str
    """`a1`, `a2`, ... in its run."""
    role: Role
    target: str
    """`src/ledger.py::Ledger.post`."""
    depth: int
    doing: str
    status: str | None
    """How it ended; null while it is at work."""
    reason: str
    """Why it ended so; empty if all is well."""
    passed: int
    failed: int
    tokens: int
    seconds: float
    below: tuple[AgentState, ...] = ()


@frozen
class RunState:
    """A run as it stands."""

    id: str
    title: str
    folder: str
    """URI of the workspace."""
    status: Literal["running", "done", "cancelled", "failed"]
    problem: str
    decompose: bool
    model: str
    """What answers the agents; empty: not known yet."""
    sandbox: str
    """Where candidates run: `zygote`, `landlock`, `off`, or `process`, which is none; empty: not known yet."""
    began: float
    """Seconds since the epoch."""
    seconds: float
    done: int
    """Agents that have ended."""
    total: int
    """Agents so far."""
    passed: int
    failed: int
    calls: int
    tokens: int
    stubs: tuple[StubName, ...]
    agents: tuple[AgentState, ...]


@frozen
class Runs:
    """Those under way, then those that ended, the newest first."""

    runs: tuple[RunState, ...]


@frozen
class HistoryParams:
    """Which runs of earlier sessions are wanted, of the client's workspaces."""

    run: str = ""
    """Id of one, to have it with its agents; empty: the newest, without their agents."""
    limit: int = 30
    """How many at most."""


@frozen
class ExchangesParams:
    """Whose prompts and replies are wanted."""

    run: str
    agent: str
    """`a1`, `a2`, ... in its run."""


@frozen
class ProposalParams:
    """Which proposal is wanted: that of a stub that is named, or pointed at in an open document."""

    uri: str
    name: str = ""
    position: Position | None = None


@frozen
class TestState:
    """One test of the evidence."""

    __test__ = False

    origin: str
    name: str
    outcome: str
    expected: str
    actual: str
    reason: str
    flaky: bool = False
    """It passed and failed with the same code; `outcome` is `inconclusive` then."""
    seconds: float = 0.0
    """How long it took; 0: not known."""


@frozen
class AgentResult:
    """An agent of a proposal's tree."""

    role: Role
    target: str
    depth: int
    status: str
    reason: str
    below: tuple[AgentResult, ...] = ()


@frozen
class UsageState:
    """What the calls cost."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    max_prompt_tokens: int


@frozen
class ProposalText:
    """A proposal, and what accepting it would make of its document.

    Without a proposal `status` is empty, `reason` says why, and both texts are those of the document.
    """

    uri: str
    name: str
    status: str
    """`verified`, `unverified`, `failed`, `stale`; empty without a proposal."""
    reason: str
    """Why it failed, or cannot be accepted now; empty if all is well."""
    text: str
    """The whole document after accepting."""
    before: str
    """The document now."""
    proposed: str = ""
    """URI of a document with `text`, for editors that ask for `workspace/textDocumentContent`; empty if nothing can be
    accepted."""
    title: str = ""
    """`ledger.py: post (verified, 7/7 tests)`: for a diff of the two."""
    line: int = 0
    """Of `text`, from 0: the first that the proposal brings into its function."""
    body: str = ""
    candidate: str = ""
    """All code of it: imports, helpers and body."""
    skeleton: bool = False
    evidence: tuple[TestState, ...] = ()
    sandbox: str = ""
    """Where its tests ran: `zygote`, `landlock`, or `process`, which is none; empty if nothing ran."""
    agents: AgentResult | None = None
    usage: UsageState | None = None
    at: float = 0.0
    """Seconds since the epoch."""


@frozen
class ChatMessage:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@frozen
class Exchange:
    """A question of an agent, and what it was answered; secrets are taken out."""

    step: Step
    at: float
    """Seconds since the epoch."""
    messages: tuple[ChatMessage, ...]
    reply: str | None = None
    """Null: not answered yet, or never."""
    prompt_tokens: int = 0
    completion_tokens: int = 0


@frozen
class Exchanges:
    """All questions of an agent, the first one first."""

    exchanges: tuple[Exchange, ...]


@frozen
class CompleteParams:
    """A question for the editor's own language model, and who asks."""

    run: str
    agent: Role
    step: Step
    target: str
    depth: int
    messages: tuple[ChatMessage, ...]
    model: str = ""
    """NAME of the setting `editor:NAME`; empty: whichever the editor prefers."""


@frozen
class Completion:
    """What the editor's language model answered."""

    text: str
    prompt_tokens: int | None = None
    """Null: not known."""
    completion_tokens: int | None = None
    cut: bool = False
    """A length limit ended it."""


@frozen
class StubAnswer:
    """What became of a stub."""

    uri: str
    file: str
    name: str
    status: str
    """`verified`, `unverified`, `failed`, `cancelled`."""
    reason: str
    passed: int
    failed: int
    sandbox: str = ""
    """Where its tests ran: `zygote`, `landlock`, or `process`, which is none; empty if nothing ran."""


@frozen
class RunAnswer:
    """What commands that implement answer when all their stubs are settled."""

    run: str
    """Empty if nothing had to be run; the first, if several workspaces had one each."""
    stubs: tuple[StubAnswer, ...]
    problem: str = ""
    """Why it failed as a whole, for people."""
    applied: bool = False
    """Whether a skeleton went into the document."""


@frozen
class StartedAnswer:
    """What they answer to an editor that stands still meanwhile."""

    started: bool = True


@frozen
class AcceptAnswer:
    """What `soa.accept` and `soa.reject` answer."""

    applied: bool
    reason: str = ""
    """Why not, or what was left out, for people."""
    names: tuple[str, ...] = ()
    """Qualified names of the stubs that were meant; none: all of the document."""


@frozen
class CancelAnswer:
    """What `soa.cancel` answers."""

    cancelled: int
    """How many runs end; with `agent`, how many agents."""


@frozen
class ShownAnswer:
    """What `soa.goToStub` and `soa.showExchanges` answer."""

    uri: str
    """Of the document that was to be shown."""
    line: int = 0
    """From 0."""
    shown: bool = True
    """Whether the editor says that it shows it."""


@frozen
class DiffAnswer:
    """What `soa.showDiff` answers."""

    uri: str
    name: str
    diff: str
    """Unified; empty if nothing can be accepted."""
    before: str
    after: str
    reason: str = ""
    """Why nothing can be accepted."""
