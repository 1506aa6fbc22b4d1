"""Hovers in the large file while 64 agents run, two sandboxes work and the engine's process floods the server.

Run it by hand: `python tests/bench/bench_load.py [SECONDS]`. In one workspace 64 agents ask a model that takes its
time, and their candidates are tested; in another as many replay recorded replies, untested, as fast as they can; both
again and again. Some stubs of the large file are implemented, too, and the client fetches all of its lenses whenever it
is told to, as an editor does.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bench_requests import Large
from client import HERE, SERVERS, serving
from large_file import write_large_project, write_project
from load_model import body_for
from telling import milliseconds, percentile, target, tell

from soa.source.stubs import find_stubs

SECONDS = 30.0
AGENTS = 64
FILES = ("one.py", "two.py", "three.py", "four.py")
SHOWN = 8
"""Stubs of the large file that are implemented."""
PAUSE = 0.02
"""Seconds between a hover's answer and the next hover."""
MOST = 50.0
"""Milliseconds."""
TESTED = {"sandbox": "auto", "concurrency": AGENTS, "model": "loopback", "generateTests": "never", "sizeLimit": 1000}
FLOOD = {"sandbox": "off", "concurrency": AGENTS, "model": "recorded:replies.txt", "generateTests": "never"}


@asynccontextmanager
async def model():
    """The URL of the model that takes its time."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, str(HERE / "load_model.py"))
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        rest, _ = await process.communicate(b"")
    tell(f"  requests under way at the model, at most: {rest.decode().strip()}")


def record_replies(paths):
    """Replies for all stubs of a project's files, in the file that its settings name."""
    text = ""
    for path in paths:
        names = [stub.contract.qualname for stub in find_stubs(path.read_text("utf-8"))]
        text += "".join(f"=== write {path.name}::{name}\n{body_for(name, '')}" for name in names)
    (paths[0].parent / "replies.txt").write_text(text)


async def go_on(client, path, done):
    """Have all stubs of a file implemented again and again; counts them by workspace."""
    uri = client.open(path)
    while True:
        found = await client.run("soa.regenerate", {"uri": uri})
        done[path.parent.name] += len(found["stubs"])


async def show_lenses(client, large, times):
    """Fetch the lenses whenever they are said to be others."""
    while True:
        await client.refreshed.wait()
        client.refreshed.clear()
        times.append((await large.lenses())[1])


async def at_work(client):
    """Agents that have not ended."""
    answer, _ = await client.request("soa/runs", None)
    runs = json.loads(answer)["result"]["runs"]
    return sum(run["total"] - run["done"] for run in runs if run["status"] == "running")


async def hovers(large, seconds):
    """Seconds of hovers for a while."""
    found, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        found.append(await large.hover())
        await asyncio.sleep(PAUSE)
    return found


async def measure(seconds):
    """Hovers before and while there is load."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        path = write_large_project(root / "large")
        tested = write_project(root / "tested", dict.fromkeys(FILES, AGENTS // len(FILES)))
        untested = write_project(root / "untested", dict.fromkeys(FILES, AGENTS // len(FILES)))
        record_replies(untested)
        async with model() as url:
            slow = {**TESTED, "baseUrl": url}
            settings = {(root / name).as_uri(): slow for name in ("large", "tested")}
            async with serving(SERVERS["soa"], root, {**settings, (root / "untested").as_uri(): FLOOD}) as client:
                await client.initialize(root)
                large = Large(client, path)
                await large.lenses()
                idle = await hovers(large, seconds / 10)
                return idle, *await under_load(client, large, [*tested, *untested], seconds)


async def under_load(client, large, paths, seconds):
    """Seconds of hovers and of lenses, and how much was going on."""
    lens_times, done = [], Counter()
    some = [f"stub_{number}" for number in range(SHOWN)]
    work = [
        *(asyncio.create_task(go_on(client, path, done)) for path in paths),
        asyncio.create_task(client.run("soa.implement", {"uri": large.uri, "names": some})),
        asyncio.create_task(show_lenses(client, large, lens_times)),
    ]
    await asyncio.sleep(seconds / 5)
    busy, before, start = [await at_work(client)], done.copy(), time.monotonic()
    found = await hovers(large, seconds)
    took = time.monotonic() - start
    busy.append(await at_work(client))
    for task in work:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return found, lens_times, busy, {name: count / took for name, count in (done - before).items()}


def main():
    """Print what hovers took beside the target."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    idle, found, lens_times, busy, rates = asyncio.run(measure(seconds))
    tell(f"Hovers under load ({len(found)} of them)")
    done = ", ".join(f"{rate:.0f} {name}" for name, rate in rates.items())
    tell(f"  agents at work: {busy[0]} at first, {busy[1]} in the end; stubs done each second: {done}")
    tell(f"  hover before the load  {milliseconds(idle)}")
    tell(f"  hover                  {milliseconds(found)}   longest {1000 * max(found):.0f} ms")
    if lens_times:
        tell(f"  {len(lens_times):4} times all lenses  {milliseconds(lens_times)}")
    target("hover p99 under load", 1000 * percentile(found, 0.99), MOST, "ms")


if __name__ == "__main__":
    main()
