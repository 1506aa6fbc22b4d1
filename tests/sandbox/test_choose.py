"""Choosing a sandbox."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from soa.errors import SandboxError
from soa.sandbox import Job
from soa.sandbox.choose import choose, examine

PYTHON = Path(sys.executable)


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


async def test_an_interpreter_that_does_not_work_is_told(tmp_path):
    for finding in await examine(tmp_path / "nothing"):
        assert not finding.works
        assert "cannot be started" in finding.reason
