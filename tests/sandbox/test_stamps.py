"""By what it is told that an environment, or a file of it, has changed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from soa.sandbox.interpreter import Interpreter
from soa.sandbox.stamps import Watched, environment_stamp


@pytest.fixture
def project(tmp_path):
    (tmp_path / "project" / "src").mkdir(parents=True)
    return tmp_path / "project"


@pytest.fixture
def interpreter(project):
    site = project / ".venv/lib/python3.11/site-packages"
    site.mkdir(parents=True)
    (project / ".venv/pyvenv.cfg").touch()
    path = (Path(os.__file__).parent, site, project / "src", project / "gone.zip")
    return Interpreter(Path(sys.executable), (3, 11, 0), (project / ".venv", Path(sys.base_prefix)), path, b"")


def later(path):
    """Let a file or folder look as if it had been changed a while after its last change."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


@pytest.mark.parametrize(
    "changed",
    [
        ".venv/lib/python3.11/site-packages/new.py", ".venv/conda-meta/history", "uv.lock", "poetry.lock",
        "requirements-dev.txt", "pylock.toml",
    ],
)  # fmt: skip
def test_what_changes_an_environment(project, interpreter, changed):
    before = environment_stamp(interpreter, project)
    assert before == environment_stamp(interpreter, project)
    (project / changed).parent.mkdir(exist_ok=True)
    (project / changed).touch()
    later((project / changed).parent)
    came = environment_stamp(interpreter, project)
    assert came != before
    if "site-packages" not in changed:
        later(project / changed)
        assert environment_stamp(interpreter, project) != came
    assert len({before, came}) == 2


@pytest.mark.parametrize("changed", [".venv/pyvenv.cfg", ".venv/lib/python3.11/site-packages"])
def test_what_is_changed_in_place(project, interpreter, changed):
    before = environment_stamp(interpreter, project)
    later(project / changed)
    assert environment_stamp(interpreter, project) != before


@pytest.mark.parametrize("changed", ["src/new.py", "module.py", "pyproject.toml", "notes.txt"])
def test_what_does_not(project, interpreter, changed):
    before = environment_stamp(interpreter, project)
    (project / changed).touch()
    later((project / changed).parent)
    assert environment_stamp(interpreter, project) == before


def test_a_workspace_that_is_gone(tmp_path, interpreter):
    assert environment_stamp(interpreter, tmp_path / "gone") == environment_stamp(interpreter, tmp_path / "gone")


@pytest.mark.parametrize("change", [later, Path.unlink, lambda path: path.write_text("more")])
def test_watched_files(tmp_path, change):
    files = [tmp_path / name for name in ("a.py", "b.py")]
    for file in files:
        file.touch()
    watched = Watched(map(str, files))
    assert not watched.changed(10.0)
    change(files[1])
    assert not watched.changed(10.9)
    assert watched.changed(11.0)
    files[1].touch()
    assert watched.changed(11.5)


def test_a_file_that_was_never_there_does_not_change(tmp_path):
    watched = Watched([str(tmp_path / "absent.py")])
    assert not watched.changed(0.0)
    (tmp_path / "absent.py").touch()
    assert watched.changed(1.0)
