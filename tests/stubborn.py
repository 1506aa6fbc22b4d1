"""Candidates that go on for ever, and start others that do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processes import descendants
from soa.sandbox import Job, Limits

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = Limits(wall_seconds=600.0, cpu_seconds=600)
ASKED = {
    "roots": [], "watched": {}, "resolve": [], "examples": [], "project": [], "files": [], "share": 600.0,
    "seconds": 1200.0,
}  # fmt: skip
DEAF = """
import os, signal, sys, time
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
"""
ORPHANS = """
def fork():
    try:
        return os.fork()
    except OSError:
        return -1
while fork():
    time.sleep(0.001)
while True:
    if fork() > 0:
        os._exit(0)
"""
CANDIDATES = {
    "sleeps": ("import time\ntime.sleep(600)", 1),
    "ignores signals, never rests": (f"{DEAF}\nwhile True: pass", 1),
    "grandchildren": (
        f"{DEAF}\nfor _ in range(4):\n    if os.fork() == 0:\n        os.setsid()\n        os.fork()\n"
        "        time.sleep(600)\ntime.sleep(600)",
        9,
    ),
    "orphans": (
        f"{DEAF}\nfor _ in range(4):\n    if os.fork() == 0:\n        os.setsid()\n        os.fork() and os._exit(0)\n"
        "        while True: pass\ntime.sleep(600)",
        5,
    ),
    "fork bomb": (f"{DEAF}\nwhile True:\n    try:\n        os.fork()\n    except OSError: pass", 30),
    "fork bomb of orphans": (f"{DEAF}{ORPHANS}", 9),
}
"""What a test does, and how many processes it then has at least."""


def job(root: Path, source: str) -> Job:
    """What a sandbox is asked for to have it run."""
    return Job(root, {**ASKED, "generated": [{"key": 0, "source": source}]}, {}, LIMITS)


def new(process: int, before: set[int]) -> set[int]:
    """Those that a process has started since, or that they have."""
    return set(descendants(process)) - before
