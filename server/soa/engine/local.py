"""Carries out an editor's orders in this process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from soa.engine.opening import Opened, model_finder, open_engine
from soa.engine.pool import Engines
from soa.events import Event

if TYPE_CHECKING:
    from soa.engine.implementer import Listener, Order
    from soa.engine.opening import FindModel
    from soa.events import RunResult
    from soa.model.editor import Ask
    from soa.settings import Settings
    from soa.store import Store
    from soa.workspace import Workspace


class LocalImplementer:
    """See `Implementer`. Runs of one workspace share its engine as long as its settings stay as they are.

    Parameters
    ----------
    store
        Where runs are kept; not closed here.
    ask
        Puts a question to the editor's own model; None if it has none.
    find
        Finds the model for a workspace, in place of what the settings say.
    """

    def __init__(self, store: Store, *, ask: Ask | None = None, find: FindModel | None = None) -> None:
        self._store = store
        self._find = find or model_finder(ask)
        self._engines = Engines(self._open)
        self._work: set[asyncio.Task[RunResult]] = set()

    async def run(self, order: Order, listener: Listener) -> RunResult:
        """Carry out an order; see `Implementer`."""
        work = asyncio.create_task(self._carry_out(order, listener))
        self._work.add(work)
        work.add_done_callback(self._work.discard)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            work.cancel()
            await asyncio.wait([work])
            raise

    def stop(self, run: str, agent: str) -> None:
        """End one agent of a run and all below it; see `Implementer`."""
        for opened in self._engines.in_use:
            opened.engine.stop(run, agent)

    async def close(self) -> None:
        """End all runs, which then raise `CancelledError`, and close all engines."""
        for work in self._work:
            work.cancel()
        if self._work:
            await asyncio.wait(self._work)
        await self._engines.close()

    async def _carry_out(self, order: Order, listener: Listener) -> RunResult:
        async with self._engines.lent(order.root, order.settings) as opened:
            if opened.warning:
                listener.events([Event(order.request.ident, "warning", text=opened.warning)])
            result = await opened.engine.implement(
                order.request, lambda event: listener.events([event]), listener.proposal
            )
        if result.interrupted and not result.warnings:  # by a cancellation, not by a problem
            raise asyncio.CancelledError
        return result

    async def _open(self, workspace: Workspace, settings: Settings) -> Opened:
        return await open_engine(workspace, settings, self._store, self._find)
