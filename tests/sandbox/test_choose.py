"""Choosing a kind of sandbox."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kinds_here
from nobody import PLAIN, run_as_nobody
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
print(json.dumps([[f.name, f.works, f.reason, f.advice] for f in asyncio.run(examine(Path(sys.executable)))]))
"""


async def name_of(kind):
    chosen = await choose(kind, PYTHON)
    await chosen.close()
    return chosen.name


async def test_the_strongest_that_holds_is_used():
    assert await name_of("auto") == "zygote"


@pytest.mark.parametrize("kind", ["zygote", "landlock", "process", "off"])
async def test_a_kind_that_is_named_is_the_one_that_is_used(kind):
    assert await name_of(kind) == kind


async def test_without_bubblewrap_landlock_is_used(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await name_of("auto") == "landlock"
    zygote, landlock, process = await examine(PYTHON)
    assert (zygote.works, landlock.works, process.works) == (False, True, True)
    assert (zygote.automatic, landlock.automatic, process.automatic) == (False, True, False)
    assert "apt install bubblewrap" in zygote.advice


async def test_what_is_named_must_work(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="bubblewrap is missing"):
        await choose("zygote", PYTHON)


async def test_off_runs_nothing(tmp_path):
    with pytest.raises(SandboxError, match="the sandbox is off"):
        await (await choose("off", PYTHON)).run(Job(tmp_path, {}, {}))


async def test_all_kinds_are_examined_and_one_is_what_auto_takes():
    found = [(f.name, f.works, f.automatic) for f in await examine(PYTHON)]
    assert found == [("zygote", True, True), ("landlock", True, False), ("process", True, False)]


def test_a_plain_user_has_the_same_kinds():
    told = run_as_nobody(kinds_here.__file__, PLAIN)
    assert [(name, works) for name, works, _ in told["kinds"]] == [
        ("zygote", True),
        ("landlock", True),
        ("process", True),
    ]
    assert told["auto"] == "zygote"


@pytest.mark.skipif(abi() < OLDEST, reason="the kernel has no Landlock, or too old a one")
async def test_how_strong_each_is_is_told():
    zygote, landlock, process = [finding.reason for finding in await examine(PYTHON)]
    assert zygote.startswith("Candidates have no network, and see only the project")
    assert f"Inside, {HERE} hold as well." in zygote
    assert landlock.startswith(f"One wall, of {HERE}: ")
    assert process.startswith("No sandbox: candidates could read all you can")
    assert HERE in process


@pytest.mark.skipif(not FOREIGN or platform.machine() != "x86_64", reason="this machine cannot pretend to be another")
def test_a_machine_that_nothing_is_known_of_has_no_second_wall_and_no_landlock():
    done = subprocess.run([FOREIGN, "i686", sys.executable, "-c", EXAMINE], stdout=subprocess.PIPE, check=True)
    zygote, landlock, process = json.loads(done.stdout)
    assert zygote[2].endswith("A second wall is lacking: no seccomp and no Landlock here.")
    assert landlock[1] is False
    assert landlock[2] == "Landlock does not hold here: there is no seccomp and no Landlock that can be used."
    assert landlock[3] == "It is used on x86_64 and aarch64 only; this is i686."
    assert process[2].startswith("No protection but limits")


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
        assert not finding.automatic
        assert "cannot be started" in finding.reason


async def test_where_neither_holds_nothing_runs_and_both_reasons_are_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    chosen = await choose("auto", tmp_path / "nothing")
    with pytest.raises(SandboxError, match=r"bubblewrap is missing\. .*nothing cannot be started") as caught:
        await chosen.run(Job(tmp_path, {}, {}))
    assert caught.value.advice.splitlines()[0] == "Install bubblewrap: apt install bubblewrap"
