"""The endpoint itself: asyncio in a thread of its own, one task a connection, nothing a call costs but itself."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from attrs import field, frozen

from loopback.faults import Cut, Fault, Hang, Raw, Status, Text
from loopback.replies import completion, error_for, stream_events

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LEFT = (ConnectionError, asyncio.IncompleteReadError)


@frozen
class ChatRequest:
    """One request as it came in."""

    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    path: str
    index: int
    """How many requests came before it."""
    nth: int
    """How many requests of the same step and target came before it, failed ones included."""
    answered: int
    """How many of those got a text."""

    @property
    def messages(self) -> list[dict[str, str]]:
        return list(self.body["messages"])

    @property
    def prompt(self) -> str:
        """All messages as one text."""
        return "\n\n".join(str(m["content"]) for m in self.messages)

    @property
    def step(self) -> str:
        return self.headers.get("x-soa-step", "")

    @property
    def target(self) -> str:
        """`src/ledger.py::Ledger.post`."""
        return unquote(self.headers.get("x-soa-target", ""))

    @property
    def name(self) -> str:
        """The target's qualified name."""
        return self.target.rpartition("::")[2]

    @property
    def agent(self) -> str:
        return self.headers.get("x-soa-agent", "")

    @property
    def run(self) -> str:
        return self.headers.get("x-soa-run", "")

    @property
    def depth(self) -> int:
        return int(self.headers.get("x-soa-depth", "0"))


