"""The processes that we start run no module of the folder that they are started in, as editors do in a project."""

from __future__ import annotations

import sys

from soa.contracts import Status
from soa.source.meaning import Meaning

COMMON = ("re", "json", "logging", "pickle", "threading", "socket", "soa", "openai", "jedi", "sqlite3")
"""Names that a project may give to modules of its own, and that we import."""


def lay_out(project, monkeypatch):
    for name in COMMON:
        project.file(f"{name}.py", f"open('ran', 'a').write('{name} ')\nraise SystemExit\n")
    monkeypatch.chdir(project.root)


async def test_the_engine_imports_nothing_of_the_current_folder(remote, project, heard, monkeypatch):
    lay_out(project, monkeypatch)
    result = await remote().run(project.order("double"), heard)
    assert [p.status for p in result.proposals] == [Status.VERIFIED], result.proposals[0].reason
    assert not (project.root / "ran").exists()


async def test_what_looks_names_up_imports_nothing_of_the_current_folder(project, monkeypatch):
    lay_out(project, monkeypatch)
    meaning = Meaning(project.root, project.root / "no" / "python")
    try:
        await meaning.warm()
        assert meaning.pid
    finally:
        meaning.close()
    assert not (project.root / "ran").exists()


def test_the_tests_themselves_would_notice():
    assert not sys.flags.safe_path


async def test_an_engine_starts_though_the_folder_that_we_were_started_in_is_gone(
    remote, project, heard, monkeypatch, tmp_path
):
    lost = tmp_path / "lost"
    lost.mkdir()
    monkeypatch.chdir(lost)
    lost.rmdir()
    result = await remote().run(project.order("double"), heard)
    assert [p.status for p in result.proposals] == [Status.VERIFIED]
