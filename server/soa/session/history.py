"""What is known of runs beyond this session: those that are over, and what agents asked the model.

Only runs of the client's workspaces are told of: whoever opens one project does not get to read another one's prompts.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from soa.errors import SoaError
from soa.session.advice import for_editor
from soa.session.runs import title_of
from soa.session.views import RunView

if TYPE_CHECKING:
    from collections.abc import Callable

    from soa.session.memory import Memory
    from soa.session.runs import Runs
    from soa.store import Store
    from soa.store.exchanges import KeptExchange
    from soa.store.history import PastRun

MOST = 500
"""Runs in one answer."""


@frozen
class History:
    """Reads the store for a session.

    A run that did not come to its end, because its process was ended, counts as cancelled; so does one that another
    process is at, until it ends.
    """

    memory: Memory
    runs: Runs
    """Those that the session lists itself."""
    roots: Callable[[], tuple[Path, ...]]
    """The client's workspaces."""

    async def newest(self, limit: int) -> tuple[RunView, ...]:
        """The newest runs of earlier sessions, without their agents; at most `limit`, which is not negative."""
        store = await self.memory.opened()
        if store is None:
            return ()
        mine = [run.ident for run in self.runs.views()]
        found = await store.history.newest([str(root) for root in self.roots()], mine, min(limit, MOST))
        return tuple(_view(past) for past in found)

    async def run(self, ident: str) -> RunView:
        """A run with its agents.

        Raises
        ------
        SoaError
            There is none, or it is not one of these workspaces.
        """
        if (mine := self._mine(ident)) is not None:
            return mine
        store, past = await self._find(ident)
        crew = await store.history.crew(ident)
        return evolve(
            _view(past),
            agents=tuple(crew.first),
            done=crew.total,
            total=crew.total,
            passed=crew.passed,
            failed=crew.failed,
            calls=crew.calls,
            tokens=crew.tokens,
            model=crew.model,
            sandbox=crew.sandbox,
        )

    async def exchanges(self, ident: str, agent: str) -> tuple[KeptExchange, ...]:
        """What an agent of a run asked and was answered, the first question first; none if it has asked nothing yet.

        Raises
        ------
        SoaError
            There is no such run, or it is not one of these workspaces.
        """
        if self._mine(ident) is None:
            await self._find(ident)
        store = await self.memory.opened()
        return await store.exchanges.of_agent(ident, agent) if store is not None and agent.isascii() else ()

    def _mine(self, ident: str) -> RunView | None:
        return next((run for run in self.runs.views() if run.ident == ident), None)

    async def _find(self, ident: str) -> tuple[Store, PastRun]:
        store = await self.memory.opened()
        if store is not None and ident.isascii():  # as all our ids are; SQLite cannot even look for some other texts
            past = await store.history.find(ident)
            if past is not None and Path(past.workspace) in self.roots():
                return store, past
        raise SoaError(f"No run {ident[:16]!r} is kept of the workspaces that are open here.")


def _view(past: PastRun) -> RunView:
    """A run as it ended, without its agents."""
    outcome = past.outcome
    return RunView(
        past.run,
        title_of(past.stubs),
        Path(past.workspace),
        frozenset(),
        (),
        outcome.agents,
        outcome.agents,
        outcome.passed,
        outcome.failed,
        outcome.calls,
        outcome.tokens,
        outcome.seconds,
        outcome.status,
        for_editor(outcome.problem),
        past.decompose,
        stubs=past.stubs,
        model=outcome.model,
        sandbox=outcome.sandbox,
        began=past.began,
    )
