"""What the extension carries: whole, at the versions that are written down, and nothing that is compiled."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
NATIVE = {".so", ".pyd", ".dylib", ".dll", ".pyc", ".exe", ".a"}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = (("linux", "Linux", "posix"), ("darwin", "Darwin", "posix"), ("win32", "Windows", "nt"))
IMPORT_ALL = """
import importlib, pkgutil, soa, sys
names = [m.name for m in pkgutil.walk_packages(soa.__path__, "soa.")]
for name in names:
    if not name.startswith(("soa.demo.project", "soa.sandbox.harness", "soa.__main__")):
        importlib.import_module(name)
import openai
openai.AsyncOpenAI
assert not [p for p in sys.path if "site-packages" in p]
print(len(names))
"""


def pins(path):
    """Versions by package."""
    lines = [line.split("==") for line in path.read_text().split()]
    return {canonicalize_name(name): version for name, version in lines}


PURE = pins(ROOT / "client-vscode" / "requirements.txt")
NATIVES = pins(ROOT / "client-vscode" / "bundled" / "natives.txt")


@pytest.fixture(scope="module")
def fresh(make_bundle) -> Path:
    """What the extension carries, never used."""
    return make_bundle()


@pytest.fixture(scope="module")
def carried(fresh) -> dict[str, Distribution]:
    """The packages in `libs`."""
    return {canonicalize_name(d.name): d for d in distributions(path=[str(fresh / "libs")])}


def surroundings():
    """What requirements may depend on: all platforms and versions that we carry packages for."""
    for python in PYTHONS:
        for platform, system, name in SYSTEMS:
            here = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": platform}
            yield {**default_environment(), **here, "platform_system": system, "os_name": name, "extra": ""}


def wanted(carried):
    """What SoA and the packages that it brings along require, anywhere."""
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    for requirement in map(Requirement, [*ours, *(r for d in carried.values() for r in d.requires or ())]):
        if requirement.marker is None or any(map(requirement.marker.evaluate, surroundings())):
            yield requirement


def test_no_file_is_compiled(fresh):
    assert [path for path in (fresh / "libs").rglob("*") if path.suffix in NATIVE] == []
    assert list((fresh / "libs").rglob("__pycache__")) == []


def test_versions_are_those_that_are_written_down(carried, fresh):
    assert {name: d.version for name, d in carried.items()} == PURE
    assert {canonicalize_name(wheel.name.split("-")[0]) for wheel in (fresh / "wheels").iterdir()} == set(NATIVES)


def test_every_requirement_is_carried_or_native(carried):
    pinned = {**PURE, **NATIVES}
    wrong = [r for r in wanted(carried) if not r.specifier.contains(pinned.get(canonicalize_name(r.name), "0"))]
    assert {str(r) for r in wrong} == set()


def test_nothing_is_carried_that_nobody_requires(carried):
    assert {*PURE, *NATIVES} == {canonicalize_name(r.name) for r in wanted(carried)}


def test_licences_are_carried(fresh, carried):
    for name, distribution in carried.items():
        [notes] = (fresh / "libs").glob(f"{distribution.name.replace('-', '_').lower()}-*.dist-info")
        files = [path.name for path in notes.rglob("*") if path.is_file() and path.name != "METADATA"]
        assert files or re.search("^License", (notes / "METADATA").read_text(), re.MULTILINE), name


def test_all_of_soa_can_be_imported_without_an_environment(fresh, installed):
    [natives] = installed.storage.iterdir()
    setting = f"import sys; sys.path[:0] = [{str(fresh / 'libs')!r}, {str(natives)!r}]; sys.dont_write_bytecode = 1"
    command = [installed.python, "-I", "-S", "-W", "error", "-c", f"{setting}\n{IMPORT_ALL}"]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    assert answer.stderr == ""
    assert int(answer.stdout) > 100


def test_the_demo_and_the_prompts_are_carried(fresh):
    there = {p.relative_to(ROOT / "server").as_posix() for p in (ROOT / "server" / "soa").rglob("*") if p.is_file()}
    here = {p.relative_to(fresh / "libs").as_posix() for p in (fresh / "libs" / "soa").rglob("*") if p.is_file()}
    assert {name for name in there if "__pycache__" not in name} == here
    assert {"soa/demo/replies.txt", "soa/agents/prompts/child-write.md"} <= here
