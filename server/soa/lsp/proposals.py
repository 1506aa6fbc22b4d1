"""`soa/proposal`: a proposal with its evidence, its agents, and the document as it would be with it."""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from attrs import evolve
from pygls.exceptions import JsonRpcInvalidParams

from soa.errors import SoaError
from soa.lsp import pointing
from soa.lsp.arguments import StubArguments, with_uri
from soa.lsp.custom import AgentResult, ProposalParams, ProposalText, TestState, UsageState
from soa.lsp.names import PROPOSAL
from soa.lsp.virtual_uris import proposal_uri
from soa.lsp.wire import Wire, expected
from soa.lsp.wording import standing
from soa.session.lines import Lines
from soa.session.uris import path_of
from soa.source.disk import read_source
from soa.source.edits import landing
from soa.source.stubs import find_stubs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soa.contracts import AgentNode
    from soa.evidence import Evidence
    from soa.lsp.server import SoaLanguageServer
    from soa.session.client import Change
    from soa.session.session import Session
    from soa.session.views import DocumentView, Kept, State


def register(server: SoaLanguageServer) -> None:
    """Answer for proposals."""
    wire = Wire(closed=True)

    async def proposal(params: dict[str, Any] | None) -> dict[str, Any]:
        try:
            wanted = wire.read(with_uri(params), ProposalParams)
        except ValueError as error:
            raise JsonRpcInvalidParams(f"{PROPOSAL}: {error}.") from None
        return wire.write(await proposal_text(server, wanted.uri, name_of(server.session, wanted)))

    server.feature(PROPOSAL)(proposal)


def name_of(session: Session, wanted: ProposalParams) -> str:
    """The qualified name of the stub that is meant.

    Raises
    ------
    JsonRpcInvalidParams
        None is named, and none stands at the position.
    """
    if wanted.name:
        return wanted.name
    if wanted.position is None:
        raise JsonRpcInvalidParams(f"{PROPOSAL}: 'name' is missing; {expected(ProposalParams)}.")
    view = pointing.document(session, PROPOSAL, wanted.uri)
    return pointing.names(view, PROPOSAL, StubArguments(wanted.uri, position=wanted.position))[0]


async def proposal_text(server: SoaLanguageServer, uri: str, name: str) -> ProposalText:
    """A proposal as it is told."""
    change = await server.session.change_for(uri, [name])
    view = server.session.snapshot(uri)
    stub = view.named(name) if view is not None else None
    reason = change if isinstance(change, str) else ""
    if view is not None and stub is None:
        reason = f"There is no stub {name} in {view.relative}."
    if isinstance(change, str):
        before = view.text if view is not None else await asyncio.to_thread(_on_disk, uri)
        told = ProposalText(uri, name, "", reason, before, before)
        return _with(told, stub.kept, stub.state) if stub is not None and stub.kept is not None else told
    told = ProposalText(uri, name, "", change.left_out, change.after, change.before, proposal_uri(uri, name))
    kept = next((k for key in change.keys if (k := server.session.kept(key)) is not None), None)
    if kept is None:
        return told
    title = f"{PurePosixPath(change.relative).name}: {name} ({standing(kept.proposal)})"
    return _with(evolve(told, title=title, line=_line(change, view, name)), kept, "ready")


def _on_disk(uri: str) -> str:
    """The text of a file that is not open; empty if there is none that can be read."""
    path = path_of(uri)
    try:
        return read_source(path).text if path is not None else ""
    except SoaError:
        return ""


def _line(change: Change, view: DocumentView | None, name: str) -> int:
    """The line of the new text at which the body of a stub begins."""
    stubs = [s.stub for s in view.stubs] if view is not None else find_stubs(change.before)
    stub = next(s for s in stubs if s.contract.qualname == name)
    return Lines.of(change.after).place(landing(change.edits, stub.header.end), "utf-32").line


def _with(told: ProposalText, kept: Kept, state: State) -> ProposalText:
    proposal = kept.proposal
    return evolve(
        told,
        status="stale" if state == "stale" else str(proposal.status),
        body=proposal.candidate.body if proposal.candidate else "",
        candidate=proposal.candidate.source if proposal.candidate else "",
        skeleton=proposal.skeleton,
        evidence=tuple(_tests(proposal.evidence)),
        sandbox=proposal.evidence.sandbox,
        agents=_agents(proposal.tree) if proposal.tree else None,
        usage=UsageState(
            proposal.usage.calls,
            proposal.usage.prompt_tokens,
            proposal.usage.completion_tokens,
            proposal.usage.max_prompt_tokens,
        ),
        at=kept.at,
    )


def _tests(evidence: Evidence) -> Iterator[TestState]:
    for result in evidence.results:
        test = result.test
        shown = (result.outcome, result.expected, result.actual, result.reason)
        yield TestState(test.origin, test.name, *shown, result.flaky, round(result.seconds, 3))


def _agents(node: AgentNode) -> AgentResult:
    below = tuple(_agents(child) for child in node.children)
    return AgentResult(node.role, str(node.address), node.depth, node.status, node.reason, below)
