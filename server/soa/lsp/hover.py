"""`textDocument/hover`: at a stub, what would happen, what is happening, or what came of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lsprotocol.types import TEXT_DOCUMENT_HOVER, Hover

from soa.agents.forecast import forecast
from soa.lsp import hover_proposal, names
from soa.lsp.markup import Markup
from soa.lsp.positions import offset_at, range_of
from soa.lsp.teams import Teams
from soa.lsp.wording import MARKS, duration, tokens
from soa.wording import plural, where_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lsprotocol.types import HoverParams, MarkupContent, Position

    from soa.contracts import Contract
    from soa.crew import Agent
    from soa.lsp.server import SoaLanguageServer
    from soa.lsp.traits import Traits
    from soa.session.views import DocumentView, RunView, StubView
    from soa.settings import Settings

IMPLEMENT, DECOMPOSE = ("Implement", names.IMPLEMENT), ("Decompose", names.DECOMPOSE)
RETRY, REJECT = ("Retry", names.IMPLEMENT), ("Reject", names.REJECT)
READY = (("Accept", names.ACCEPT), ("Diff", names.SHOW_DIFF), ("Regenerate", names.REGENERATE), REJECT)
CANCEL = ("Cancel", names.CANCEL)
CLEARER = "Try again with another model, more attempts or a clearer docstring."
DOCTOR = "In a terminal, soa doctor says what works here and what to do about the rest."


def register(server: SoaLanguageServer) -> None:
    """Answer requests for hovers."""

    @server.feature(TEXT_DOCUMENT_HOVER)
    def hover(params: HoverParams) -> Hover | None:
        view = server.session.snapshot(params.text_document.uri)
        if view is None:
            return None
        return hover_at(view, params.position, server.traits, now=time.time(), runs=server.session.runs())


def hover_at(
    view: DocumentView, position: Position, traits: Traits, *, now: float, runs: Sequence[RunView] = ()
) -> Hover | None:
    """The hover at a position; None where no stub is.

    Parameters
    ----------
    now
        Seconds since the epoch.
    runs
        Those of the session, the newest first: they know how long they took.
    """
    stub = view.at(offset_at(view.lines, position, traits.encoding))
    if stub is None:
        return None
    seconds = next((r.seconds for r in runs if stub.kept_key in r.keys and r.status == "done"), None)
    contents = describe(view, stub, Markup.of(traits), now, seconds)
    return Hover(contents, range_of(view.lines, stub.stub.definition, traits.encoding))


def describe(
    view: DocumentView, stub: StubView, markup: Markup, now: float, seconds: float | None = None
) -> MarkupContent:
    """All there is to say of a stub."""
    if not view.trusted:
        return markup.join([f"{markup.strong(stub.name)} has no body yet.", markup.text(view.problem, 400)])
    if view.problem and stub.state != "running":
        return markup.join([f"{markup.strong(stub.name)} cannot be implemented here: {markup.text(view.problem, 400)}"])
    parts = {"empty": _before, "running": _meanwhile}.get(stub.state)
    said = parts(view, stub, markup) if parts else _afterwards(view, stub, markup, now, seconds)
    return markup.join([*said, _commands(view, stub, markup)])


def _commands(view: DocumentView, stub: StubView, markup: Markup) -> str:
    offered = {
        "empty": (IMPLEMENT, DECOMPOSE),
        "running": (CANCEL,),
        "ready": READY,
        "failed": (RETRY, DECOMPOSE, REJECT),
        "stale": (IMPLEMENT, DECOMPOSE, REJECT),
    }[stub.state]
    return markup.commands(offered, {"uri": view.uri, "name": stub.name})


def _before(view: DocumentView, stub: StubView, markup: Markup) -> Iterator[str]:
    """Who would begin and why, what a call would cost, what would judge the result."""
    contract, settings = stub.stub.contract, view.settings
    ahead = forecast(contract, view.relative, settings)
    begins = {"child": "A child would write it", "mother": "A mother would split it into helpers for children"}
    yield f"{markup.strong(stub.name)} has no body yet."
    yield f"{begins[ahead.role]} ({markup.text(ahead.why)})."
    if ahead.problem:
        yield f"✗ {markup.text(ahead.problem, 300)}"
        return
    calls = "About 1 call" if ahead.role == "child" else "1 call for the skeleton and about 1 for each helper"
    most = tokens(ahead.most_prompt)
    yield f"{calls}; a prompt has about {tokens(ahead.least_prompt)} and what stands around it, {most} at most."
    yield judges(contract, settings)


def judges(contract: Contract, settings: Settings) -> str:
    """Which tests would judge a candidate."""
    if settings.sandbox == "off":
        return "Nothing would be run to judge it: the sandbox is off."
    examples = f"{plural(len(contract.examples), 'example')} of its docstring and " if contract.examples else ""
    derived = ""
    if settings.generate_tests == "always":
        derived = ", and by tests derived from the contract"
    elif settings.generate_tests == "missing" and not examples:
        derived = "; without any, by tests derived from the contract"
    bare = " They would run without a sandbox." if settings.sandbox == "process" else ""
    return f"Judged by {examples}the project's tests that reach it{derived}.{bare}"


def _meanwhile(view: DocumentView, stub: StubView, markup: Markup) -> Iterator[str]:
    """The agents at work."""
    yield f"{markup.strong(stub.name)} is being written."
    agents = Teams.of(view).at(stub)
    now = time.monotonic()
    rows = [row for agent in agents for row in _agents(markup, agent, 0, now)]
    yield markup.rows(hover_proposal.first_rows(rows)) or "No agent has begun yet."
    if (run := stub.run) is not None:
        counted = f"{run.done}/{run.total} agents of its run · {plural(run.calls, 'call')}"
        seconds = max((agent.seconds(now) for agent in run.agents), default=run.seconds)
        yield " · ".join(filter(None, (counted, _spent(run.tokens, seconds), where_run(run.sandbox))))


def _agents(markup: Markup, agent: Agent, depth: int, now: float) -> Iterator[tuple[int, str]]:
    mark = MARKS[agent.status] if agent.status is not None else "…"
    parts = [f"{mark} {agent.role} {markup.code(agent.address.qualname)}: {agent.status or agent.doing}"]
    if agent.passed or agent.failed:
        parts.append(f"{agent.passed}/{agent.passed + agent.failed} tests")
    yield depth, " · ".join([*parts, _spent(agent.tokens, agent.seconds(now))])
    for below in agent.below:
        yield from _agents(markup, below, depth + 1, now)


def _spent(count: int, seconds: float) -> str:
    return f"{tokens(count)} · {duration(seconds)}"


def _rests(markup: Markup, other: StubView) -> str:
    """What the evidence takes for granted: a body that is not in the file."""
    name = markup.code(other.name)
    if other.state == "ready":
        return f"Tested together with the proposal for {name}, which is not in the file yet."
    return f"Tested together with a proposal for {name} that is gone: without it, it may fail."


def _afterwards(view: DocumentView, stub: StubView, markup: Markup, now: float, seconds: float | None) -> Iterator[str]:
    """What came of it."""
    if stub.kept is None:
        return
    proposal = stub.kept.proposal
    if stub.state == "stale":
        yield f"~ The contract of {markup.strong(stub.name)} has changed since this was written: it is not used."
    yield hover_proposal.code(markup, proposal)
    yield hover_proposal.status(markup, proposal)
    yield from (_rests(markup, other) for other in view.rests_on(stub))
    yield hover_proposal.evidence(markup, proposal.evidence)
    yield hover_proposal.tree(markup, proposal.tree)
    yield hover_proposal.costs(stub.kept, now, seconds)
    if stub.state == "failed":
        yield CLEARER if proposal.tree is not None else DOCTOR
