"""What is left of a run that is cancelled, or whose time is over: nothing."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from attrs import evolve

from processes import descendants
from soa.sandbox.landlock import Landlock
from soa.sandbox.zygote import Zygote
from stubborn import CANDIDATES, LIMITS, job, new


@pytest.fixture(params=[Zygote, Landlock], ids=["zygote", "landlock"])
async def sandbox(request):
    made = await request.param.start(Path(sys.executable))
    yield made
    await made.close()


@pytest.mark.parametrize("name", CANDIDATES)
async def test_cancelling_leaves_nobody(sandbox, project, name):
    source, least = CANDIDATES[name]
    await sandbox.run(job(project, "assert True"))
    before = set(descendants(os.getpid()))
    run = asyncio.create_task(sandbox.run(job(project, source)))
    while len(new(os.getpid(), before)) < least:  # noqa: ASYNC110 (nobody tells us)
        await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not new(os.getpid(), before)


@pytest.mark.parametrize("name", CANDIDATES)
async def test_the_end_of_time_leaves_nobody(sandbox, project, name):
    source, _ = CANDIDATES[name]
    await sandbox.run(job(project, "assert True"))
    before = set(descendants(os.getpid()))
    asked = job(project, source)
    report = await sandbox.run(evolve(asked, limits=evolve(LIMITS, wall_seconds=0.5)))
    assert report.failure == "ran out of time (0.5 s)"
    assert not new(os.getpid(), before)


async def test_cancelling_twice(sandbox, project):
    source, least = CANDIDATES["grandchildren"]
    others = set(descendants(os.getpid()))
    await sandbox.run(job(project, "assert True"))
    before = set(descendants(os.getpid()))
    run = asyncio.create_task(sandbox.run(job(project, source)))
    while len(new(os.getpid(), before)) < least:  # noqa: ASYNC110 (nobody tells us)
        await asyncio.sleep(0)
    run.cancel()
    await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await sandbox.close()
    assert not new(os.getpid(), others)


async def test_cancelling_while_it_starts(sandbox, project):
    run = asyncio.create_task(sandbox.run(job(project, "assert True")))
    before = set(descendants(os.getpid()))
    while not new(os.getpid(), before):  # noqa: ASYNC110 (nobody tells us)
        await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not new(os.getpid(), before)
