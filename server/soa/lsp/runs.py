"""`soa/runs` and `soa/runChanged`: the runs of this session with their trees of agents."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from soa.lsp.custom import AgentState, Runs, RunState, StubName
from soa.lsp.names import RUN_CHANGED, RUNS
from soa.lsp.pace import Pace
from soa.lsp.wire import Wire
from soa.session.uris import uri_of

if TYPE_CHECKING:
    from soa.crew import Agent
    from soa.lsp.server import SoaLanguageServer
    from soa.session.views import RunView

INTERVAL: Final = 0.2
"""Seconds between two notifications about a run."""


def register(server: SoaLanguageServer) -> None:
    """Answer for runs, and tell of their changes.

    Emacs warns its user of each notification that it does not know: it is told once it has asked for runs.
    """
    wire = Wire(closed=False)
    asked = False

    def send(run: RunView) -> None:
        server.protocol.notify(RUN_CHANGED, wire.write(run_state(run)))

    pace: Pace[RunView] = Pace(send, INTERVAL, asyncio.get_running_loop)

    def changed(_: frozenset[str], runs: tuple[RunView, ...]) -> None:
        for run in runs if asked or not server.traits.waits_for_commands else ():
            if run.status == "running":
                pace.put(run.ident, run)
            else:
                pace.finish(run.ident, run)

    def runs(_: dict[str, Any] | None) -> dict[str, Any]:
        nonlocal asked
        asked = True
        return wire.write(Runs(tuple(run_state(run) for run in server.session.runs())))

    server.on_change(changed)
    server.feature(RUNS)(runs)


def run_state(run: RunView) -> RunState:
    """A run as it is told."""
    return RunState(
        run.ident,
        run.title,
        uri_of(run.root),
        run.status,
        run.problem,
        run.decompose,
        run.model,
        run.sandbox,
        round(run.began, 3),
        round(run.seconds, 3),
        run.done,
        run.total,
        run.passed,
        run.failed,
        run.calls,
        run.tokens,
        tuple(StubName(uri_of(run.root / file), file, name) for file, name in run.stubs),
        tuple(agent_state(agent, 0, monotonic()) for agent in run.agents),
    )


def agent_state(agent: Agent, depth: int, now: float) -> AgentState:
    """An agent as it is told, with those below it."""
    return AgentState(
        agent.ident,
        agent.role,
        str(agent.address),
        depth,
        agent.doing,
        str(agent.status) if agent.status else None,
        agent.reason,
        agent.passed,
        agent.failed,
        agent.tokens,
        round(agent.seconds(now), 3),
        tuple(agent_state(below, depth + 1, now) for below in agent.below),
    )
