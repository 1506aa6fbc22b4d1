"""`kill -9` during a run: nothing outlives the server, what was finished is there after a restart without a call, and
the rest runs again when asked.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from editor import DEADLINE
from loopback import Hang
from served import family, served

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Iterable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from editor import Editor
    from loopback import ChatRequest, LoopbackServer

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="processes are seen through pidfds")

COUNT, DONE = 20, 10
TEXT = "\n\n".join(
    f'def f{n}(x):\n    """{n} times x.\n\n    >>> f{n}(2)\n    {2 * n}\n    """\n' for n in range(COUNT)
)


class Answers:
    """Answers the first stubs, and the others once `all` is set."""

    def __init__(self) -> None:
        self.all = False

    def __call__(self, request: ChatRequest) -> str | Hang:
        number = int(request.name.removeprefix("f"))
        return f"def f{number}(x):\n    return {number} * x\n" if self.all or number < DONE else Hang()


def window(root: Path, endpoint: LoopbackServer) -> AbstractAsyncContextManager[tuple[Editor, Process]]:
    """An editor with `soa serve` as a process."""
    flags = ("--base-url", endpoint.url, "--model", "loopback", "--generate-tests", "never", "--concurrency", "32")
    return served(root, *flags)


async def ready(editor: Editor, uri: str, count: int) -> list[str]:
    """The stubs that have a verified proposal, once there are so many of them; looked at after each message."""
    async with asyncio.timeout(DEADLINE):
        while True:
            before = len(editor.received)
            lenses = await editor.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
            found = [
                c["command"]["arguments"][0]["name"] for c in lenses if "1/1 tests · Accept" in c["command"]["title"]
            ]
            if len(found) >= count:
                return found
            await editor.until(lambda seen=before: len(editor.received) > seen + 1)


async def gone(watched: Iterable[int]) -> None:
    """Wait until the processes behind these pidfds have ended."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(DEADLINE):
        for descriptor in watched:
            ended = asyncio.Event()
            loop.add_reader(descriptor, ended.set)
            await ended.wait()
            loop.remove_reader(descriptor)
            os.close(descriptor)


async def test_what_was_finished_is_there_after_kill_9_and_the_rest_runs_when_asked(project, file, loopback):
    answers = Answers()
    endpoint = loopback(answers)
    path = file("m.py", TEXT)
    async with window(project, endpoint) as (editor, process):
        uri = editor.open(path)
        editor.ask("workspace/executeCommand", {"command": "soa.implementFile", "arguments": [uri]})
        finished = await ready(editor, uri, DONE)
        for _ in range(COUNT):
            assert await asyncio.to_thread(endpoint.arrived.acquire, timeout=DEADLINE)
        watched = [os.pidfd_open(pid) for pid in family(process.pid)]
        process.send_signal(signal.SIGKILL)
        await gone(watched)
        for _ in range(COUNT - DONE):
            assert await asyncio.to_thread(endpoint.left.acquire, timeout=DEADLINE)
    assert finished == [f"f{n}" for n in range(DONE)]
    assert len(watched) > 2

    answers.all = True
    async with window(project, endpoint) as (editor, _):
        uri = editor.open(path)
        assert await ready(editor, uri, DONE) == finished
        assert (await editor.request("soa/runs"))["runs"] == []
        assert len(endpoint.requests) == COUNT
        done = await editor.execute("soa.implementFile", {"uri": uri})
        assert {stub["status"] for stub in done["stubs"]} == {"verified"}
        again = sorted(request.name for request in endpoint.requests[COUNT:])
        assert again == sorted(f"f{n}" for n in range(DONE, COUNT))
        assert (await editor.execute("soa.accept", {"uri": uri}))["applied"]
        names: dict[str, Any] = {}
        exec(editor.text(uri), names)
        assert [names[f"f{n}"](2) for n in range(COUNT)] == [2 * n for n in range(COUNT)]
        await editor.leave()
