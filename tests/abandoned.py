"""Servers that are killed at random moments, and what they leave: a program of the tests.

`abandoned.py KIND PYTHON TIMES [SEED]`: again and again a process that has sandboxes at work is killed; then everything
that it had started must end by itself. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import random
import select
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siege.reaper import SUBREAPER, left
from soa.sandbox import Job, Limits, Sandbox
from soa.sandbox.landlock import Landlock
from soa.sandbox.zygote import Zygote

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = {"zygote": Zygote, "landlock": Landlock}
BRIEF = 0.03
"""Seconds within which a server is killed that has just begun with something."""
LONG = 1.5
"""Seconds in which it goes through everything that it does."""
NOTHING = {"roots": [], "watched": {}, "resolve": [], "examples": [], "project": [], "files": []}
TIME = {"share": 9, "seconds": 9}
PLAIN = "assert 1 == 1"
STUBBORN = """
import os, signal, subprocess, time
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            open(os.path.join(os.environ["HOME"], str(os.getpid())), "w").close()
            while True: pass
        time.sleep(600)
subprocess.run(["sleep", "600"])
"""
IMPORTS = ("", "import sqlite3", "import email.message, xml.dom.minidom", "import multiprocessing, http.client")
"""What makes import sets: with each a server is started that loads it."""


def jobs(root: Path) -> Iterator[Job]:
    """What a server is kept busy with: what ends, and what never does of itself."""
    for number, imports in enumerate(IMPORTS):
        (root / f"m{number}.py").write_text(f"{imports}\n")
        module = {"name": f"m{number}", "file": str(root / f"m{number}.py")}
        for source in (PLAIN, STUBBORN):
            request = {**NOTHING, **TIME, "module": module, "generated": [{"key": 0, "source": source}]}
            yield Job(root, request, {}, Limits(wall_seconds=0.3 if source is STUBBORN else 10.0))


async def serve(kind: str, python: Path, root: Path, told: int) -> None:
    """Do all that a server does with sandboxes, for ever; say when it begins, and with each run."""
    os.write(told, b".")
    sandbox = await KINDS[kind].start(python)
    work = list(jobs(root))
    while True:
        random.shuffle(work)
        await asyncio.gather(*(one(sandbox, job, told) for job in work))


async def one(sandbox: Sandbox, job: Job, told: int) -> None:
    """Run one job."""
    os.write(told, b".")
    await sandbox.run(job)


def started(kind: str, python: Path, root: Path) -> tuple[int, int]:
    """A process that serves, and a descriptor on which it tells what it begins."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            asyncio.run(serve(kind, python, root, writing))
        except BaseException as error:
            sys.stderr.write(f"the server ended: {type(error).__name__}: {error}\n")
        finally:
            os._exit(1)
    os.close(writing)
    return pid, reading


def kill_at_random(pid: int, told: int) -> None:
    """Kill it in the first moments of something, or at any time."""
    soon = random.random() < 0.5
    for _ in range(random.choice((1, 1, 2, 3, 5, 8)) if soon else 1):
        os.read(told, 1)
    watch = os.pidfd_open(pid)
    ended, _, _ = select.select([watch], [], [], random.uniform(0, BRIEF if soon else LONG))
    os.close(watch)
    assert not ended, "the server ended by itself"
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(told)


def kill_and_look(kind: str, python: Path, times: int) -> dict[str, Any]:
    """Kill so many servers; what they left."""
    alive: list[str] = []
    files: list[str] = []
    slowest = 0.0
    with tempfile.TemporaryDirectory(prefix="abandoned-") as name:
        root, temporary = Path(name, "project"), Path(name, "tmp")
        root.mkdir()
        temporary.mkdir()
        tempfile.tempdir = str(temporary)
        for _ in range(times):
            kill_at_random(*started(kind, python, root))
            begun = time.monotonic()
            alive += left()
            slowest = max(slowest, time.monotonic() - begun)
            # What looked at the sandbox from outside made a file and a folder of its own.
            files += [p.name for p in temporary.iterdir() if p.name.startswith("soa-")]
    return {"alive": alive, "files": files, "slowest": slowest}


def main() -> None:
    """Do what the arguments say."""
    kind, python, times = sys.argv[1:4]
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    random.seed(sys.argv[4] if len(sys.argv) > 4 else None)
    sys.stdout.write(json.dumps(kill_and_look(kind, Path(python), int(times))))


if __name__ == "__main__":
    main()
