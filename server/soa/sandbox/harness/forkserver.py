"""A server that forks: it imports once what runs need, then makes each run a fork of itself.

There are two processes of it. The guard does nothing but see to it that no other outlives the server outside. The other
one forks. Neither ever runs the project's code.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from typing import Any, NoReturn

from . import capabilities, ending, preload
from .channel import read_all
from .confine import Walls
from .main import perform
from .origins import real
from .seal import sealed_package
from .use import Use

PRELOAD_SECONDS = 60
TICK = 50
"""Milliseconds between two looks at what a run uses."""
MESSAGE_BYTES = 1 << 12


def main() -> None:
    """Serve on a socket until its other end is closed."""
    control, plan = socket.socket(fileno=int(sys.argv[1])), json.loads(read_all(int(sys.argv[2])))
    capabilities.hide_from_owner()
    capabilities.take_in_orphans()
    if _has_folders(plan):
        _make_folders(plan["writable"], plan["user"])
    guard = os.pidfd_open(os.getpid())
    server = os.fork()
    if server == 0:
        try:
            ForkServer(control, plan, guard).serve(int(sys.argv[3]))
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
        finally:
            os._exit(1)
    _guard(control, server, plan)


def _has_folders(plan: dict[str, Any]) -> bool:
    """Whether the folders that runs write to are ours to make and to remove; a file system of our own has them."""
    return plan["readable"] is not None


def _make_folders(folders: list[str], user: int | None) -> None:
    for folder in folders:
        os.mkdir(folder, 0o700)
        if user is not None:
            os.chown(folder, user, user)


def _guard(control: socket.socket, server: int, plan: dict[str, Any]) -> NoReturn:
    """Wait until either side is gone; then end the other and all that is left."""
    ends = select.poll()
    ends.register(control, select.POLLRDHUP)
    ends.register(os.pidfd_open(server), select.POLLIN)
    ends.poll()
    if _has_folders(plan):
        ending.end_everything_below()
        for folder in plan["writable"]:
            ending.remove(folder)
    os._exit(0)


class ForkServer:
    """Forks runs, one at a time.

    Parameters
    ----------
    control
        A socket that keeps messages apart. The server outside says what a run may use, with three descriptors: the
        run's request, its channel, its output. It is told how the run ended. Any other message breaks the run off.
    plan
        What `Walls` are given; `path`: where modules are; `modules`: those to import; `tests`: whether runs are to test
        something; `root`: the workspace, of which none is, but for its folders `outside`, which hold packages;
        `prefixes` of the interpreter.
    guard
        A descriptor of the process that guards us: what it would have ended, we end if it is killed.
    """

    def __init__(self, control: socket.socket, plan: dict[str, Any], guard: int) -> None:
        self._control = control
        self._guard = guard
        self._outside = select.poll()
        for number in (control.fileno(), guard):
            self._outside.register(number, select.POLLIN)
        self._plan = plan
        self._walls = Walls(plan)
        self._scratch: list[str] = plan["writable"]

    def serve(self, answer: int) -> NoReturn:
        """Get ready, write to a descriptor what that has led to, and carry out what comes."""
        capabilities.take_in_orphans()
        self._walls.raise_around_server()
        sys.prefix, sys.exec_prefix = self._plan["prefixes"]
        signal.alarm(PRELOAD_SECONDS)
        base = preload.BASE if self._plan["tests"] else ()
        loaded = preload.preload(self._plan["modules"], self._plan["path"], self._is_owned, base)
        signal.alarm(0)
        with open(answer, "w") as file:
            json.dump(loaded, file)
        self._remember()
        kept = ending.Scratch(self._scratch, self._plan["user"])
        gc.collect()
        gc.freeze()
        self._control.send(b"ready")
        while True:
            message, descriptors = self._receive()
            if descriptors:
                told = self._carry_out(json.loads(message), descriptors)
                self._control.send(json.dumps({**told, "clean": kept.empty()}).encode("ascii"))

    def _remember(self) -> None:
        """Look up once what is the same for all runs."""
        sealed_package(__name__.partition(".")[0])
        for path in (*self._plan["path"], *self._plan["prefixes"], self._plan["root"]):
            real(path)

    def _is_owned(self, path: str) -> bool:
        outside = tuple(os.path.join(p, "") for p in self._plan["outside"])
        inside = path.startswith(os.path.join(self._plan["root"], ""))
        return inside and not path.startswith(outside) and "/site-packages/" not in path

    def _receive(self) -> tuple[bytes, list[int]]:
        """Wait for a message; without anybody to send one, or to guard us, leave nobody behind."""
        ready = [number for number, _ in self._outside.poll()]
        message, descriptors = b"", list[int]()
        if self._guard not in ready:
            message, descriptors, _, _ = socket.recv_fds(self._control, MESSAGE_BYTES, 3)
        if not message:
            self._end_run()
            os._exit(0)
        return message, descriptors

    def _carry_out(self, asked: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        run = os.fork()
        if run == 0:
            try:
                self._become_run(*descriptors)
            finally:
                os._exit(1)
        for number in descriptors:
            os.close(number)
        stopped = self._watch(run, asked)
        if stopped:
            # It may not have become its user yet. It is not waited for: others of it would go on meanwhile.
            os.kill(run, signal.SIGKILL)
        status = -signal.SIGKILL if stopped else os.waitstatus_to_exitcode(os.waitpid(run, 0)[1])
        self._end_run()
        return {"status": status, "stopped": stopped}

    def _become_run(self, request: int, channel: int, output: int) -> None:
        self._control.close()
        os.close(self._guard)
        os.setsid()
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        preload.refresh()
        perform(request, channel, self._walls.raise_around_run)

    def _watch(self, run: int, asked: dict[str, Any]) -> str:
        """Wait for a run's end; say why it must end before, if it must."""
        over = os.pidfd_open(run)
        try:
            return self._wait(over, asked)
        finally:
            os.close(over)

    def _wait(self, over: int, asked: dict[str, Any]) -> str:
        waiting = select.poll()
        waiting.register(over, select.POLLIN)
        for number in (self._control.fileno(), self._guard):
            waiting.register(number, select.POLLIN)
        use, exceeded = None, ""
        while not exceeded:
            ready = [number for number, _ in waiting.poll(TICK)]
            if over in ready:
                return ""
            if ready:
                self._receive()
                return "was broken off"
            use = use or Use(asked, self._scratch, not self._walls.alone)
            exceeded = use.exceeded()
        return exceeded

    def _end_run(self) -> None:
        if self._walls.alone:
            ending.end_everything_below()
        else:
            ending.end_everything_of(self._plan["user"])
