"""Candidates that try to make their own results."""

from __future__ import annotations

import importlib.util

import pytest

import forgeries
from soa.evidence import Outcome, Test
from soa.sandbox import Limits
from trial import judge, write

PASSED, FAILED, SAYS_NOTHING = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE
EXAMPLE = "Doc.\n\n>>> f(1)\n4"
LIMITS = Limits(wall_seconds=20.0, cpu_seconds=10)
SHORT = Limits(wall_seconds=3.0, cpu_seconds=2)
KINDS = {
    "example": None,
    "generated": (Test("generated", "test_it", "assert f(1) == 4"),),
    "project": (Test("project", "test_it.py::test_it"),),
}
PROJECT = "from module import f\n\ndef test_it():\n    assert f(1) == 4\n"


async def tried(sandbox, root, kind, body, limits=LIMITS):
    write(root, "test_it.py", PROJECT)
    return await judge(sandbox, root, EXAMPLE, body, KINDS[kind], limits)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", forgeries.FAILED)
async def test_a_forgery_has_failed(zygote, project, kind, name):
    body, told = forgeries.FAILED[name]
    evidence = await tried(zygote, project, kind, body, SHORT if name == "ignores alarms" else LIMITS)
    assert not evidence.verified
    assert not [r for r in evidence.results if r.outcome is PASSED]
    (result,) = evidence.results
    assert result.outcome is FAILED, result
    assert result.actual.startswith(told), result


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", forgeries.DOUBTED)
async def test_what_could_be_a_forgery_is_never_verified(zygote, project, kind, name):
    evidence = await tried(zygote, project, kind, forgeries.DOUBTED[name])
    (result,) = evidence.results
    assert (result.outcome, result.distrusted) == (SAYS_NOTHING, True), result
    assert result.reason.startswith("the result cannot be trusted")
    assert not evidence.verified
    assert evidence.acceptable


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", forgeries.HONEST)
async def test_what_is_honest_is_verified(zygote, project, kind, name):
    if name == "measures" and importlib.util.find_spec("numpy") is None:
        pytest.skip("numpy is missing")
    evidence = await tried(zygote, project, kind, forgeries.HONEST[name])
    assert evidence.verified, evidence
