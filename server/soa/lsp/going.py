"""`soa.goToStub` and `soa.showExchanges`: from a run or one of its agents to what it is at, and to what it asked."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from soa.errors import SoaError
from soa.lsp.custom import ShownAnswer
from soa.lsp.showing import show, show_text
from soa.lsp.transcript import transcript
from soa.lsp.virtual_uris import transcript_uri
from soa.session.uris import path_of, uri_of
from soa.source.definitions import definitions
from soa.source.disk import read_source
from soa.source.stubs import find_stubs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from soa.crew import Agent
    from soa.lsp.arguments import AgentArguments
    from soa.lsp.commands import Call
    from soa.session.session import Session
    from soa.session.views import RunView

NOTEBOOK = ".ipynb"


async def go_to_stub(call: Call[AgentArguments]) -> ShownAnswer:
    """Show the stub of an agent, or the first of a run; of a helper that is not there yet, its nearest mother's."""
    session, arguments = call.server.session, call.arguments
    run = await session.history.run(arguments.run)
    line_up = _line_up(run, arguments.agent)
    addresses = [(a.address.path, a.address.qualname) for a in reversed(line_up)] or run.stubs
    path = run.root / addresses[0][0]
    if path.suffix == NOTEBOOK and not _opened(session, path):
        await show(call.server, uri_of(path))  # only now are there cells that can be shown
    texts = _opened(session, path) or await _on_disk(path)
    uri, line = await asyncio.to_thread(_find, texts, [name for _, name in addresses])
    return ShownAnswer(uri, line, await show(call.server, uri, line))


async def show_exchanges(call: Call[AgentArguments]) -> ShownAnswer:
    """Show the prompts and replies of an agent."""
    server, arguments = call.server, call.arguments
    title = await title_of(server.session, arguments.run, arguments.agent)
    if server.traits.text_content:
        uri = transcript_uri(arguments.run, arguments.agent, title)
        return ShownAnswer(uri, 0, await show(server, uri))
    text = await transcript_of(server.session, arguments.run, arguments.agent)
    uri = await show_text(server, call.drawer, f"{title}.md", text)
    return ShownAnswer(uri, 0, bool(uri))


async def transcript_of(session: Session, run: str, agent: str) -> str:
    """The prompts and replies of an agent as Markdown.

    Raises
    ------
    SoaError
        There is no such run or agent here.
    """
    title = await title_of(session, run, agent)
    return transcript(title, await session.history.exchanges(run, agent))


async def title_of(session: Session, run: str, agent: str) -> str:
    """An agent for people: `Ledger.post (child a1)`.

    Raises
    ------
    SoaError
        There is no such run or agent here.
    """
    line_up = _line_up(await session.history.run(run), agent)
    if not line_up:
        raise SoaError("One agent is wanted, not a whole run.")
    return f"{line_up[-1].address.qualname} ({line_up[-1].role} {agent})"


def _line_up(run: RunView, ident: str) -> tuple[Agent, ...]:
    """An agent behind its mothers; none if no agent is named."""
    if not ident:
        return ()
    found = next((line for agent in run.agents for line in _lines(agent) if line[-1].ident == ident), None)
    if found is None:
        raise SoaError(f"The run {run.ident} has no agent {ident[:16]!r}.")
    return found


def _lines(agent: Agent) -> Iterator[tuple[Agent, ...]]:
    """An agent and all below it, each behind its mothers."""
    yield (agent,)
    for below in agent.below:
        for line in _lines(below):
            yield (agent, *line)


def _opened(session: Session, path: Path) -> Mapping[str, str]:
    """The text of a file that is open, by its URI; of a notebook, those of its cells."""
    views = (session.snapshot(uri) for uri in session.documents())
    return {v.uri: v.text for v in views if v is not None and path_of(v.notebook or v.uri) == path}


async def _on_disk(path: Path) -> Mapping[str, str]:
    """The text of a file by its URI; of a notebook nothing, it is no Python."""
    text = "" if path.suffix == NOTEBOOK else (await asyncio.to_thread(read_source, path)).text
    return {uri_of(path): text}


def _find(texts: Mapping[str, str], names: Sequence[str]) -> tuple[str, int]:
    """The text and the line of the first of some functions that is there; the first line if none is."""
    places = {}
    for uri, text in texts.items():
        places.update({found.qualname: (uri, found.line) for found in definitions(text)})
    for uri, text in texts.items():
        places.update({stub.contract.qualname: (uri, stub.line) for stub in find_stubs(text)})
    return next((places[name] for name in names if name in places), (next(iter(texts)), 0))
