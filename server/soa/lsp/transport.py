"""How messages travel: framed by headers over pipes and sockets, or one to a WebSocket message."""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import re
import threading
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from websockets.asyncio.server import ServerConnection

log = logging.getLogger(__name__)

HEADER = re.compile(rb"(?P<name>[A-Za-z0-9-]+):\s*(?P<value>.*?)\s*")
LARGEST = 512 * 1024 * 1024
"""Bytes of the largest message that is read."""
CHUNK = 1 << 16


class Connection(Protocol):
    """A way to and from one client."""

    def messages(self) -> AsyncIterator[bytes]:
        """The bodies of messages as they come, until the client is gone."""
        ...

    def send(self, body: bytes) -> None:
        """Send one message; never waits, and does nothing once the client is gone."""
        ...

    async def close(self) -> None:
        """Send what is still to be sent, and end it."""
        ...


class Misframed(Exception):
    """What came is no message of this protocol; there is no telling where the next one begins."""


async def read_messages(reader: asyncio.StreamReader, *, lenient: bool) -> AsyncIterator[bytes]:
    """Bodies of messages framed by headers, until the end of the input.

    Parameters
    ----------
    lenient
        Lines that are no headers are passed over. On a socket they end the connection: a web page can make a browser
        send a request there, and its body must not be taken for a message.
    """
    try:
        while (length := await _read_length(reader, lenient=lenient)) is not None:
            yield await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return
    except (ValueError, Misframed) as error:
        log.error("The connection is ended, what came over it cannot be read: %s", error)


async def _read_length(reader: asyncio.StreamReader, *, lenient: bool) -> int | None:
    length: int | None = None
    while line := await reader.readline():
        if not line.strip():
            if length is not None:
                return length
            continue
        match = HEADER.fullmatch(line)
        if match is None and not lenient:
            raise Misframed(f"{line[:40]!r} is no header")
        if match is not None and match["name"].lower() == b"content-length":
            length = _as_length(match["value"])
    return None


def _as_length(value: bytes) -> int:
    if not value.isdigit() or len(value) > 12 or int(value) > LARGEST:
        raise Misframed(f"a message of {value[:20].decode('ascii', 'replace')} bytes")
    return int(value)


def framed(body: bytes) -> bytes:
    """A message with its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class StreamConnection:
    """A client at the other end of a socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def messages(self) -> AsyncIterator[bytes]:
        """The bodies of messages as they come."""
        return read_messages(self._reader, lenient=False)

    def send(self, body: bytes) -> None:
        """Send one message."""
        if not self._writer.is_closing():
            self._writer.write(framed(body))

    async def close(self) -> None:
        """Send the rest and close."""
        self._writer.close()
        try:
            await asyncio.wait_for(self._writer.wait_closed(), 1.0)
        except (OSError, TimeoutError):
            self._writer.transport.abort()


class PipeConnection:
    """The process that started this one, at the other end of two file descriptors.

    Both are served by threads: a pipe that the client shares with others must not be made non-blocking, and a client
    that does not read must not stop the loop.
    """

    def __init__(self, source: int, sink: int) -> None:
        self._source = source
        self._sink = sink
        self._loop = asyncio.get_running_loop()
        self._reader = asyncio.StreamReader(loop=self._loop)
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._written = asyncio.Event()
        for work in (self._read, self._write):
            threading.Thread(target=work, name=f"soa{work.__name__}", daemon=True).start()

    def messages(self) -> AsyncIterator[bytes]:
        """The bodies of messages as they come."""
        return read_messages(self._reader, lenient=True)

    def send(self, body: bytes) -> None:
        """Send one message."""
        self._outgoing.put(framed(body))

    async def close(self) -> None:
        """Send the rest, unless the client does not read it."""
        self._outgoing.put(None)
        try:
            await asyncio.wait_for(self._written.wait(), 1.0)
        except TimeoutError:
            log.warning("The client does not read what it is sent; the rest is lost.")

    def _read(self) -> None:
        try:
            while chunk := os.read(self._source, CHUNK):
                self._loop.call_soon_threadsafe(self._reader.feed_data, chunk)
            self._loop.call_soon_threadsafe(self._reader.feed_eof)
        except OSError as error:
            self._tell(self._reader.set_exception, ConnectionResetError(str(error)))
        except RuntimeError:
            return  # the loop is closed: nobody listens any more

    def _write(self) -> None:
        try:
            while (data := self._outgoing.get()) is not None:
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(self._sink, rest) :]
        except OSError:
            log.info("The client has closed its end.")
        self._tell(self._written.set)

    def _tell(self, call: object, *values: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *values)  # type: ignore[arg-type]
        except RuntimeError:
            return


class WebSocketConnection:
    """A client that came over HTTP."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket
        self._outgoing: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._sending = asyncio.create_task(self._send_all())

    async def messages(self) -> AsyncIterator[bytes]:
        """The bodies of messages as they come."""
        from websockets.exceptions import ConnectionClosed

        try:
            while True:
                yield await self._socket.recv(decode=False)
        except ConnectionClosed:
            return

    def send(self, body: bytes) -> None:
        """Send one message."""
        self._outgoing.put_nowait(body)

    async def close(self) -> None:
        """Send the rest and close."""
        self._outgoing.put_nowait(None)
        await asyncio.wait({self._sending}, timeout=1.0)
        self._sending.cancel()
        await self._socket.close()

    async def _send_all(self) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            while (body := await self._outgoing.get()) is not None:
                await self._socket.send(body, text=True)
        except ConnectionClosed:
            return
