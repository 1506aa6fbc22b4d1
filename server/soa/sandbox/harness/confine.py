"""What the harness gives up before it touches the project, and a look at what is left."""

from __future__ import annotations

import os
import resource
from typing import Any

from . import landlock, seccomp

OPEN_FILES = 256
DEVICES = (
    "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts",
    "/dev/shm",
)  # fmt: skip
"""What may be written to besides the home; `multiprocessing` keeps its locks in the last one."""
ALONE = ["lo"]
"""The networks of a process that shares them with nobody."""


def confine(user: int | None, limits: dict[str, int], network: bool) -> dict[str, Any]:
    """Give up, for good and for all children, what a test does not need; tell what the kernel has for that.

    That is: become another user if asked to, which drops every capability; write nowhere but in the home; make no
    system call that could lead out; exceed no limit. Without `network` no TCP either, unless we are alone on ours.
    """
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    abi = landlock.restrict([os.environ["HOME"], *DEVICES], network or _networks() == ALONE)
    filtered = seccomp.install()
    _set_limits(limits)
    return {"landlock": abi, "seccomp": filtered}


def _set_limits(limits: dict[str, int]) -> None:
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, limits["cpu"], limits["cpu"] + 1)
    _limit(resource.RLIMIT_AS, limits["memory"])
    _limit(resource.RLIMIT_FSIZE, limits["file"])
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_NPROC, limits["processes"])


def _limit(kind: int, soft: int, hard: int | None = None) -> None:
    """Set a limit, never above what already holds."""
    ceiling = resource.getrlimit(kind)[1]
    wanted = soft if hard is None else hard
    top = wanted if ceiling == resource.RLIM_INFINITY else min(wanted, ceiling)
    resource.setrlimit(kind, (min(soft, top), top))


def inspect(paths: list[str], given_up: dict[str, Any]) -> dict[str, Any]:
    """Report who we are, what we may do, which networks there are and which of some paths can be seen.

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
        "visible": [p for p in paths if os.path.exists(p)],
        "environment": sorted(os.environ),
    }


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
