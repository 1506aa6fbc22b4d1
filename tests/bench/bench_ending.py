"""How long a run that is cancelled lives on: `python tests/bench/bench_ending.py`.

From the moment of cancelling until no process of it is there any more, seen from outside. Each candidate has shown
before that it is at work: there are as many processes of it as it means to start.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from telling import mark, percentile, tell

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from processes import descendants
from soa.sandbox.landlock import Landlock
from soa.sandbox.zygote import Zygote
from stubborn import CANDIDATES, job, new

MOST = 100.0
"""Milliseconds."""
TIMES = 20


async def ended(sandbox: Zygote | Landlock, root: Path, source: str, least: int) -> float:
    """Milliseconds from cancelling a run to the end of its last process."""
    await sandbox.run(job(root, "assert True"))
    before = set(descendants(os.getpid()))
    run = asyncio.create_task(sandbox.run(job(root, source)))
    while len(new(os.getpid(), before)) < least:  # noqa: ASYNC110 (there is no other way to be told)
        await asyncio.sleep(0.001)
    begun = time.perf_counter()
    run.cancel()
    with suppress(asyncio.CancelledError):
        await run
    while new(os.getpid(), before):  # noqa: ASYNC110 (see there)
        await asyncio.sleep(0)
    return 1000 * (time.perf_counter() - begun)


async def measure() -> None:
    """Print a line for each kind and candidate."""
    for kind in (Zygote, Landlock):
        sandbox = await kind.start(Path(sys.executable))
        with tempfile.TemporaryDirectory() as folder:
            for name, (source, least) in CANDIDATES.items():
                taken = [await ended(sandbox, Path(folder), source, least) for _ in range(TIMES)]
                most, middle = max(taken), percentile(taken, 0.5)
                told = f"median {middle:.1f} ms, most {most:.1f} ms (at most {MOST:g} ms)"
                tell(f"{mark(most <= MOST)} cancelled, {sandbox.name}, {name}: {told}")
        await sandbox.close()


def main() -> None:
    """Measure, and tell how busy the machine is."""
    tell(f"The machine's load: {os.getloadavg()[0]:.1f} with {os.cpu_count()} processors")
    asyncio.run(measure())


if __name__ == "__main__":
    main()
