"""The project's tests that no name leads to are learned from the runs in which they reached a function."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from soa.contracts import Address

PARTS = '''
    def _shout(text):
        """Make it loud: in capitals, with an exclamation mark."""
'''
API = """
    from importlib import import_module

    def run(name, text):
        return getattr(import_module("pkg.parts"), f"_{name}")(text)
"""
TESTS = """
    from unittest import mock

    import pkg.parts
    from pkg.api import run

    def test_by_the_way():
        assert run("shout", "no") == "NO!"

    def test_without_it():
        with mock.patch.object(pkg.parts, "_shout", str.upper):
            assert run("shout", "no") == "NO"
"""
RIGHT = "=== write pkg/parts.py::_shout\ndef _shout(text):\n    return text.upper() + '!'\n"
WRONG_FIRST = """
    === write pkg/parts.py::_shout
    def _shout(text):
        return text.title() + '!'
    === repair pkg/parts.py::_shout
    def _shout(text):
        return text.upper() + '!'
"""
WHERE = Address("pkg/parts.py", "_shout")


@pytest.fixture
def project(bench):
    bench.file("pkg/__init__.py", "")
    bench.file("pkg/parts.py", PARTS)
    bench.file("pkg/api.py", API)
    bench.file("tests/test_api.py", TESTS)
    return bench


def known(bench) -> dict[str, bool]:
    return {s.test.partition("::")[2]: s.reached for s in asyncio.run(bench.store.coverage.of(str(bench.root), WHERE))}


def judged(bench) -> list[tuple[int, int]]:
    return [(e.passed, e.failed) for e in bench.events if e.kind == "tested"]


def test_what_reached_a_function_is_run_at_once_the_next_time(project, run):
    run(RIGHT, "pkg/parts.py")
    assert judged(project) == [(0, 0)], "no test is known by its name, and the one that names it puts another in place"
    assert known(project) == {"test_by_the_way": True, "test_without_it": False}
    project.events.clear()
    (proposal,) = run(WRONG_FIRST, "pkg/parts.py").proposals
    assert judged(project) == [(0, 1), (1, 0)]
    assert [r.test.name for r in proposal.evidence.results] == ["tests/test_api.py::test_by_the_way"]


def test_a_run_that_fails_teaches_too(project, run):
    run(RIGHT, "pkg/parts.py")
    project.file("tests/test_api.py", TESTS.replace("NO!", "NO?"))
    run(WRONG_FIRST, "pkg/parts.py", attempts=2, depth=0)
    assert known(project)["test_by_the_way"]


def test_what_is_gone_is_forgotten(project, run):
    run(RIGHT, "pkg/parts.py")
    project.file("tests/test_api.py", TESTS.replace("test_by_the_way", "test_newly_named"))
    run(RIGHT, "pkg/parts.py")
    assert known(project) == {"test_newly_named": True, "test_without_it": False}
    Path(project.root, "tests/test_api.py").unlink()
    run(RIGHT, "pkg/parts.py")
    assert known(project) == {}


def test_a_test_that_has_changed_may_reach_it_after_all(project, run):
    run(RIGHT, "pkg/parts.py")
    project.file(
        "tests/test_api.py", TESTS.replace('"_shout", str.upper', 'f"_{id}", 1, create=True').replace('NO"', 'NO!"')
    )
    project.events.clear()
    run(RIGHT, "pkg/parts.py")
    assert known(project) == {"test_by_the_way": True, "test_without_it": True}


def test_a_function_that_is_gone_is_forgotten(project, run):
    run(RIGHT, "pkg/parts.py")
    project.file("pkg/parts.py", PARTS.replace("_shout", "_whisper"))
    run("=== write pkg/parts.py::_whisper\ndef _whisper(text):\n    return text.lower()\n", "pkg/parts.py")
    assert asyncio.run(project.store.coverage.functions(str(project.root))) == set()
