"""How messages travel: framing, standard streams, TCP and WebSocket, and the process behind them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soa.cli.serve import address
from soa.errors import ConfigurationError
from soa.lsp.transport import LARGEST, framed, read_messages

DEADLINE = 30.0
SOA = (sys.executable, "-P", "-m", "soa", "serve")
INITIALIZE = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}}}
SHUTDOWN = {"jsonrpc": "2.0", "id": 2, "method": "shutdown"}
EXIT = {"jsonrpc": "2.0", "method": "exit"}


def packed(*messages: Any) -> bytes:
    return b"".join(framed(json.dumps(message).encode()) for message in messages)


async def messages_in(*chunks: bytes, lenient: bool = True) -> list[bytes]:
    reader = asyncio.StreamReader()
    for chunk in chunks:
        reader.feed_data(chunk)
    reader.feed_eof()
    return [body async for body in read_messages(reader, lenient=lenient)]


# -- framing


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=30), max_size=5), st.integers(1, 7))
async def test_bodies_come_out_as_they_went_in_however_they_are_cut(bodies, size):
    stream = b"".join(framed(body) for body in bodies)
    chunks = [stream[i : i + size] for i in range(0, len(stream), size)]
    assert await messages_in(*chunks, lenient=False) == bodies


async def test_headers_are_read_as_they_are_written_elsewhere():
    for header in (
        b"content-length: 2\r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length:2\r\n\r\n",
        b"Content-Length: 2\n\n",
        b"\r\n\r\nContent-Length: 2\r\n\r\n",
    ):
        assert await messages_in(header + b"{}", lenient=False) == [b"{}"]


async def test_noise_on_a_pipe_is_passed_over_and_on_a_socket_ends_the_connection(caplog):
    stream = b"Starting ...\n" + framed(b"{}")
    assert await messages_in(stream) == [b"{}"]
    assert await messages_in(stream, lenient=False) == []
    assert "is no header" in caplog.text


@pytest.mark.parametrize("length", [b"-1", b"two", b"%d" % (LARGEST + 1), b"9" * 5000])
async def test_lengths_that_cannot_be_end_the_connection(length, caplog):
    assert await messages_in(framed(b"{}"), b"Content-Length: " + length + b"\r\n\r\n{}") == [b"{}"]
    assert "cannot be read" in caplog.text


async def test_a_message_that_ends_early_is_none():
    assert await messages_in(framed(b"{}") + b"Content-Length: 10\r\n\r\n{}") == [b"{}"]
    assert await messages_in(b"Content-Le") == []
    assert await messages_in(b"x" * 100_000) == []


# -- the process


@asynccontextmanager
async def running(*arguments: str, **options: Any):
    """`soa serve`; ended at the end if it has not ended by itself."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), asyncio.subprocess.PIPE)
    process = await asyncio.create_subprocess_exec(*SOA, *arguments, **{**pipes, **options})
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def answer(reader: asyncio.StreamReader) -> Any:
    """The next response, with whatever comes before it passed over."""
    async with asyncio.timeout(DEADLINE):
        while True:
            length = int((await reader.readline()).partition(b":")[2])
            await reader.readline()
            message = json.loads(await reader.readexactly(length))
            if "method" not in message:
                return message


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """Exit code and standard error of a process that ends by itself."""
    async with asyncio.timeout(DEADLINE):
        _, said = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@pytest.mark.parametrize(
    ("last", "code"),
    [((SHUTDOWN, EXIT), 0), ((SHUTDOWN,), 0), ((EXIT,), 1), ((), 1)],
    ids=["both", "end", "exit", "eof"],
)
async def test_the_exit_code_says_whether_the_client_said_goodbye(last, code):
    async with running() as process:
        process.stdin.write(packed(INITIALIZE, *last))
        process.stdin.write_eof()
        assert await ended(process) == (code, "")


async def test_exit_ends_the_process_while_its_input_stays_open():
    async with running("--stdio") as process:
        process.stdin.write(packed(INITIALIZE, SHUTDOWN, EXIT))
        async with asyncio.timeout(DEADLINE):
            assert await process.wait() == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 1), (signal.SIGINT, 130)])
async def test_signals_end_it_quietly(number, code):
    async with running() as process:
        process.stdin.write(packed(INITIALIZE))
        await answer(process.stdout)
        process.send_signal(number)
        assert await ended(process) == (code, "")


async def test_it_ends_when_the_process_that_it_serves_is_gone():
    client = await asyncio.create_subprocess_exec("sleep", "1000")
    async with running() as process:
        params = {**INITIALIZE["params"], "processId": client.pid}
        process.stdin.write(packed({**INITIALIZE, "params": params}, {"jsonrpc": "2.0", "method": "initialized"}))
        await answer(process.stdout)
        client.kill()
        await client.wait()
        async with asyncio.timeout(DEADLINE):
            assert await process.wait() == 1


async def test_a_process_that_cannot_be_seen_is_not_waited_for():
    async with running() as process:
        params = {**INITIALIZE["params"], "processId": 2**22 + 1}
        process.stdin.write(packed({**INITIALIZE, "params": params}, SHUTDOWN))
        assert (await answer(process.stdout))["id"] == 1
        assert (await answer(process.stdout))["id"] == 2


