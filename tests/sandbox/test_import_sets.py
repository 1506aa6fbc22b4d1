"""What jobs import from outside of their project, read without importing or parsing it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from attrs import evolve
from hypothesis import given, strategies

from soa.sandbox import Job
from soa.sandbox.import_lines import ImportLine, read_imports
from soa.sandbox.imports import ImportSets
from soa.sandbox.interpreter import Interpreter

INSTALLED = (
    "attr/__init__.py", "attr/parts.py", "fast.cpython-311-x86_64-linux-gnu.so", "pytest/__init__.py", "single.py",
    "spread/one/__init__.py", "tool/__init__.py",
)  # fmt: skip


@pytest.fixture
def ground(tmp_path):
    for file in INSTALLED:
        write(tmp_path / "site", {file: ""})
    (tmp_path / "project").mkdir()
    return tmp_path


@pytest.fixture
def project(ground):
    return ground / "project"


@pytest.fixture
def interpreter(ground):
    standard = Path(os.__file__).parent
    return Interpreter(Path(sys.executable), (3, 11, 0), (ground / "venv",), (standard, ground / "site"), b"")


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))


def job(project, file=None, tests=(), files=(), overlay=None, roots=()):
    request = {"roots": [str(project / r) for r in roots], "project": [{"key": 0, "name": n} for n in tests]}
    module = {"module": {"name": "any", "file": str(project / file)}} if file else {}
    overlay = {project / name: dedent(text).encode() for name, text in (overlay or {}).items()}
    return Job(project, {**request, **module, "files": list(files)}, overlay)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("import a", [ImportLine("a")]),
        ("import a.b as c, d  # why, e", [ImportLine("a.b"), ImportLine("d")]),
        ("import a, \\\n    b\nx = 1", [ImportLine("a"), ImportLine("b")]),
        ("from a.b import c as d, e", [ImportLine("a.b", 0, ("c", "e"))]),
        ("from a import (  # why\n    b,\n    c as d,  # and, this\n)\n", [ImportLine("a", 0, ("b", "c"))]),
        ("from a import *", [ImportLine("a", 0, ("*",))]),
        ("from . import b", [ImportLine("", 1, ("b",))]),
        ("from ..a.b import c", [ImportLine("a.b", 2, ("c",))]),
        ("from.a import b", [ImportLine("a", 1, ("b",))]),
        ("from \\\n  a \\\n  import b", [ImportLine("a", 0, ("b",))]),
        ("\ufeffimport a\r\nfrom b import (\r\n c)\r\n", [ImportLine("a"), ImportLine("b", 0, ("c",))]),
        ("import a; x = 1", [ImportLine("a")]),
        ("if x:\n    import a\ndef f():\n    from b import c", []),
        ("important = 1\nfrom_a = 2\nimport_ = 3\nx = 'import a'", []),
        ("from a import (b\n", [ImportLine("a")]),
        ("import ä.b", [ImportLine("ä.b")]),
    ],
)
def test_statements(text, lines):
    assert list(read_imports(text.encode())) == lines


@given(strategies.text('from import.ab,()*#\\\n\r;" \t', max_size=80))
def test_any_text_is_read(text):
    read_imports(text.encode())


def test_what_a_module_imports_through_files_of_its_project(project, interpreter):
    write(
        project,
        {
            "pack/__init__.py": "import tool",
            "pack/subject.py": "from . import beside\nfrom .deep.leaf import value\nimport os.path, own",
            "pack/beside.py": "from attr import parts, define",
            "pack/deep/__init__.py": "from ..cycle import x",
            "pack/deep/leaf.py": "import fast",
            "pack/cycle.py": "from .subject import y\nimport single",
            "pack/unused.py": "import pytest",
            "own.py": "from spread import one",
        },
    )
    found = ImportSets().of(job(project, "pack/subject.py", roots=["."]), interpreter)
    assert found == {"tool", "attr", "attr.parts", "fast", "single", "spread", "spread.one"}


def test_of_the_standard_library_only_what_is_heavy(project, interpreter):
    text = "import json, os, asyncio, urllib.parse, xml, importlib\nimport http.client\nfrom xml import dom\n"
    text += "from importlib import metadata\nfrom email.message import Message"
    write(project, {"m.py": text})
    found = ImportSets().of(job(project, "m.py"), interpreter)
    assert found == {"http.client", "xml.dom", "importlib.metadata", "email.message"}


def test_what_is_not_installed_makes_no_set_of_its_own(project, interpreter):
    write(project, {"m.py": "import absent, sys\nfrom absent.too import x\nfrom single import x\nimport single.part"})
    assert ImportSets().of(job(project, "m.py"), interpreter) == {"single", "single.part"}


def test_content_that_stands_in_a_files_place(project, interpreter):
    write(project, {"m.py": "import tool", "other.py": "import tool"})
    sets = ImportSets()
    candidate = job(project, "m.py", overlay={"m.py": "import single, other", "other.py": "import fast"})
    assert sets.of(candidate, interpreter) == {"single", "fast"}
    assert sets.of(job(project, "m.py"), interpreter) == {"tool"}


def test_a_file_that_is_not_there_but_for_the_overlay(project, interpreter):
    assert ImportSets().of(job(project, "new.py", overlay={"new.py": "import fast"}), interpreter) == {"fast"}
    assert ImportSets().of(job(project, "new.py"), interpreter) == frozenset()


def test_project_tests_with_all_that_pytest_loads_for_them(project, interpreter):
    write(
        project,
        {
            "conftest.py": "import fast",
            "tests/conftest.py": "from helpers import x",
            "tests/helpers.py": "import attr",
            "tests/unit/test_a.py": "import single",
            "tests/unit/test_b.py": "import tool",
            "tests/other/conftest.py": "import tool",
            "m.py": "",
        },
    )
    one = job(project, "m.py", tests=["tests/unit/test_a.py::test_x"])
    assert ImportSets().of(one, interpreter) == {"pytest", "fast", "attr", "single"}
    write(project, {"tests/unit/test_b.py": "import tool", "tests/test_c.py": "import helpers"})
    whole = job(project, files=["tests/unit/test_b.py", "tests/test_c.py"])
    assert ImportSets().of(whole, interpreter) == {"pytest", "fast", "tool", "attr"}


def test_pytest_only_where_it_is_installed(project, interpreter):
    write(project, {"test_a.py": ""})
    bare = evolve(interpreter, path=interpreter.path[:1])
    assert ImportSets().of(job(project, files=["test_a.py"]), bare) == frozenset()


def test_modules_of_the_project_are_followed_where_they_are_installed_in_editable_mode(project, interpreter):
    write(project, {"m.py": "import kit", "packages/kit/kit/__init__.py": "import tool"})
    editable = evolve(interpreter, path=(*interpreter.path, project / "packages/kit"))
    assert ImportSets().of(job(project, "m.py"), editable) == {"tool"}


def test_packages_installed_inside_of_the_project_are_not_its_own(project, interpreter):
    site = project / ".venv/lib/python3.11/site-packages"
    write(site, {"inner/__init__.py": "import tool"})
    write(project, {"m.py": "import inner"})
    inside = evolve(interpreter, path=(*interpreter.path, site), prefixes=(project / ".venv",))
    assert ImportSets().of(job(project, "m.py"), inside) == {"inner"}


def test_a_folder_of_the_project_that_is_called_like_a_package_hides_it_only_with_an_init_file(project, interpreter):
    write(project, {"m.py": "import tool.x", "tool/x.py": "import fast", "free/y.py": "import single"})
    assert ImportSets().of(job(project, "m.py"), interpreter) == {"tool.x"}
    write(project, {"tool/__init__.py": "", "m.py": "import tool.x\nfrom free import y"})
    assert ImportSets().of(job(project, "m.py"), interpreter) == {"fast", "single"}


def test_changes_are_seen_within_a_second(project, interpreter, ground):
    clock = iter([0.0, 0.0, 0.9, 1.0, 1.5, 2.5])
    sets = ImportSets(lambda: next(clock))
    asked = job(project, "m.py")
    write(project, {"m.py": "import own, late"})
    assert sets.of(asked, interpreter) == frozenset()
    write(project, {"own.py": "import tool"})
    write(ground / "site", {"late.py": ""})
    assert sets.of(asked, interpreter) == frozenset()
    assert sets.of(asked, interpreter) == {"tool", "late"}
    write(project, {"own.py": "import single, fast"})
    assert sets.of(asked, interpreter) == {"tool", "late"}
    assert sets.of(asked, interpreter) == {"single", "fast", "late"}
