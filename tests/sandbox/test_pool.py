"""How many fork servers there are, and for how long."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from soa.sandbox import Job
from soa.sandbox.bubblewrap import InBubblewrap
from soa.sandbox.forking import Forks
from soa.sandbox.interpreter import probe
from soa.sandbox.landlock import OnLandlock
from soa.sandbox.launch import gone
from soa.sandbox.pool import SLOTS, Pool
from trial import LIMITS

NOTHING = {"roots": [], "watched": {}, "resolve": [], "examples": [], "project": [], "files": []}
TIME = {"share": 5.0, "seconds": 10.0}
IMPORTS = ("csv", "sqlite3", "http.client", "xml.dom.minidom", "email.message")


@pytest.fixture(params=[InBubblewrap, OnLandlock], ids=["zygote", "landlock"])
async def laid(request):
    """Makes servers that are kept in a pool."""
    interpreter, made = await probe(Path(sys.executable)), []

    def forks(pool):
        made.append(Forks(interpreter, request.param(interpreter), pool))
        return made[-1]

    yield forks
    for one in made:
        await one.close()


def importing(project, module, source="assert 1 == 1"):
    """A job whose server loads a module."""
    path = project / f"m_{module.partition('.')[0]}.py"
    path.write_text(f"import {module}\n")
    named = {"module": {"name": path.stem, "file": str(path)}, "generated": [{"key": 0, "source": source}]}
    return Job(project, {**NOTHING, **TIME, **named}, {}, LIMITS)


def outcomes(report):
    return [e["outcome"] for e in report.answer["events"] if "result" in e]


def alive(pids):
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


async def test_the_one_used_least_recently_is_stopped(laid, project):
    pool = Pool(kept=2)
    forks, seen = laid(pool), []
    jobs = [importing(project, module) for module in IMPORTS[:3]]
    for job in (jobs[0], jobs[1], jobs[0]):
        assert outcomes(await forks.run(job)) == ["passed"]
        seen.append(pool.idle[-1].pid)
    assert seen[0] == seen[2] != seen[1]
    watch = os.pidfd_open(seen[1])
    await forks.run(jobs[2])
    assert [server.pid for server in pool.idle if server.pid in seen] == [seen[0]]
    assert len(pool.idle) == 2
    await gone(watch)
    assert not alive(seen[1:2])


async def test_those_at_work_count(laid, project):
    pool = Pool(kept=SLOTS + 1)
    forks = laid(pool)
    await asyncio.gather(*(forks.run(importing(project, module)) for module in IMPORTS))
    assert len(pool.idle) <= SLOTS + 1


async def test_one_that_waits_too_long_is_stopped(laid, project):
    pool = Pool(idle_seconds=0.0)
    forks = laid(pool)
    await forks.run(importing(project, "csv"))
    (server,) = pool.idle
    await gone(os.pidfd_open(server.pid))
    assert pool.idle == ()
    assert outcomes(await forks.run(importing(project, "csv"))) == ["passed"]


async def test_one_that_was_killed_is_replaced(laid, project):
    pool, job = Pool(), importing(project, "csv")
    forks = laid(pool)
    await forks.run(job)
    (first,) = pool.idle
    watch = os.pidfd_open(first.pid)
    os.kill(first.pid, signal.SIGKILL)
    await gone(watch)
    assert outcomes(await forks.run(job)) == ["passed"]
    (second,) = pool.idle
    assert second.pid != first.pid


async def test_nothing_is_there_once_it_is_closed(laid, project):
    pool = Pool()
    forks = laid(pool)
    await asyncio.gather(*(forks.run(importing(project, module)) for module in IMPORTS[:2]))
    pids = [server.pid for server in pool.idle]
    await forks.close()
    assert pids
    assert not alive(pids)