async def test_nothing_else_gets_onto_the_protocols_streams():
    noise = (
        "print('noise'); os.system('echo noise'); sys.stdout.flush(); print(repr(sys.stdin.read()), file=sys.stderr)"
    )
    code = (
        "import os, sys; from soa.cli.serve import take_streams; source, sink = take_streams();"
        f"{noise}; os.write(sink, os.read(source, 10))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, noise_heard = await process.communicate(b"protocol")
    assert said == b"protocol"
    assert noise_heard.count(b"noise") == 2
    assert b"''" in noise_heard


async def test_serving_loads_neither_models_nor_meaning_nor_the_terminals_colours():
    code = (
        "import sys, pkgutil, importlib, soa.cli.serving, soa.lsp, soa.session.session, soa.engine.remote, soa.store;"
        "[importlib.import_module('soa.lsp.' + m.name) for m in pkgutil.iter_modules(soa.lsp.__path__)];"
        "heavy = {'openai', 'jedi', 'rich', 'soa.agents.colony', 'soa.agents.child'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await process.wait() == 0


async def test_bad_flags_are_told_before_anything_is_served(tmp_path):
    for arguments, said in (
        (("--depth", "-1"), "--depth"),
        (("--tcp", "nowhere"), "'nowhere' is no HOST:PORT"),
        (("--tcp", ":0", "--ws", ":0"), "Choose one of"),
        (("--log-file", str(tmp_path / "no" / "log")), "cannot be written"),
    ):
        async with running(*arguments) as process:
            code, heard = await ended(process)
            assert (code, said in heard) == (2, True), heard


async def test_the_log_goes_to_a_file_and_holds_no_keys(tmp_path):
    log = tmp_path / "soa.log"
    environ = {**os.environ, "OPENAI_API_KEY": "very-private-key"}
    async with running("--log-file", str(log), "--log-level", "info", env=environ) as process:
        bad = {"jsonrpc": "2.0", "id": 7, "method": "no/very-private-key", "params": {}}
        process.stdin.write(packed(INITIALIZE, bad, SHUTDOWN, EXIT))
        assert await ended(process) == (0, "")
    assert "Method Not Found: no/[key]" in log.read_text()
    assert "very-private-key" not in log.read_text()


# -- the network


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (":2087", ("127.0.0.1", 2087)), ("127.0.0.1:0", ("127.0.0.1", 0)), ("localhost:1", ("localhost", 1)),
        ("[::1]:2087", ("::1", 2087)), ("0.0.0.0:65535", ("0.0.0.0", 65535)),
    ],
)  # fmt: skip
def test_addresses(text, where):
    assert address(text) == where


@pytest.mark.parametrize("text", ["", "2087", "localhost", "a:b", "a:1:2", ":65536", "::1:5", "http://localhost:80"])
def test_what_is_no_address(text):
    with pytest.raises(ConfigurationError, match="no HOST:PORT"):
        address(text)


async def port_of(process: asyncio.subprocess.Process) -> int:
    """The port that a server says it listens on."""
    async with asyncio.timeout(DEADLINE):
        while line := (await process.stderr.readline()).decode():
            if "listening on" in line:
                return int(line.rpartition(":")[2])
    raise AssertionError("it does not listen")


async def test_clients_come_and_go_over_tcp():
    async with running("--tcp", ":0") as process:
        port = await port_of(process)
        first, second = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for reader, writer in (first, second):
            writer.write(packed(INITIALIZE))
            assert (await answer(reader))["result"]["serverInfo"]["name"] == "soa"
        first[1].write(packed(SHUTDOWN, EXIT))
        assert (await answer(first[0]))["id"] == 2
        assert await first[0].read() == b""
        second[1].write(packed({**SHUTDOWN, "id": 3}))
        assert (await answer(second[0]))["id"] == 3
        for _, writer in (first, second):
            writer.close()
        process.send_signal(signal.SIGINT)
        assert await ended(process) == (130, "")


async def test_a_web_page_cannot_post_messages():
    async with running("--tcp", ":0") as process:
        reader, writer = await asyncio.open_connection("127.0.0.1", await port_of(process))
        writer.write(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + packed(INITIALIZE))
        assert await reader.read() == b""
        writer.close()


async def test_a_port_in_use_is_a_clear_error():
    async with running("--tcp", ":0") as process:
        port = await port_of(process)
        for kind in ("--tcp", "--ws"):
            async with running(kind, f":{port}") as other:
                code, said = await ended(other)
                assert code == 2
                assert f"127.0.0.1:{port} cannot be listened on: it is in use already" in said


async def test_a_host_that_others_reach_is_warned_about():
    async with running("--tcp", "0.0.0.0:0") as process:
        async with asyncio.timeout(DEADLINE):
            assert "nobody is asked who they are" in (await process.stderr.readline()).decode()
        assert await port_of(process)


async def test_clients_come_and_go_over_websockets():
    from websockets.asyncio.client import connect
    from websockets.exceptions import ConnectionClosed, InvalidStatus

    async with running("--ws", "127.0.0.1:0") as process:
        url = f"ws://127.0.0.1:{await port_of(process)}"
        with pytest.raises(InvalidStatus):
            await connect(url, origin="https://example.org")
        async with connect(url) as first, connect(url, origin="http://localhost:3000") as second:
            for socket in (first, second):
                await socket.send(json.dumps(INITIALIZE))
                assert json.loads(await socket.recv())["id"] == 1
            await first.send(json.dumps(SHUTDOWN))
            assert json.loads(await first.recv())["id"] == 2
            await first.send(json.dumps(EXIT))
            with pytest.raises(ConnectionClosed):
                await first.recv()
            await second.send(json.dumps(SHUTDOWN).encode())
            assert json.loads(await second.recv())["id"] == 2
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == (1, "")