class LoopbackServer:
    """A context manager that serves `/v1/chat/completions` and `/v1/models` on 127.0.0.1.

    Parameters
    ----------
    answer
        Says what becomes of a request. Called in the server's thread, one request at a time; must not block.
    latency
        Seconds from a request to the first byte of its answer; concurrent requests wait side by side.
    models
        What `/v1/models` lists.
    refuses
        Any of `stream`, `stream_options`, `system`, `temperature`: refused with the words of real servers.
    key
        The only key that is accepted; empty: any.
    prefix
        Where the API stands; elsewhere is 404.
    """

    def __init__(
        self,
        answer: Callable[[ChatRequest], str | Fault],
        *,
        latency: float = 0.0,
        models: tuple[str, ...] = ("loopback",),
        refuses: frozenset[str] | set[str] = frozenset(),
        key: str = "",
        prefix: str = "/v1",
    ) -> None:
        self.answer = answer
        self.latency = latency
        self.models = models
        self.refuses = frozenset(refuses)
        self.key = key
        self.prefix = prefix
        self.requests: list[ChatRequest] = []
        """All chat requests in the order in which they came, refused ones included."""
        self.paths: list[str] = []
        """`GET /v1/models` and so on, all requests."""
        self.errors: list[BaseException] = []
        """What `answer` raised; raised again when the server is left."""
        self.connections = 0
        """Connections accepted so far."""
        self.peak = 0
        """Most chat requests under way at once."""
        self.arrived = threading.Semaphore(0)
        """Released once for each chat request that came in."""
        self.left = threading.Semaphore(0)
        """Released once for each client that left before its answer was complete."""
        self._busy = 0
        self._seen: Counter[tuple[str, str]] = Counter()
        self._answered: Counter[tuple[str, str]] = Counter()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="loopback", daemon=True)

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return self.root + self.prefix

    def __enter__(self) -> LoopbackServer:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        if self.errors and kind is None:
            raise self.errors[0]

    def release(self) -> None:
        """Let everything that hangs go on."""
        self._loop.call_soon_threadsafe(self._released.set)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop, self._released = asyncio.Event(), asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=1024)
        self.port: int = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.ensure_future(self._converse(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(*LEFT):
                while await self._exchange(reader, writer):
                    pass
        finally:
            writer.close()
            with suppress(*LEFT):
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        content = await reader.readexactly(int(headers.get("content-length", "0")))
        self.paths.append(f"{method} {path}")
        channel = Channel(reader, writer)
        if path == f"{self.prefix}/chat/completions" and method == "POST":
            return await self._chat(channel, json.loads(content), headers, path)
        await channel.send(self._other(method, path, headers))
        return True

    def _other(self, method: str, path: str, headers: Mapping[str, str]) -> Status | Raw:
        if (method, path) != ("GET", f"{self.prefix}/models"):
            return Status(404, body="404 page not found", content_type="text/plain")
        if refusal := error_for(self.refuses, self.key, {}, headers):
            return refusal
        entries = [{"id": name, "object": "model", "created": 0, "owned_by": "loopback"} for name in self.models]
        return Raw(json.dumps({"object": "list", "data": entries}).encode())

    async def _chat(self, channel: Channel, body: dict[str, Any], headers: dict[str, str], path: str) -> bool:
        self._busy += 1
        self.peak = max(self.peak, self._busy)
        try:
            request = self._record(body, headers, path)
            if self.latency:
                await asyncio.sleep(self.latency)
            return await self._answer(channel, request)
        except LEFT:
            self.left.release()
            raise
        finally:
            self._busy -= 1

    def _record(self, body: dict[str, Any], headers: dict[str, str], path: str) -> ChatRequest:
        key = (headers.get("x-soa-step", ""), headers.get("x-soa-target", ""))
        request = ChatRequest(body, headers, path, len(self.requests), self._seen[key], self._answered[key])
        self._seen[key] += 1
        self.requests.append(request)
        self.arrived.release()
        return request

    async def _answer(self, channel: Channel, request: ChatRequest) -> bool:
        reply = error_for(self.refuses, self.key, request.body, request.headers) or self._ask(request)
        match reply:
            case Status() | Raw():
                await channel.send(reply)
                return True
            case Cut():
                await channel.cut(reply)
                return False
            case Hang():
                await channel.hang(reply, self._released)
                return False
        self._answered[request.headers.get("x-soa-step", ""), request.headers.get("x-soa-target", "")] += 1
        if request.body.get("stream") and not reply.plain:
            await channel.stream(reply, request.body)
        else:
            await channel.send(Raw(completion(reply, request.body)))
        return True

    def _ask(self, request: ChatRequest) -> Text | Status | Cut | Hang | Raw:
        try:
            reply = self.answer(request)
        except Exception as error:  # shown to the test when it leaves the server
            self.errors.append(error)
            return Status(400, "the test's own answer failed")
        return Text(reply) if isinstance(reply, str) else reply


class Channel:
    """Sends one answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, reply: Status | Raw) -> None:
        """A whole answer."""
        headers = reply.all_headers if isinstance(reply, Status) else {"Content-Type": reply.content_type}
        code = reply.code if isinstance(reply, Status) else 200
        self._head(code, {**headers, "Content-Length": str(len(reply.content))})
        step = -(-len(reply.content) // (reply.pieces if isinstance(reply, Raw) else 1)) or 1
        for start in range(0, len(reply.content), step):
            self._writer.write(reply.content[start : start + step])
            await self._writer.drain()
            await asyncio.sleep(0)

    async def stream(self, reply: Text, body: Mapping[str, Any]) -> None:
        """A reply as server-sent events."""
        self._head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
        events = stream_events(reply, body)
        if not (reply.pause or reply.endless):
            self._chunk(b"".join(events))
        else:
            for event in events:
                self._chunk(event)
                await self._writer.drain()
                await asyncio.sleep(reply.pause)
        if reply.linger:
            await self._until_left()
        if reply.drop:
            self._writer.transport.close()
            raise ConnectionAbortedError("as ordered")
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    async def cut(self, reply: Cut) -> None:
        """The connection is dropped at once, or after a part of the text."""
        if reply.after is not None:
            framing = {"Connection": "close"} if reply.clean else {"Transfer-Encoding": "chunked"}
            self._head(200, {"Content-Type": "text/event-stream", **framing})
            part = b"".join(stream_events(Text(reply.text[: reply.after], finish=None, usage=None, done=False), {}))
            self._writer.write(part) if reply.clean else self._chunk(part)
            await self._writer.drain()
        if not reply.clean:
            self._writer.transport.abort()

    async def hang(self, reply: Hang, released: asyncio.Event) -> None:
        """Silence until somebody gives up."""
        if reply.text:
            self._head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
            self._chunk(b"".join(stream_events(Text(reply.text, finish=None, usage=None, done=False), {})))
        waiting = asyncio.ensure_future(released.wait())
        leaving = asyncio.ensure_future(self._until_left())
        try:
            await asyncio.wait({waiting, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                leaving.result()
        finally:
            for task in (waiting, leaving):
                task.cancel()
            await asyncio.gather(waiting, leaving, return_exceptions=True)
        self._writer.transport.abort()

    async def _until_left(self) -> None:
        if not await self._reader.read(1):
            raise ConnectionResetError("the client left")

    def _head(self, code: int, headers: Mapping[str, str]) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._writer.write(f"HTTP/1.1 {code} Loopback\r\n{lines}\r\n".encode("latin-1"))

    def _chunk(self, data: bytes) -> None:
        self._writer.write(b"%x\r\n%b\r\n" % (len(data), data))
