"""Serving one client over one connection, from its first message to the end of what it wanted."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from soa.lsp.server import SoaLanguageServer
from soa.lsp.transport import PipeConnection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from soa.lsp.server import OpenSession
    from soa.lsp.transport import Connection

log = logging.getLogger(__name__)

SIGNALS = ((signal.SIGTERM, 1), (signal.SIGINT, 130))
"""What tells the process to end, and with which exit code it does."""
GRACE = 2.0
"""Seconds in which what is left at the end has to end."""


async def serve_connection(server: SoaLanguageServer, connection: Connection, stop: asyncio.Future[int]) -> int:
    """Serve a client until it leaves, says `exit`, or `stop` is set; the exit code."""
    protocol = server.protocol
    protocol.connect(connection)
    reading = asyncio.ensure_future(_read(server, connection))
    ends: set[asyncio.Future[Any]] = {reading, protocol.ended, stop}
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    code = _code(server, stop)
    reading.cancel()
    await _end(server, connection)
    return code


def _code(server: SoaLanguageServer, stop: asyncio.Future[int]) -> int:
    if server.protocol.ended.done():
        return server.protocol.ended.result()
    if stop.done():
        return stop.result()
    return 0 if server.protocol.phase == "shut" else 1


async def _read(server: SoaLanguageServer, connection: Connection) -> None:
    try:
        async for body in connection.messages():
            server.protocol.receive(body)
            await asyncio.sleep(0)  # a request begins before the change that came after it
    except Exception:
        log.exception("The connection is ended, reading from it failed")


async def _end(server: SoaLanguageServer, connection: Connection) -> None:
    try:
        await asyncio.wait_for(server.protocol.withdraw(), GRACE)
    except TimeoutError:
        log.warning("Not all runs have ended in time; their processes end with this one.")
    except Exception:
        log.exception("The session did not end well")
    await connection.close()


async def serve_pipes(open_session: OpenSession, source: int, sink: int) -> int:
    """Serve the client at the other end of two file descriptors; the exit code."""
    async with stoppable() as stop:
        server = SoaLanguageServer(open_session)
        server.on_meet = lambda process: watch_process(process, stop)
        return await serve_connection(server, PipeConnection(source, sink), stop)


@asynccontextmanager
async def stoppable() -> AsyncIterator[asyncio.Future[int]]:
    """What is set, to an exit code, when the process is told to end; that is then done quietly."""
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[int] = loop.create_future()
    for number, code in SIGNALS:
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, partial(end_with, stop, code))
    try:
        yield stop
    finally:
        for number, _ in SIGNALS:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)


def end_with(stop: asyncio.Future[int], code: int) -> None:
    """Have the process end with an exit code, unless it is ending already."""
    if not stop.done():
        stop.set_result(code)


def watch_process(ident: int | None, stop: asyncio.Future[int]) -> None:
    """Set `stop` when the client's process ends; one that is not seen from here (a container) is not watched."""
    if ident is None or not hasattr(os, "pidfd_open"):
        return
    try:
        descriptor = os.pidfd_open(ident)
    except (OSError, ValueError, OverflowError):
        log.info("The client's process %s is not seen from here.", ident)
        return
    loop = asyncio.get_running_loop()

    def gone() -> None:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        log.warning("The client's process has ended.")
        end_with(stop, 1)

    loop.add_reader(descriptor, gone)
