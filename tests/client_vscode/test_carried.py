"""SoA from what the extension carries, in an interpreter without anything, in a project full of traps."""

from __future__ import annotations

import json

import pytest
from attrs import evolve

from served import served

SHAPES = '''\
import re
from units import Count


def area(width: Count, height: Count):
    """Area of a rectangle.

    >>> area(2, 3)
    6
    """


def carried():
    """Whether what SoA brings along can be imported here.

    >>> carried()
    False
    """
'''
WRITTEN = {
    "area": "def area(width, height):\n    return width * height\n",
    "carried": "from importlib.util import find_spec\n\n"
    "def carried():\n    return bool(find_spec('attr') or find_spec('jiter'))\n",
}
TRAPS = ("json", "pathlib", "typing_extensions", "pydantic", "jedi", "soa", "tree_sitter", "pydantic_core")


@pytest.fixture
def project(tmp_path):
    """A project with modules that have the names of ours, which leave a trace when they are run."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").touch()
    (root / "shapes.py").write_text(SHAPES)
    (root / "units.py").write_text('class Count(int):\n    """How many shapes there are."""\n')
    for name in TRAPS:
        (root / f"{name}.py").write_text(f"import os\nos.mkdir({str(tmp_path / 'trapped')!r})\n")
    return root


def answer(request):
    return WRITTEN[request.name]


def flags(launcher, endpoint):
    model = ("--base-url", endpoint.url, "--model", "loopback", "--generate-tests", "never")
    return *model, "--python", str(launcher.python)


def test_the_terminal_implements(installed, project, loopback, tmp_path):
    endpoint = loopback(answer)
    environ = {"XDG_DATA_HOME": str(tmp_path / "data"), "PYTHONPATH": str(project)}
    launcher = evolve(installed, environ=environ)
    assert launcher.check(project)["ready"]
    command = ("implement", "shapes.py", "--write", "--json", *flags(launcher, endpoint))
    status, out, err = launcher.run("--natives", str(launcher.storage), *command, folder=project)
    assert (status, "Traceback" in err) == (0, False), err
    assert [stub["status"] for stub in json.loads(out)["stubs"]] == ["verified"] * 2
    assert "return width * height" in (project / "shapes.py").read_text()
    assert any("How many shapes there are." in request.prompt for request in endpoint.requests)
    assert not (tmp_path / "trapped").exists()


async def test_the_server_and_its_processes_find_the_same_packages(installed, project, loopback, tmp_path):
    endpoint = loopback(answer)
    async with served(project, *flags(installed, endpoint), soa=installed.soa) as (editor, _):
        uri = editor.open(project / "shapes.py")
        done = await editor.execute("soa.implementFile", {"uri": uri})
        assert [stub["status"] for stub in done["stubs"]] == ["verified"] * 2
        assert (await editor.execute("soa.accept", {"uri": uri}))["applied"]
        assert "return width * height" in editor.text(uri)
        await editor.leave()
    assert any("How many shapes there are." in request.prompt for request in endpoint.requests)
    assert not (tmp_path / "trapped").exists()
