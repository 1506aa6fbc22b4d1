"""The parts of a serving process, put together."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from soa.engine.remote import RemoteImplementer
from soa.lsp import listen, serve
from soa.session.session import Session
from soa.store import Store, default_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from soa.session.client import Client


def serve_pipes(flags: dict[str, Any], source: int, sink: int) -> int:
    """Serve the client at the other end of two file descriptors; the exit code."""

    async def work() -> int:
        implementer = RemoteImplementer()
        try:
            return await serve.serve_pipes(_sessions(implementer, flags), source, sink)
        finally:
            await implementer.close()

    return asyncio.run(work())


def serve_network(
    flags: dict[str, Any], where: tuple[str, int], tell: Callable[[str], None], *, websockets: bool
) -> int:
    """Serve clients that connect, until the process is told to end; the exit code.

    Raises
    ------
    ConfigurationError
        The port cannot be had.
    """
    serving = listen.serve_websockets if websockets else listen.serve_tcp

    async def work() -> int:
        implementer = RemoteImplementer()
        try:
            return await serving(_sessions(implementer, flags), listen.Place(*where), tell)
        finally:
            await implementer.close()

    return asyncio.run(work())


def _sessions(implementer: RemoteImplementer, flags: dict[str, Any]) -> serve.Opens:
    def open_session(client: Client) -> Session:
        return Session(implementer, _open_store, client, environ=os.environ, flags=flags)

    return open_session


def _open_store() -> Store:
    return Store(default_path())
