"""What the harness gives up before it touches the project, and a look at what is left."""

from __future__ import annotations

import os
import resource
import socket
import sys
from typing import TYPE_CHECKING, Any

from . import capabilities, landlock, seccomp

if TYPE_CHECKING:
    from collections.abc import Callable

OPEN_FILES = 256
PLAIN_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
DEVICES = (*PLAIN_DEVICES, "/dev/tty", "/dev/ptmx", "/dev/pts", "/dev/shm")
"""What may be written to besides the home; `multiprocessing` keeps its locks in the last one."""


def confine(limits: dict[str, int]) -> dict[str, Any]:
    """Give up, for good and for all children, what a test does not need; tell what the kernel has for that.

    That is: write nowhere but in the home; make no system call that could lead out; exceed no limit.
    """
    others = _others()
    abi = landlock.restrict([os.environ["HOME"], *DEVICES], network=True)
    filtered = seccomp.install()
    _set_limits(limits, others)
    return {"landlock": abi, "seccomp": filtered}


class Walls:
    """What holds a fork server, and each run that it forks, besides what holds it from outside.

    Parameters
    ----------
    plan
        `user`: the uid that runs become, None: they stay what they are; `readable`: the files and folders that runs can
        read, None: all that there is, because we have a file system of our own, with processes and networks of our own;
        `listed`: folders whose files' names can be read; `writable`: folders.
    """

    def __init__(self, plan: dict[str, Any]) -> None:
        self.alone = plan["readable"] is not None
        """Whether nothing but these walls holds a run."""
        self._user: int | None = plan["user"]
        self._readable: list[str] | None = plan["readable"]
        self._listed: list[str] = plan["listed"]
        self._scratch: list[str] = plan["writable"]
        self._writable: list[str] = [*self._scratch, *(PLAIN_DEVICES if self.alone else DEVICES)]
        self._rules = -1
        self._given_up = {"landlock": 0, "seccomp": False}

    def raise_around_server(self) -> None:
        """Hold the server itself: it sees the processes besides, and may become the user of the runs."""
        if self.alone and self._user is not None:
            capabilities.keep(capabilities.FOR_SERVER)
        rules = self._made(["/proc"])
        self._rules = self._made([]) if self.alone else landlock.parting(landlock.abi(), self._scratch)
        if rules >= 0:
            landlock.enter(rules)
        self._given_up = {"landlock": landlock.abi() if rules >= 0 else 0, "seccomp": seccomp.install(self.alone)}

    def _made(self, besides: list[str]) -> int:
        if self._readable is None:
            return landlock.ruleset(self._writable, None, network=True)
        rules = landlock.ruleset(self._writable, [*self._readable, *besides], network=False)
        for path in self._listed if rules >= 0 else ():
            landlock.allow_listing(rules, path)
        return rules

    def raise_around_run(self, limits: dict[str, int]) -> dict[str, Any]:
        """Hold this run for good; tell by what."""
        others = _others() if self.alone and self._user is None else 0
        if self._user is not None:
            self._become(self._user)
        capabilities.show_to_owner()
        if self._rules >= 0:
            if self.alone:
                landlock.allow_reading(self._rules, "/proc/self")
            landlock.enter(self._rules)
        if self.alone and self._given_up["landlock"] < landlock.SCOPES_ABI:
            seccomp.silence()
        _set_limits(limits, others)
        return self._given_up

    def _become(self, user: int) -> None:
        """Become another user, without rights, except to read what the rules allow where no file system was made."""
        if self.alone:
            capabilities.outlive_change_of_user()
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
        if self.alone:
            capabilities.keep(capabilities.FOR_RUN)


def _others() -> int | None:
    """How many processes and threads there are, of whomever; None if we are not told.

    The kernel counts all that a user has, a desktop with them, and does not tell how many these are.
    """
    try:
        with open("/proc/loadavg") as file:
            return int(file.read().split()[3].partition("/")[2])
    except OSError:
        return None


def _set_limits(limits: dict[str, int], others: int | None) -> None:
    """Set all limits; `others`: how many processes there may be of the same user that are none of this run."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, limits["cpu"], limits["cpu"] + 1)
    _limit(resource.RLIMIT_AS, limits["memory"])
    _limit(resource.RLIMIT_FSIZE, limits["file"])
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    if others is not None:
        _limit(resource.RLIMIT_NPROC, limits["processes"] + others)


def _limit(kind: int, soft: int, hard: int | None = None) -> None:
    """Set a limit, never above what already holds; only Linux is known to take them all (macOS: none on memory)."""
    ceiling = resource.getrlimit(kind)[1]
    wanted = soft if hard is None else hard
    top = wanted if ceiling == resource.RLIM_INFINITY else min(wanted, ceiling)
    try:
        resource.setrlimit(kind, (min(soft, top), top))
    except (OSError, ValueError):
        if sys.platform == "linux":
            raise


def inspect(paths: list[str], given_up: dict[str, Any]) -> dict[str, Any]:
    """Report who we are, what we may do, which networks there are and which of some paths can be read and written.

    `given_up` is what `confine` told.
    """
    status = _status()
    return {
        "user": os.getuid(),
        "capabilities": int(status.get("CapEff", "0"), 16) | int(status.get("CapPrm", "0"), 16),
        "no_new_privileges": status.get("NoNewPrivs", "").strip() == "1",
        "seccomp": given_up["seccomp"] and seccomp.holds(),
        "landlock": given_up["landlock"],
        "networks": _networks(),
        "sockets": _works(socket.socket),
        "signals": _works(os.kill, os.getppid(), 0),
        "visible": [p for p in paths if _works(os.open, p, os.O_RDONLY)],
        "writable": [p for p in paths if _works(os.open, p, os.O_WRONLY)],
        "environment": sorted(os.environ),
    }


def _works(work: Callable[..., object], *arguments: object) -> bool:
    """Try something; what it opens is closed when this process ends."""
    try:
        work(*arguments)
    except OSError:
        return False
    return True


def _status() -> dict[str, str]:
    """What the kernel tells of this process; nothing where it has no `/proc`."""
    try:
        with open("/proc/self/status") as file:
            return dict(line.rstrip("\n").partition(":\t")[::2] for line in file)
    except FileNotFoundError:
        return {}


def _networks() -> list[str]:
    try:
        with open("/proc/net/dev") as file:
            return [line.partition(":")[0].strip() for line in file if ":" in line]
    except FileNotFoundError:
        return []
