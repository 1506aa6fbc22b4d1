"""Serving any number of clients over the network, each with a server and a session of its own."""

from __future__ import annotations

import asyncio
import errno
import re
from typing import TYPE_CHECKING, TypeVar

from attrs import frozen

from soa.errors import ConfigurationError
from soa.lsp.serve import GRACE, serve_connection, stoppable
from soa.lsp.server import SoaLanguageServer
from soa.lsp.transport import LARGEST, StreamConnection, WebSocketConnection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cattrs import Converter
    from websockets.asyncio.server import ServerConnection

    from soa.lsp.server import OpenSession
    from soa.lsp.transport import Connection

T = TypeVar("T")
LOCAL_PAGE = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
"""Origins from which a browser may connect: pages of this machine."""


@frozen
class Place:
    """Where to wait for clients."""

    host: str
    port: int
    """0: one that is free."""


async def serve_tcp(open_session: OpenSession, where: Place, tell: Callable[[str], None]) -> int:
    """Serve clients that connect to a port until the process is told to end; the exit code.

    Raises
    ------
    ConfigurationError
        The port cannot be had.
    """
    async with stoppable() as stop:
        clients = Clients(open_session, stop)

        async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await clients.serve(StreamConnection(reader, writer))

        async with await _listening(where, asyncio.start_server(welcome, where.host, where.port)) as listener:
            _announce("tcp", listener.sockets[0].getsockname(), tell)
            await stop
            listener.close()
            await clients.gone()
        return stop.result()


async def serve_websockets(open_session: OpenSession, where: Place, tell: Callable[[str], None]) -> int:
    """Serve clients that connect by WebSocket until the process is told to end; the exit code.

    Raises
    ------
    ConfigurationError
        The port cannot be had.
    """
    from websockets.asyncio.server import serve

    async with stoppable() as stop:
        clients = Clients(open_session, stop)

        async def welcome(socket: ServerConnection) -> None:
            await clients.serve(WebSocketConnection(socket))

        opening = serve(welcome, where.host, where.port, origins=[None, LOCAL_PAGE], max_size=LARGEST, compression=None)
        async with await _listening(where, opening) as listener:
            _announce("ws", next(iter(listener.sockets)).getsockname(), tell)
            await stop
            await clients.gone()
        return stop.result()


class Clients:
    """The clients of a listening process, each with a server and a session of its own."""

    def __init__(self, open_session: OpenSession, stop: asyncio.Future[int]) -> None:
        self._open_session = open_session
        self._stop = stop
        self._converter: Converter | None = None
        self._present: set[asyncio.Task[object]] = set()

    async def serve(self, connection: Connection) -> None:
        """Serve one of them until it leaves."""
        task = asyncio.current_task()
        assert task is not None
        self._present.add(task)
        try:
            server = SoaLanguageServer(self._open_session, self._converter)
            self._converter = server.converter
            await serve_connection(server, connection, self._stop)
        finally:
            self._present.discard(task)

    async def gone(self) -> None:
        """Wait until all have been let go."""
        if self._present:
            await asyncio.wait(self._present, timeout=3 * GRACE)


async def _listening(where: Place, opening: Awaitable[T]) -> T:
    try:
        return await opening
    except OSError as error:
        reason = "it is in use already" if error.errno == errno.EADDRINUSE else (error.strerror or str(error)).lower()
        advice = "Name another port; 0 takes one that is free."
        raise ConfigurationError(f"{where.host}:{where.port} cannot be listened on: {reason}.", advice) from None


def _announce(scheme: str, address: tuple[str, int], tell: Callable[[str], None]) -> None:
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    tell(f"listening on {scheme}://{host}:{address[1]}")
