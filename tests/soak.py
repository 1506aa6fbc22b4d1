"""Many runs in a row, some of them cancelled, hit from outside, or up to no good: a program of the tests.

`soak.py KIND PYTHON RUNS [SEED]` prints one JSON object: what went wrong, what was left, and what was held meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field

from processes import descendants
from siege.reaper import SUBREAPER, left
from soa.evidence import Test
from soa.sandbox import Limits
from soa.sandbox.landlock import Landlock
from soa.sandbox.zygote import Zygote
from trial import judge

if TYPE_CHECKING:
    from soa.evidence import Evidence
    from soa.sandbox import Sandbox

KINDS = {"zygote": Zygote, "landlock": Landlock}
AT_ONCE = 4
"""Runs that are asked for at the same time: more than go on at once."""
WARM = 0.2
"""The part of the runs after which nothing may grow any more."""
HIT, CANCELLED, BAD = 0.02, 0.02, 0.1
"""Shares of the runs. Those that are hit are honest."""
SOON = 0.03
"""Seconds within which a run is hit or cancelled."""
RUN = 10.0
"""Seconds that a run may take; all of them together may take as many as a slow machine needs."""
DOCSTRING = "Doc.\n\n>>> f(2)\n4"
TESTS = (Test("generated", "t", "assert f(2) == 4"),)
HONEST = ("return x * 2", "import sqlite3\nreturn x * 2", "import tempfile\ntempfile.mkdtemp()\nreturn x * 2")
TIDY = """
import os, signal, subprocess, time
home = os.environ["HOME"]
"""
BAD_ONES = {
    "exits": "os._exit(0)",
    "ends itself": "os.kill(os.getpid(), signal.SIGKILL)",
    "leaves grandchildren": """
if os.fork() == 0:
    os.setsid()
    for _ in range(3):
        os.fork()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)
subprocess.Popen(["sleep", "600"], start_new_session=True)
return x * 2
""",
    "fills the disk": """
try:
    for n in range(400):
        with open(f"{home}/{n}", "wb") as file:
            file.write(bytes(1 << 20))
except OSError:
    pass
return x * 2
""",
    "hides files": """
os.makedirs(f"{home}/a/b/c")
open(f"{home}/a/b/c/d", "w").close()
os.chmod(f"{home}/a/b", 0)
os.chmod(f"{home}/a", 0)
return x * 2
""",
    "shuts its home": "os.chmod(home, 0)\nreturn x * 2",
    "forks and forks": """
while True:
    try:
        os.fork()
    except OSError:
        pass
""",
    "says much": "os.write(1, bytes(1 << 20))\nreturn x * 2",
}
SPEND_TIME = frozenset({"forks and forks"})


@define
class Soak:
    """What was done and seen."""

    sandbox: Sandbox
    root: Path
    counts: Counter[str] = field(factory=Counter)
    wrong: list[str] = field(factory=list)
    strikes: list[float] = field(factory=list)
    """When processes were ended from outside."""

    async def runs(self, number: int) -> None:
        """Have so many runs, some at the same time."""
        waiting = iter(range(number))

        async def work() -> None:
            for _ in waiting:
                await self._one()

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))

    async def _one(self) -> None:
        chance = random.random()
        if chance < HIT:
            await self._hit()
        elif chance < HIT + CANCELLED:
            await self._cancel()
        elif chance < HIT + CANCELLED + BAD:
            await self._misbehave()
        else:
            await self._verify("honest")

    async def _verify(self, what: str) -> None:
        """An honest candidate is verified, or says why not if anybody struck meanwhile."""
        self.counts[what] += 1
        begun = time.monotonic()
        evidence = await self._judged(random.choice(HONEST))
        struck = any(moment >= begun for moment in self.strikes[-AT_ONCE:])
        self.counts["not verified"] += not evidence.verified
        if not evidence.verified and not (struck and _says_why(evidence)):
            self.wrong.append(f"honest, struck: {struck}: {evidence}")

    async def _judged(self, body: str, limits: Limits | None = None) -> Evidence:
        limits = limits or Limits(wall_seconds=RUN)
        return await judge(self.sandbox, self.root, DOCSTRING, body, TESTS, limits)

    async def _hit(self) -> None:
        strike = asyncio.create_task(self._strike())
        await self._verify("hit")
        await strike

    async def _strike(self) -> None:
        await asyncio.sleep(random.uniform(0, SOON))
        found = list(descendants(os.getpid()))
        if found:
            victim = random.choice(found)
            self.strikes.append(time.monotonic())
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
            self.strikes.append(time.monotonic())

    async def _cancel(self) -> None:
        self.counts["cancelled"] += 1
        body = random.choice([*HONEST, "while True: pass", TIDY + BAD_ONES["leaves grandchildren"] + "time.sleep(9)"])
        task = asyncio.create_task(self._judged(body))
        await asyncio.wait([task], timeout=random.uniform(0, SOON))
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _misbehave(self) -> None:
        name = random.choice(list(BAD_ONES))
        self.counts[name] += 1
        limits = Limits(wall_seconds=0.3, processes=20) if name in SPEND_TIME else None
        evidence = await self._judged(TIDY + BAD_ONES[name], limits)
        if not (evidence.results or evidence.refused or evidence.broken):
            self.wrong.append(f"{name}: {evidence}")


def _says_why(evidence: Evidence) -> bool:
    return bool(evidence.refused or evidence.broken or any(r.reason or r.actual for r in evidence.results))


def held() -> dict[str, float]:
    """What this process holds, and on average each of those that it started, in MB; 0 if we are not told."""
    kept = [size for size in map(_size, descendants(os.getpid())) if size]
    return {"resident": _number("/proc/self/status", "VmRSS:"), "each": sum(kept) / max(1, len(kept))}


def _size(pid: int) -> float:
    return _number(f"/proc/{pid}/smaps_rollup", "Pss:")


def _number(path: str, label: str) -> float:
    with contextlib.suppress(OSError):
        return next((int(n.split()[1]) / 1024 for n in Path(path).read_text().splitlines() if n.startswith(label)), 0)
    return 0


def descriptors() -> int:
    """How many this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def soak(kind: str, python: Path, root: Path, runs: int) -> dict[str, Any]:
    """Have all the runs; what came of them."""
    open_before = descriptors()
    done = Soak(await KINDS[kind].start(python), root)
    begun = time.monotonic()
    async with asyncio.timeout(60 + runs * RUN / 10):
        await done.runs(int(runs * WARM))
        warm = held()
        await done.runs(runs - int(runs * WARM))
        end = held()
        seconds = time.monotonic() - begun
        await done.sandbox.close()
    return {
        "counts": done.counts, "wrong": done.wrong, "warm": warm, "end": end, "seconds": seconds,
        "descriptors": descriptors() - open_before, "tasks": len(asyncio.all_tasks()) - 1,
    }  # fmt: skip


def main() -> None:
    """Do what the arguments say."""
    kind, python, runs = sys.argv[1:4]
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    seed = sys.argv[4] if len(sys.argv) > 4 else str(random.randrange(1 << 30))
    random.seed(seed)
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        root, temporary = Path(name, "project"), Path(name, "tmp")
        root.mkdir()
        (root / "pyproject.toml").touch()
        temporary.mkdir()
        tempfile.tempdir = str(temporary)
        told = asyncio.run(soak(kind, Path(python), root, int(runs)))
        told |= {"seed": seed, "alive": left(), "files": sorted(p.name for p in temporary.iterdir())}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
