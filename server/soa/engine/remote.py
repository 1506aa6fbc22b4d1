"""Carries out an editor's orders in a process of its own, so that the server stays small and never waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from soa.engine.link import Link
from soa.errors import SoaError

if TYPE_CHECKING:
    from pathlib import Path

    from soa.engine.implementer import Listener, Order
    from soa.events import RunResult
    from soa.model.editor import Ask


class RemoteImplementer:
    """See `Implementer`. The process is started at the first run, and anew at the next one should it have died.

    Parameters
    ----------
    store
        The file of the store, which the process opens; None: the usual one.
    ask
        Puts a question to the editor's own model; None if it has none.
    patience
        Seconds that a run has to end once it is cancelled: its calls and processes end at once, but a run of thousands
        of stubs has as many things to write down. Then the process is taken to be stuck, and killed.
    """

    def __init__(self, store: Path | None = None, *, ask: Ask | None = None, patience: float = 10.0) -> None:
        self._store = store
        self._ask = ask
        self._patience = patience
        self._linking: asyncio.Task[Link] | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The number of the process, if there is one."""
        return link.pid if (link := self._link()) else None

    async def run(self, order: Order, listener: Listener) -> RunResult:
        """Carry out an order; see `Implementer`."""
        if self._closed:
            raise SoaError("The server is shutting down.")
        if self._linking is None or (self._linking.done() and self._link() is None):
            self._linking = asyncio.create_task(Link.open(self._store, self._ask, self._patience))
        link = await asyncio.shield(self._linking)
        return await link.run(order, listener)

    def stop(self, run: str, agent: str) -> None:
        """End one agent of a run and all below it; see `Implementer`."""
        if link := self._link():
            link.stop(run, agent)

    async def close(self) -> None:
        """End all runs, which then raise `CancelledError`, and the process."""
        self._closed = True
        if self._linking is not None:
            await asyncio.wait([self._linking])
        if link := self._link():
            await link.close()

    def _link(self) -> Link | None:
        """The link that can be used, if there is one."""
        task = self._linking
        if task is None or not task.done() or task.cancelled() or task.exception():
            return None
        return None if task.result().lost else task.result()
