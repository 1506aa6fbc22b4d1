"""A process in which modules are loaded once, and which forks for each run: how it is started, asked and ended."""

from __future__ import annotations

import asyncio
import json
import os
import select
import socket
import subprocess
import weakref
from typing import TYPE_CHECKING, Any

from soa.errors import SandboxError
from soa.sandbox.exchange import ANSWER_BYTES
from soa.sandbox.launch import DYING_SECONDS, Drain, Ending, blank_file, content_file, gone, kill_tree
from soa.sandbox.stamps import Watched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import ExitStack

    from soa.sandbox import Limits
    from soa.sandbox.launch import Command

START_SECONDS = 90.0
MESSAGE_BYTES = 1 << 12
STOP = b"stop"


class Gone(SandboxError):
    """A fork server was no longer there when it was needed, or ended while it carried out a run."""


class ForkServer:
    """One that runs, with nothing to do or with one run; made by `start`."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket, output: int, held: ExitStack) -> None:
        self.usable = True
        """Whether it can take another run: what is amiss with a run may have spoiled it."""
        self.culprit = ""
        """The first module that did more than define things when it was imported: no run may be forked then."""
        self._loaded = Watched(())
        self._process = process
        self._control = control
        self._output = output
        self._bury = weakref.finalize(self, _bury, process, control, output, held)

    @classmethod
    async def start(cls, command: Command, plan: Mapping[str, Any], held: ExitStack) -> ForkServer:
        """Start a command that ends up in the harness's fork server, and wait until it serves.

        The numbers of three file descriptors are appended to the command: its socket, its plan, and the place of its
        answer. What is `held` is let go once it has ended.

        Raises
        ------
        SandboxError
            It does not get as far.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, content_file(json.dumps(plan).encode("ascii")) as asked, blank_file() as answer:
            output = blank_file()
            try:
                process = _popen(command, (theirs.fileno(), asked.fileno(), answer.fileno()), output.fileno())
            except OSError as error:
                ours.close()
                output.close()
                held.close()
                raise SandboxError(f"{command.arguments[0]} cannot be started: {error.strerror}.") from None
            ours.setblocking(False)
            started = cls(process, ours, os.dup(output.fileno()), held)
            output.close()
            theirs.close()
            await started._become_ready()
            answer.seek(0)
            started._read(json.loads(answer.read()))
        return started

    def _read(self, answer: Mapping[str, Any]) -> None:
        self.culprit = answer["unfit"]["module"] if answer["unfit"] else ""
        self._loaded = Watched(answer["files"])

    async def _become_ready(self) -> None:
        try:
            async with asyncio.timeout(START_SECONDS):
                if await self._receive():
                    return
        except TimeoutError:
            pass
        except BaseException:
            await self.stop()
            raise
        said = [line for line in self._said().splitlines() if line.strip()]
        await self.stop()
        raise SandboxError(f"The sandbox does not start: {said[-1] if said else f'status {self._process.returncode}'}.")

    async def run(self, request: bytes, limits: Limits) -> Ending:
        """Have a request carried out by a fork; leave nothing of it alive, also when cancelled.

        Raises
        ------
        Gone
            The server has ended by itself.
        """
        channel, output = Drain(ANSWER_BYTES), Drain(limits.output_bytes)
        try:
            self._ask(request, limits, channel, output)
            told, timed_out = await self._told(limits.wall_seconds)
        finally:
            said, printed = channel.finish(), output.finish()
        if told is None and not timed_out:
            raise Gone("The sandbox was ended from outside.")
        if told is None:
            return Ending(1, timed_out, said, printed)
        self.usable = self.usable and told["clean"]
        return Ending(told["status"], timed_out, said, printed, "" if timed_out else told["stopped"])

    def _ask(self, request: bytes, limits: Limits, channel: Drain, output: Drain) -> None:
        allowed = json.dumps({"memory": limits.memory_bytes, "disk": limits.disk_bytes}).encode("ascii")
        try:
            with content_file(request) as asked:
                socket.send_fds(self._control, [allowed], [asked.fileno(), channel.writer, output.writer])
        except OSError:
            self.hang_up()
            raise Gone("The sandbox was ended from outside.") from None
        channel.release()
        output.release()

    async def _told(self, seconds: float) -> tuple[dict[str, Any] | None, bool]:
        """What the server tells of the end of its run, None if it is gone; and whether time ran out."""
        try:
            async with asyncio.timeout(seconds):
                return await self._heard(), False
        except TimeoutError:
            return await self._break_off(), True
        except asyncio.CancelledError:
            await self._break_off()
            raise

    async def _break_off(self) -> dict[str, Any] | None:
        """End the run; if that cannot be done, end the server."""
        try:
            self._control.send(STOP)
            async with asyncio.timeout(DYING_SECONDS):
                return await self._heard()
        except (OSError, TimeoutError):
            self.hang_up()
            return None
        except BaseException:
            self.hang_up()
            raise

    async def _heard(self) -> dict[str, Any] | None:
        message = await self._receive()
        if not message:
            self.hang_up()
            return None
        told: dict[str, Any] = json.loads(message)
        return told

    async def _receive(self) -> bytes:
        """The next message; empty if the server is gone."""
        try:
            return await asyncio.get_running_loop().sock_recv(self._control, MESSAGE_BYTES)
        except ConnectionResetError:
            return b""

    def _said(self) -> str:
        """The end of what it printed while it started."""
        size = os.fstat(self._output).st_size
        return os.pread(self._output, MESSAGE_BYTES, max(0, size - MESSAGE_BYTES)).decode("utf-8", "replace")

    def hang_up(self) -> None:
        """Have it end, with all that it started: its guard sees to that as soon as nobody listens any more."""
        self.usable = False
        self._control.close()

    async def stop(self) -> None:
        """Have it end, and wait until it has."""
        self.hang_up()
        try:
            await gone(os.pidfd_open(self._process.pid))
        finally:
            self._bury()

    def serves(self, now: float) -> bool:
        """Whether it still runs and what it has loaded is what stands on disk, at a time of some clock in seconds."""
        return not self._has_ended() and not self._loaded.changed(now)

    def _has_ended(self) -> bool:
        """Whether its process has ended. It is left to be waited for: until then nobody else gets its number."""
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    @property
    def pid(self) -> int:
        """The process that was started."""
        return self._process.pid


def _bury(process: subprocess.Popen[bytes], control: socket.socket, output: int, held: ExitStack) -> None:
    """Wait for what is ending by itself, but not for long; then leave nothing of it. Also if nobody has stopped it.

    If it was killed while it started, what it had begun with is still in its group, and waits for ever.
    """
    control.close()
    watch, waiting = os.pidfd_open(process.pid), select.poll()
    waiting.register(watch, select.POLLIN)
    waiting.poll(DYING_SECONDS * 1000)
    for number in (watch, *kill_tree(process.pid)):
        os.close(number)
    process.wait()
    os.close(output)
    held.close()


def _popen(command: Command, numbers: Sequence[int], output: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*command.arguments, *map(str, numbers)],
        env=dict(command.environment),
        cwd=command.folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=(*numbers, *command.inherited),
        start_new_session=True,
    )
