"""Memory of the server with the large file open, before the first run: `python tests/bench/bench_memory.py`.

Proportional set size where the system tells it, else resident set size; of the server's process and all below it.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from bench_requests import Large
from client import SERVERS, servers, serving
from large_file import write_large_project
from telling import MISSING, target, tell

MOST = 60.0
"""MB above bare pygls."""
ASKED = {"bare pygls": ("hover", "code_action", "lenses"), "soa": ("hover", "code_action", "lenses", "diagnostics")}
SIZE = re.compile(r"^(?P<kind>Pss|VmRSS):\s+(?P<kilobytes>\d+) kB", re.MULTILINE)


def memory(process):
    """Megabytes of a process and its children, and which kind of size that is."""
    folder = Path("/proc") / str(process)
    text = ""
    for name in ("smaps_rollup", "status"):
        try:
            text += (folder / name).read_text()
        except OSError:
            continue
    found = {match["kind"]: int(match["kilobytes"]) / 1024 for match in SIZE.finditer(text)}
    kind = "Pss" if "Pss" in found else "VmRSS"
    children = (folder / "task" / str(process) / "children").read_text().split()
    return found[kind] + sum(memory(int(child))[0] for child in children), kind


async def measure():
    """Megabytes of each server once everything has been asked for."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_large_project(Path(folder))
        async with AsyncExitStack() as stack:
            clients = {}
            for name, command in servers().items():
                clients[name] = client = await stack.enter_async_context(serving(command, Path(folder)))
                await client.initialize(Path(folder))
                large = Large(client, path)
                for what in ASKED.get(name, ("hover", "code_action")):
                    await getattr(large, what)()
                await large.edit_then("\n", lambda one=large: one.hover(0))
            return {name: memory(client.process.pid) for name, client in clients.items()}


def main():
    """Print sizes beside the target."""
    found = asyncio.run(measure())
    tell("Memory with the large file open")
    for name, (size, kind) in found.items():
        tell(f"  {name:22} {size:6.1f} MB {kind}")
    if len(found) < len(SERVERS):
        tell(f"  {MISSING}")
    target("soa above bare pygls", found["soa"][0] - found["bare pygls"][0], MOST, "MB")


if __name__ == "__main__":
    main()
