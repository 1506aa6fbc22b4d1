"""From the start of a server's process to its answer to `initialize`: `python tests/bench/bench_startup.py [ROUNDS]`.

The servers take turns, so that what else the machine does hits all alike.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from client import SERVERS, servers, serving
from telling import MISSING, milliseconds, percentile, target, tell

ROUNDS = 15
MOST = 1.2
"""Times bare pygls."""


async def start(command, root):
    """Seconds until the server says what it can."""
    begin = time.perf_counter()
    async with serving(command, root) as client:
        await client.initialize(root)
        return time.perf_counter() - begin


async def measure(rounds):
    """Seconds of each start, by server; the first, which reads from disk, is left out."""
    commands = servers()
    found = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for count in range(rounds + 1):
            for name, command in commands.items():
                seconds = await start(command, Path(folder))
                found[name] += [seconds] if count else []
    return found


def main():
    """Print times and ratios."""
    found = asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
    tell("Start-up to initialize")
    bare = percentile(found["bare pygls"], 0.5)
    for name, values in found.items():
        tell(f"  {name:22} {milliseconds(values)}   {percentile(values, 0.5) / bare:.2f} x bare pygls")
    if len(found) < len(SERVERS):
        tell(f"  {MISSING}")
    target("soa beside bare pygls", percentile(found["soa"], 0.5) / bare, MOST, "times")


if __name__ == "__main__":
    main()
