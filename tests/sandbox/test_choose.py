"""Choosing a sandbox."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from soa.errors import SandboxError
from soa.sandbox import Job
from soa.sandbox.choose import choose, examine
from soa.sandbox.depth import Depth
from soa.sandbox.harness.landlock import OLDEST, abi

PYTHON = Path(sys.executable)
HERE = Depth(seccomp=True, landlock=abi()).means
FOREIGN = shutil.which("setarch")
EXAMINE = """
import asyncio, json, sys
from pathlib import Path
from soa.sandbox.choose import examine
print(json.dumps([finding.reason for finding in asyncio.run(examine(Path(sys.executable)))]))
"""


async def test_bubblewrap_is_used_where_it_holds():
    assert (await choose("auto", PYTHON)).name == "bubblewrap"
    assert (await choose("bubblewrap", PYTHON)).name == "bubblewrap"


async def test_without_bubblewrap_nothing_runs_and_the_reason_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    chosen = await choose("auto", PYTHON)
    assert chosen.name == "off"
    with pytest.raises(SandboxError, match="bubblewrap is missing") as caught:
        await chosen.run(Job(tmp_path, {}, {}))
    assert "apt install bubblewrap" in caught.value.advice


async def test_what_is_named_must_work(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="bubblewrap is missing"):
        await choose("bubblewrap", PYTHON)


async def test_the_plain_process_is_only_for_those_who_ask():
    assert (await choose("process", PYTHON)).name == "process"


async def test_off_runs_nothing(tmp_path):
    with pytest.raises(SandboxError, match="the sandbox is off"):
        await (await choose("off", PYTHON)).run(Job(tmp_path, {}, {}))


async def test_all_kinds_are_examined():
    assert [(f.name, f.works) for f in await examine(PYTHON)] == [("bubblewrap", True), ("process", True)]


@pytest.mark.skipif(abi() < OLDEST, reason="the kernel has no Landlock, or too old a one")
async def test_a_second_wall_is_told_of():
    bubblewrap, process = [finding.reason for finding in await examine(PYTHON)]
    assert f"Inside, {HERE} hold as well." in bubblewrap
    assert process.startswith("No sandbox: candidates could read all you can")
    assert HERE in process


@pytest.mark.skipif(not FOREIGN or platform.machine() != "x86_64", reason="this machine cannot pretend to be another")
def test_a_machine_that_nothing_is_known_of_has_no_second_wall():
    done = subprocess.run([FOREIGN, "i686", sys.executable, "-c", EXAMINE], stdout=subprocess.PIPE, check=True)
    bubblewrap, process = json.loads(done.stdout)
    assert bubblewrap.endswith("A second wall is lacking: no seccomp and no Landlock here.")
    assert process.startswith("No protection but limits")


@pytest.mark.parametrize(
    ("depth", "means", "missing"),
    [
        (Depth(), "", "seccomp and no Landlock"),
        (Depth(seccomp=True), "seccomp", "Landlock"),
        (Depth(landlock=4), "Landlock (ABI 4)", "seccomp"),
        (Depth(seccomp=True, landlock=7), "seccomp and Landlock (ABI 7)", ""),
    ],
)
def test_what_is_there_and_what_is_not(depth, means, missing):
    assert (depth.means, depth.missing) == (means, missing)


async def test_an_interpreter_that_does_not_work_is_told(tmp_path):
    for finding in await examine(tmp_path / "nothing"):
        assert not finding.works
        assert "cannot be started" in finding.reason
