"""The parts of a serving process, put together."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from soa.lsp import listen, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from soa.engine.remote import RemoteImplementer
    from soa.lsp.client import EditorClient
    from soa.model import Query, Reply
    from soa.session.session import Session
    from soa.store import Store


class Windows:
    """Opens sessions, one for each client, that share what carries out their runs.

    All that is loaded at the first need: a client has its answer to `initialize` before.
    """

    def __init__(self, flags: dict[str, Any]) -> None:
        self._flags = flags
        self._implementer: RemoteImplementer | None = None
        self._open: list[tuple[EditorClient, Session]] = []

    def __call__(self, client: EditorClient) -> Session:
        """A session for this client."""
        from soa.engine.remote import RemoteImplementer
        from soa.session.session import Session

        if self._implementer is None:
            self._implementer = RemoteImplementer(ask=self._ask)
        session = Session(self._implementer, _open_store, client, environ=os.environ, flags=self._flags)
        self._open = [(c, s) for c, s in self._open if not c.gone] + [(client, session)]
        return session

    async def _ask(self, query: Query) -> Reply:
        """Have the editor answer whose user wants the run."""
        from soa.errors import ModelUnreachable

        for client, session in self._open:
            if any(run.ident == query.run for run in session.runs()):
                return await client.complete(query)
        raise ModelUnreachable("The editor that wanted this is gone.")

    async def close(self) -> None:
        """End all runs, and the process that carries them out."""
        if self._implementer is not None:
            await self._implementer.close()


def _open_store() -> Store:
    from soa.store import Store, default_path

    return Store(default_path())


def serve_pipes(flags: dict[str, Any], source: int, sink: int) -> int:
    """Serve the client at the other end of two file descriptors; the exit code."""
    return asyncio.run(_serve(Windows(flags), lambda windows: serve.serve_pipes(windows, source, sink)))


def serve_network(
    flags: dict[str, Any], where: tuple[str, int], tell: Callable[[str], None], *, websockets: bool
) -> int:
    """Serve clients that connect, until the process is told to end; the exit code.

    Raises
    ------
    ConfigurationError
        The port cannot be had.
    """
    work = listen.serve_websockets if websockets else listen.serve_tcp
    return asyncio.run(_serve(Windows(flags), lambda windows: work(windows, listen.Place(*where), tell)))


async def _serve(windows: Windows, work: Callable[[Windows], Awaitable[int]]) -> int:
    try:
        return await work(windows)
    finally:
        await windows.close()
