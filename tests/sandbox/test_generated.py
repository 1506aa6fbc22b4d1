"""Tests that an agent wrote, run in bubblewrap."""

from __future__ import annotations

import pytest

from soa.evidence import Outcome, Test
from trial import judge

DOCSTRING = "Twice as much."


async def run(sandbox, root, *sources, body="return x * 2", limits=None):
    tests = tuple(Test("generated", f"test {n}", source) for n, source in enumerate(sources))
    more = {"limits": limits} if limits else {}
    return await judge(sandbox, root, DOCSTRING, body, tests, **more)


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("assert f(2) == 4", Outcome.PASSED),
        ("assert f(2) == 5", Outcome.FAILED),
        ("assert f(2) == 4\nassert f(3) == 7", Outcome.FAILED),
        ("def test_it():\n    assert f(2) == 4", Outcome.PASSED),
        ("def test_it():\n    assert f(2) == 5", Outcome.FAILED),
        ("async def test_it():\n    assert f(2) == 4", Outcome.PASSED),
        ("async def test_it():\n    assert f(2) == 5", Outcome.FAILED),
        ("import asyncio\nawait asyncio.sleep(0)\nassert f(2) == 4", Outcome.PASSED),
        ("assert not f(0)", Outcome.PASSED),
        ("assert f(0)", Outcome.FAILED),
        ("assert 1 < f(1) < 3", Outcome.PASSED),
        ("try:\n    f(None)\nexcept TypeError:\n    pass\nelse:\n    raise AssertionError('no error')", Outcome.PASSED),
        ("assert 1 == 1", Outcome.INCONCLUSIVE),
        ("assert f(2) == four", Outcome.INCONCLUSIVE),
        ("from nowhere import thing\nassert f(2) == 4", Outcome.INCONCLUSIVE),
        ("assert f(2 ==", Outcome.INCONCLUSIVE),
        ("def test_it(fixture):\n    assert f(2) == 4", Outcome.INCONCLUSIVE),
    ],
)
async def test_one_test(zygote, project, source, outcome):
    evidence = await run(zygote, project, source)
    assert [r.outcome for r in evidence.results] == [outcome]


@pytest.mark.parametrize(
    ("source", "shown", "expected", "actual"),
    [
        ("assert f(2) == 5", "assert f(2) == 5", "5", "4"),
        ("x = 1\nassert 5 == f(2)", "assert 5 == f(2)", "5", "4"),
        ("assert f(2) is None", "assert f(2) is None", "None", "4"),
        ("assert f(2) in (1, 2)", "assert f(2) in (1, 2)", "in (1, 2)", "4"),
        ("assert f(2) > 9, 'more'", "assert f(2) > 9, 'more'", "> 9", "4"),
        ("assert not f(2)", "assert not f(2)", "bool() is False", "4"),
    ],
)
async def test_a_failure_shows_both_sides(zygote, project, source, shown, expected, actual):
    evidence = await run(zygote, project, source)
    (result,) = evidence.failures
    assert (result.source, result.expected, result.actual) == (shown, expected, actual)


async def test_values_are_cut(zygote, project):
    evidence = await run(zygote, project, "assert f('a') == 'b'", body="return x * 10**7")
    assert len(evidence.failures[0].actual) < 3000


async def test_tests_do_not_share_names(zygote, project):
    evidence = await run(zygote, project, "y = f(1)\nassert y == 2", "assert f(1) == y")
    assert [r.outcome for r in evidence.results] == ["passed", "inconclusive"]
    assert "the test itself is broken: NameError" in evidence.results[1].reason


async def test_a_name_error_of_the_candidate_is_its_own(zygote, project):
    evidence = await run(zygote, project, "assert f(1) == 2", body="return y")
    assert evidence.failures[0].actual == "NameError: name 'y' is not defined"
