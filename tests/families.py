"""Processes and those that they started, as the system lists them."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DEADLINE = 20.0


def below(pid: int) -> set[int]:
    """All processes that come from one."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(") ")[2].split()[1])
        except OSError:
            continue
    found, before = {pid}, set[int]()
    while found != before:
        before = set(found)
        found |= {child for child, parent in parents.items() if parent in found}
    return found - {pid}


def at_tests(pid: int) -> set[int]:
    """The processes below one that run tests of candidates, not those that wait for some to run."""
    return {p for p in below(pid) if b"soa_harness.main" in command(p) or _is_fork(p)}


def _is_fork(pid: int) -> bool:
    """Whether a process was forked for a run: it leads a session, which the server that forks does not."""
    try:
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        leads = os.getsid(pid) == pid
    except OSError:
        return False
    server = command(parent)
    return leads and b"soa_harness.forkserver" in server and not server.partition(b"\0")[0].endswith(b"bwrap")


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def alive(pids: Iterable[int]) -> set[int]:
    """Those that have not ended."""
    return {pid for pid in pids if command(pid)}


async def when(holds: Callable[[], object]) -> None:
    """Wait for the system."""
    async with asyncio.timeout(DEADLINE):
        while not holds():  # noqa: ASYNC110 - nobody tells us
            await asyncio.sleep(0)


def wait_until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline
        os.sched_yield()
