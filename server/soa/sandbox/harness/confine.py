"""What the harness gives up before it touches the project, and a look at what is left."""

from __future__ import annotations

import os
import resource
from typing import Any

OPEN_FILES = 256


def confine(user: int | None, limits: dict[str, int]) -> None:
    """Become another user if asked to, which drops every capability, then set the limits for good."""
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
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


def inspect(paths: list[str]) -> dict[str, Any]:
    """Report who we are, what we may do, which networks there are and which of some paths can be seen."""
    with open("/proc/self/status") as file:
        status = dict(line.rstrip("\n").partition(":\t")[::2] for line in file)
    with open("/proc/net/dev") as file:
        networks = [line.partition(":")[0].strip() for line in file if ":" in line]
    return {
        "user": os.getuid(),
        "capabilities": int(status["CapEff"], 16) | int(status["CapPrm"], 16),
        "no_new_privileges": status.get("NoNewPrivs", "").strip() == "1",
        "networks": networks,
        "visible": [p for p in paths if os.path.exists(p)],
        "environment": sorted(os.environ),
    }
