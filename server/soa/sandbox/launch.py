"""One process: started, listened to, ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Mapping, Sequence

CHUNK = 1 << 16
DYING_SECONDS = 2.0
"""How long we wait for the dying; only a process that left its group, outside any sandbox, is still there then."""


@frozen
class Command:
    """What to start."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    inherited: tuple[int, ...] = ()
    """File descriptors it keeps besides the standard ones."""


@frozen
class Ending:
    """What is known of a process that ended."""

    status: int
    """Exit status; negative: the signal that killed it."""
    timed_out: bool
    said: bytes = field(repr=False)
    """What it wrote to its channel."""
    output: bytes = field(repr=False)
    """Standard output and error, cut."""
    stopped: str = ""
    """What it used too much of; empty if it did not."""


class Drain:
    """Reads a pipe as it fills: keeps the first bytes, drops the rest, never holds the writer up."""

    def __init__(self, limit: int) -> None:
        self.kept = bytearray()
        self.ended = asyncio.Event()
        """Nobody holds the writing end any more."""
        self._limit = limit
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._reader, self._take)

    def _take(self) -> bool:
        try:
            data = os.read(self._reader, CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self._loop.remove_reader(self._reader)
            self.ended.set()
            return False
        self.kept += data[: max(0, self._limit - len(self.kept))]
        return True

    def release(self) -> None:
        """Close our copy of the writing end, once the process has its own."""
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1

    def finish(self) -> bytes:
        """Take what is left in the pipe without waiting for anyone who may still hold it open, and close."""
        self.release()
        for _ in range(2 * (1 << 20) // CHUNK):
            if not self._take():
                break
        self._loop.remove_reader(self._reader)
        os.close(self._reader)
        return bytes(self.kept)


def content_file(content: bytes) -> IO[bytes]:
    """An open file without a name that holds `content`, at its beginning; where the system can, for good.

    Runs inherit some of them: what one could write, the next would read.
    """
    file = blank_file()
    file.write(content)
    file.flush()
    file.seek(0)
    if hasattr(os, "memfd_create"):
        import fcntl

        seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, seals)
    return file


def blank_file() -> IO[bytes]:
    """An open file without a name, to be written."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("soa", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "w+b")
    return tempfile.TemporaryFile()


async def launch(command: Command, request: bytes, seconds: float, kept: tuple[int, int]) -> Ending:
    """Run a command to its end or its deadline, and leave nothing of it alive, also when cancelled.

    The numbers of two file descriptors are appended to its arguments: the first holds `request`, the second takes
    its answer. `kept` limits, in bytes, what is kept of the answer and of the output.

    Raises
    ------
    OSError
        The program cannot be started.
    """
    channel, output = (Drain(limit) for limit in kept)
    timed_out = False
    try:
        with content_file(request) as asked:
            process = await _start(command, asked.fileno(), channel.writer, output.writer)
        channel.release()
        output.release()
        try:
            async with asyncio.timeout(seconds):
                await process.wait()
        except TimeoutError:
            timed_out = True
        finally:
            await end(process)
            await _silence(channel, output)
    finally:
        said, printed = channel.finish(), output.finish()
    return Ending(process.returncode or 0, timed_out, said, printed)


async def _silence(*drains: Drain) -> None:
    """Wait until every process that could write is gone: what was killed needs a moment to die."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DYING_SECONDS):
            for drain in drains:
                await drain.ended.wait()


async def _start(command: Command, request: int, channel: int, output: int) -> Process:
    return await asyncio.create_subprocess_exec(
        *command.arguments,
        str(request),
        str(channel),
        env=dict(command.environment),
        cwd=command.folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=(request, channel, *command.inherited),
        start_new_session=True,
    )


async def end(process: Process) -> None:
    """Kill a process, its children and its group, and wait until it is gone."""
    watches = kill_tree(process.pid) if process.returncode is None else []
    await process.wait()
    for watch in watches:
        await gone(watch)


def kill_tree(pid: int) -> list[int]:
    """Kill a process that is not reaped yet, its children and its group; return descriptors to wait for with `gone`.

    The children go first and by their own number: the first process of a sandbox does not follow its parent.
    """
    children = _children(pid)
    watches = [w for w in map(_watch, children) if w is not None]
    for child in children:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    return watches


def _watch(pid: int) -> int | None:
    """A descriptor that tells when a process is gone; the first process of a sandbox goes after all others in it."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


async def gone(watch: int) -> None:
    """Wait until a process is gone, by its descriptor, but not for ever; close that."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(watch, ended.set)
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DYING_SECONDS):
                await ended.wait()
    finally:
        loop.remove_reader(watch)
        os.close(watch)


def _children(pid: int) -> Sequence[int]:
    """The children of a process that is not reaped yet; none where the system does not list them."""
    with contextlib.suppress(OSError):
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []
