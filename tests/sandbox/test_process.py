"""The plain process, on harmless candidates only."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from soa.evidence import Test
from soa.sandbox.harness.landlock import OLDEST, abi
from soa.sandbox.process import PlainProcess
from trial import BRIEF, judge, write


@pytest.fixture(scope="module")
def process():
    return asyncio.run(PlainProcess.start(Path(sys.executable)))


DOCSTRING = "Doc.\n\n>>> f(2)\n4"


async def test_a_candidate_runs_from_its_overlay_and_nothing_is_written(process, project):
    evidence = await judge(process, project, DOCSTRING, "return x * 2")
    assert evidence.verified
    assert sorted(p.name for p in project.iterdir()) == ["module.py", "pyproject.toml"]
    assert "return" not in (project / "module.py").read_text()


async def test_failures_show_the_overlays_lines(process, project):
    evidence = await judge(process, project, DOCSTRING, "y = x\nreturn 1 / (y - 2)")
    assert "  return 1 / (y - 2)" in evidence.failures[0].traceback.splitlines()


async def test_other_modules_get_the_candidate_too(process, project):
    write(project, "user.py", "from module import f\ndef g(): return f(4)\n")
    write(project, "test_user.py", "from user import g\ndef test_it():\n    assert g() == 8\n")
    tests = (Test("project", "test_user.py::test_it"),)
    assert (await judge(process, project, DOCSTRING, "return x * 2", tests)).verified


async def test_it_ends_in_time(process, project):
    body = "import time\nwhile True:\n    try: time.sleep(9)\n    except BaseException: pass"
    evidence = await judge(process, project, DOCSTRING, body, limits=BRIEF)
    assert evidence.failures[0].actual == "ran out of time (2 s)"


@pytest.mark.skipif(abi() < OLDEST, reason="the kernel has no Landlock, or too old a one")
async def test_the_project_cannot_be_written(process, project):
    body = 'with open("mine.txt", "w") as file: file.write("x")\nreturn x * 2'
    evidence = await judge(process, project, DOCSTRING, body)
    assert not evidence.verified
    assert "'mine.txt'" in f"{evidence.results[0].reason} {evidence.results[0].actual}"
    assert not (project / "mine.txt").exists()


async def test_an_exit_is_no_success(process, project):
    evidence = await judge(process, project, DOCSTRING, "import os\nos._exit(0)")
    assert evidence.failures[0].actual == "exited without a result"
