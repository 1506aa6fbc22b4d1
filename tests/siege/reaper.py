"""Run a command and tell what it left alive: all that loses its parent below us becomes our child.

As a program: `reaper.py SECONDS COMMAND...`; prints one JSON object. Runs as the user under siege, on its interpreter,
and needs nothing but the standard library.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SUBREAPER = 36
DYING_SECONDS = 5.0
"""What was killed needs a moment to die; what was not is still there then."""


def main() -> None:
    """Do it."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    seconds, command = float(sys.argv[1]), sys.argv[2:]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
    told = {"code": process.returncode, "out": out.decode(), "err": err.decode(), "left": left()}
    sys.stdout.write(json.dumps(told))


def left() -> list[str]:
    """Wait for the dying, then name and end whoever lives on."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    end, found = time.monotonic() + DYING_SECONDS, []
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            return found
        remaining = end - time.monotonic()
        if remaining > 0:
            signal.sigtimedwait({signal.SIGCHLD}, remaining)
            continue
        for pid in _children():
            found.append(_described(pid))
            os.kill(pid, signal.SIGKILL)
        os.waitpid(-1, 0)


def _children() -> list[int]:
    tasks = Path("/proc/self/task").iterdir()
    return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


def _described(pid: int) -> str:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return f"{pid}: {status[0]}, {status[2]}, {command[:200]}"


if __name__ == "__main__":
    main()
