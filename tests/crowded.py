"""Candidates of a user who has many processes already: a program of the tests.

`crowded.py KIND PYTHON` prints what comes of starting a thread and a process, and how many one can start at most.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from soa.evidence import Test
from soa.sandbox.landlock import Landlock
from soa.sandbox.process import PlainProcess
from soa.sandbox.zygote import Zygote
from trial import judge

KINDS = {"zygote": Zygote, "landlock": Landlock, "process": PlainProcess}
CROWD = 120
STARTS = """
import subprocess, threading
thread = threading.Thread(target=print)
thread.start()
thread.join()
return subprocess.call(["true"])
"""
BOMB = """
import os
started = 0
try:
    while started < 5000:
        if os.fork() == 0:
            os.read(os.pipe()[0], 1)
        started += 1
except OSError:
    pass
return started
"""


async def ask(kind: str, python: Path) -> list[str]:
    """What is shown for each of both; a plain process is not asked for the second."""
    sandbox, shown = await KINDS[kind].start(python), []
    with tempfile.TemporaryDirectory() as folder:
        for body in (STARTS, BOMB)[: 1 if kind == "process" else 2]:
            tests = (Test("generated", "t", "assert f(1) is None"),)
            (result,) = (await judge(sandbox, Path(folder), "Doc.", body, tests)).results
            shown.append(result.actual)
    await sandbox.close()
    return shown


def main() -> None:
    """Do it in a crowd."""
    crowd = [subprocess.Popen(["sleep", "600"]) for _ in range(CROWD)]
    try:
        sys.stdout.write(json.dumps(asyncio.run(ask(sys.argv[1], Path(sys.argv[2])))))
    finally:
        for one in crowd:
            one.kill()
            one.wait()


if __name__ == "__main__":
    main()
