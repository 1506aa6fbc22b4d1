"""Modules that are not on disk as they are tested: new files, and notebooks."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from soa.contracts import Address
from soa.errors import SandboxError
from soa.sandbox import Job
from soa.sandbox.process import PlainProcess
from soa.verify import Subject, Verifier, doctests
from soa.workspace import Workspace, import_root, module_name, package_name
from trial import LIMITS, contract, function, write

PROMISE = contract("Doc.\n\n>>> f(2)\n4")


@pytest.fixture(scope="module")
def process():
    return asyncio.run(PlainProcess.start(Path(sys.executable)))


@pytest.fixture(params=["zygote", "process"])
def sandbox(request):
    return request.getfixturevalue(request.param)


async def judge(sandbox, root, relative, body, before="", held=None):
    """Verify a body for `f` in a file that need not exist; `before` stands above it."""
    path = root / relative
    subject = Subject(Address(relative, "f"), PROMISE, path, held)
    verifier = Verifier(sandbox, Workspace(root, Path(sys.executable)), LIMITS)
    overlay = {path: before + function(PROMISE, body)}
    return await verifier.verify(subject, doctests(PROMISE), overlay, {subject.address})


async def test_a_file_that_is_not_on_disk_is_a_module_of_its_package(sandbox, project):
    write(project, "pkg/__init__.py", "")
    write(project, "pkg/near.py", "FACTOR = 2\n")
    evidence = await judge(sandbox, project, "pkg/new.py", "return FACTOR * x", "from .near import FACTOR\n\n\n")
    assert evidence.verified
    assert evidence.results[0].reached == {"pkg/new.py::f"}
    assert not (project / "pkg" / "new.py").exists()


async def test_failures_show_its_lines(sandbox, project):
    evidence = await judge(sandbox, project, "new.py", "y = x\nreturn 1 / (y - 2)")
    trace = evidence.failures[0].traceback.splitlines()
    assert 'File "new.py", line 8, in f' in trace
    assert "  return 1 / (y - 2)" in trace


async def test_what_breaks_it_is_the_candidate_if_it_could_be_imported_before(sandbox, project):
    held = PROMISE.render().encode()
    evidence = await judge(sandbox, project, "new.py", "return 4", "1 / 0\n", held)
    assert "ZeroDivisionError" in evidence.broken
    evidence = await judge(sandbox, project, "new.py", "return 4", "1 / 0\n", b"1 / 0\n" + held)
    assert "with or without the candidate" in evidence.refused


async def test_a_notebook_imports_from_its_own_folder_also_inside_a_package(sandbox, project):
    write(project, "pkg/__init__.py", "raise RuntimeError('a notebook belongs to no package')\n")
    write(project, "pkg/near.py", "FACTOR = 2\n")
    write(project, "pkg/study 1.ipynb", '{"cells": []}')
    evidence = await judge(sandbox, project, "pkg/study 1.ipynb", "return FACTOR * x", "from near import FACTOR\n\n\n")
    assert evidence.verified
    assert evidence.results[0].reached == {"pkg/study 1.ipynb::f"}
    assert (project / "pkg" / "study 1.ipynb").read_text() == '{"cells": []}'


async def test_a_notebook_hides_no_module_of_its_name(sandbox, project):
    write(project, "study.py", "FACTOR = 2\n")
    write(project, "study.ipynb", "{}")
    evidence = await judge(sandbox, project, "study.ipynb", "return study.FACTOR * x", "import study\n\n\n")
    assert evidence.verified


async def test_a_notebook_that_was_never_saved(sandbox, project):
    assert (await judge(sandbox, project, "new.ipynb", "return 2 * x")).verified


async def test_a_file_outside_of_the_workspace_is_refused(zygote, project):
    for path in (project.parent / "new.py", project):
        with pytest.raises(SandboxError, match="no file of the workspace"):
            await zygote.run(Job(project, {"inspect": []}, {path: b""}, LIMITS))


def test_the_names_of_notebooks(tmp_path):
    write(tmp_path, "pkg/__init__.py", "")
    for name, module in {"a.ipynb": "a_ipynb", "my study-2.1.ipynb": "my_study_2_1_ipynb"}.items():
        path = tmp_path / "pkg" / name
        assert import_root(path) == tmp_path / "pkg"
        assert module_name(path) == module
        assert package_name(path) == ""
    assert module_name(tmp_path / "pkg" / "a.py") == "pkg.a"
