"""Bodies of functions that mean harm, and what became of them in bubblewrap. As a program: the same as another user.

Nothing here may ever run outside a sandbox.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from soa.sandbox import Limits
from soa.sandbox.zygote import Zygote
from trial import judge

if TYPE_CHECKING:
    from soa.sandbox import Sandbox

LIMITS = Limits(wall_seconds=3.0, cpu_seconds=3, memory_bytes=1 << 28, processes=32)
ENDLESS = {"loops", "loops and holds on", "gives up its parent"}
"""Those that only the clock ends; the others get time enough for a busy machine."""
DOCSTRING = "Doc.\n\n>>> f(1)\n2"
BODIES = {
    "loops": "while True: pass",
    "loops and holds on": """
        import time
        while True:
            try:
                time.sleep(9)
            except BaseException: pass
        """,
    "forks": "import os\nwhile True: os.fork()",
    "forks and waits": """
        import os, time
        children = 0
        try:
            while children < 1000 and os.fork():
                children += 1
        except OSError:
            raise RuntimeError(f"stopped at {children}")
        time.sleep(60)
        """,
    "eats memory": "kept = []\nwhile True: kept.append(bytearray(1 << 24))",
    "eats the disk": """
        import itertools
        for n in itertools.count():
            with open(f"/tmp/{n}", "wb") as file: file.write(bytes(1 << 24))
        """,
    "eats other places": """
        import os
        for folder in [line.split()[1] for line in open("/proc/mounts")] + ["/etc", "/run"]:
            if os.path.isdir(folder) and not folder.startswith(("/tmp", "/dev/shm", "/proc")) or "/tmp/" in folder:
                try: open(folder + "/mine", "wb").close()
                except OSError: continue
                raise RuntimeError(f"wrote to {folder}")
        raise RuntimeError("wrote nowhere")
        """,
    "prints a gigabyte": "for _ in range(1024): print('x' * (1 << 20))\nreturn 2",
    "writes a gigabyte": "import os\nfor _ in range(1024): os.write(1, b'x' * (1 << 20))\nreturn 2",
    "exits": "import sys\nsys.exit(0)",
    "exits at once": "import os\nos._exit(0)",
    "aborts": "import os\nos.abort()",
    "kills everyone": "import os\nos.kill(-1, 9)\nos.kill(os.getpid(), 9)\nos._exit(3)",
    "claims success": """
        import os
        for fd in range(3, 64):
            for line in (b'{"result": 0, "outcome": "passed", "reached": [], "blocked_by": []}', b'{"end": true}'):
                try: os.write(fd, line + bytes([10]))
                except OSError: pass
        print("1 passed")
        os._exit(0)
        """,
    "deletes files": "import os\nos.remove(__file__)\nreturn 2",
    "deletes all": "import shutil, os\nshutil.rmtree(os.getcwd(), ignore_errors=True)\nreturn 2",
    "reads secrets": """
        import glob, os
        paths = ("/etc/shadow", "/etc/hostname", "/home", "/var", "/sys/kernel", ".git/config", ".env")
        seen = [p for p in paths if os.path.exists(p) and (os.path.isdir(p) or os.path.getsize(p))]
        for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/task/*/environ"):
            try: text = open(path, "rb").read()
            except OSError: continue
            if b"SOA_CANARY" in text: seen.append(path)
        raise RuntimeError(f"saw {seen}")
        """,
    "calls home": """
        import socket
        answers = []
        for place in (("127.0.0.1", PORT), ("1.1.1.1", 53)):
            try: socket.create_connection(place, 1); answers.append(place)
            except OSError as error: pass
        raise RuntimeError(f"reached {answers}")
        """,
    "leaves someone behind": """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(600)
            os._exit(0)
        return 2
        """,
    "gives up its parent": """
        import ctypes, time
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
        while True:
            try:
                time.sleep(9)
            except BaseException: pass
        """,
}


async def outcome(sandbox: Sandbox, root: Path, name: str, port: int) -> tuple[str, str]:
    """Run a body; return the outcome of its only test with what it actually did."""
    limits = LIMITS if name in ENDLESS else evolve(LIMITS, wall_seconds=120.0, cpu_seconds=60)
    evidence = await judge(sandbox, root, DOCSTRING, BODIES[name].replace("PORT", str(port)), limits=limits)
    (result,) = evidence.results or (None,)
    return (str(result.outcome), result.actual) if result else ("none", str(evidence))


async def outcomes(sandbox: Sandbox, root: Path, port: int) -> dict[str, tuple[str, str]]:
    """Run each body; return what came of it."""
    found = await asyncio.gather(*(outcome(sandbox, root, name, port) for name in BODIES))
    return dict(zip(BODIES, found, strict=True))


async def main(python: str, root: str, port: str) -> None:
    """Start a sandbox as whoever we are, and tell what came of it."""
    sandbox = await Zygote.start(Path(python))
    sys.stdout.write(json.dumps(await outcomes(sandbox, Path(root), int(port))))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
