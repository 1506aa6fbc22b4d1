"""Tests that pass and fail with the same code are told from those that fail."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from attrs import evolve

from coin import Coin
from soa.contracts import Address
from soa.evidence import Outcome, Test
from soa.sandbox.zygote import Zygote
from soa.verify import Subject, Verifier, doctests
from soa.verify.repeated import FLAKY
from soa.workspace import Workspace
from trial import BRIEF, LIMITS, contract, function, write

PASSED, FAILED, SAYS_NOTHING = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE
PROMISE = contract("Twice as much.\n\n>>> f(2)\n4\n>>> f(3)\n6")
TOSSED = "return 2 * x if open('coin').read() == 'h' else 0"
"""Right with heads, wrong with tails."""
FIRST_ONLY = "return 2 * x if x == 2 or open('coin').read() == 'h' else 0"
WHERE = Address("module.py", "f")
TESTS = """
from module import f

def test_chance():
    assert f(3) == 6

def test_elsewhere():
    assert open("coin").read() == "h"
"""


@pytest.fixture(scope="module")
def zygote():
    made = asyncio.run(Zygote.start(Path(sys.executable)))
    yield made
    asyncio.run(made.close())


@pytest.fixture
def trial(zygote, tmp_path):
    (tmp_path / "pyproject.toml").touch()
    return Trial(zygote, tmp_path, LIMITS)


class Trial:
    """One verifier, and candidates for it."""

    def __init__(self, sandbox, root, limits) -> None:
        self.root = root
        self.path = write(root, "module.py", PROMISE.render())
        self.coin = Coin(sandbox, "h")
        self.verifier = Verifier(self.coin, Workspace(root, Path(sys.executable)), limits)

    def toss(self, sides):
        self.coin.sides, self.coin.runs = sides, 0

    async def judge(self, sides, body=TOSSED, tests=None, promise=PROMISE):
        self.toss(sides)
        subject = Subject(WHERE, promise, self.path)
        tests = doctests(promise) if tests is None else tests
        return await self.verifier.verify(subject, tests, {self.path: function(promise, body)}, {WHERE})

    async def judge_files(self, sides, body=TOSSED):
        self.toss(sides)
        write(self.root, "test_module.py", TESTS)
        found = await self.verifier.verify_all(["test_module.py"], {self.path: function(PROMISE, body)}, {WHERE})
        return {r.test.name.rpartition("::")[2]: r for r in found}


def outcomes(evidence):
    return [r.outcome for r in evidence.results]


async def test_what_fails_at_first_and_then_passes_is_flaky(trial):
    evidence = await trial.judge("th", FIRST_ONLY)
    assert outcomes(evidence) == [PASSED, SAYS_NOTHING]
    (result,) = evidence.flaky
    assert (result.reason, result.expected, result.actual) == (FLAKY, "6", "0")
    assert result.reached == {"module.py::f"}
    assert evidence.acceptable
    assert not evidence.verified
    assert trial.coin.runs == 2


async def test_what_fails_twice_has_failed(trial):
    evidence = await trial.judge("tth")
    assert outcomes(evidence) == [FAILED, FAILED]
    assert trial.coin.runs == 2


async def test_what_passes_at_first_is_believed(trial):
    evidence = await trial.judge("ht")
    assert evidence.verified
    assert trial.coin.runs == 1


async def test_another_verdict_than_the_last_one_is_tried_again(trial):
    await trial.judge("h")
    assert outcomes(await trial.judge("th")) == [SAYS_NOTHING, SAYS_NOTHING]
    assert (await trial.judge("h")).verified
    assert trial.coin.runs == 2, "after a flaky one any verdict is new"
    assert (await trial.judge("h")).verified
    assert trial.coin.runs == 1


async def test_a_repair_that_passes_by_chance_is_not_verified(trial):
    assert outcomes(await trial.judge("t")) == [FAILED, FAILED]
    evidence = await trial.judge("ht")
    assert len(evidence.flaky) == 2
    assert not evidence.verified


async def test_the_same_failure_again_takes_no_second_run(trial):
    await trial.judge("t")
    await trial.judge("t", "return -x")
    assert trial.coin.runs == 1


async def test_another_contract_is_another_function(trial):
    await trial.judge("t")
    other = evolve(PROMISE, docstring=PROMISE.docstring.replace("Twice", "Two times"))
    await trial.judge("t", promise=other)
    assert trial.coin.runs == 2


async def test_generated_tests_are_tried_again_too(trial):
    tests = (Test("generated", "assert f(2) == 4", "assert f(2) == 4"),)
    assert (await trial.judge("th", tests=tests)).flaky


async def test_what_runs_out_of_time_is_not_tried_again(zygote, tmp_path):
    trial = Trial(zygote, tmp_path, BRIEF)
    evidence = await trial.judge("h", "while True: pass", tests=doctests(PROMISE)[:1])
    assert outcomes(evidence) == [FAILED]
    assert trial.coin.runs == 1


async def test_what_one_test_leaves_for_the_next_is_no_chance(trial):
    body = "f.seen = getattr(f, 'seen', 0) + 1\nreturn 2 * x if f.seen == 1 else 0"
    assert outcomes(await trial.judge("h", body)) == [PASSED, FAILED]
    assert trial.coin.runs == 2


async def test_a_crash_is_tried_again(trial):
    body = "import os\nif open('coin').read() == 't':\n    os.abort()\nreturn 2 * x"
    evidence = await trial.judge("th", body)
    assert evidence.results[0].flaky
    assert not evidence.verified


async def test_whole_files(trial):
    found = await trial.judge_files("th")
    assert found["test_chance"].flaky
    assert found["test_chance"].outcome is SAYS_NOTHING
    assert found["test_elsewhere"].outcome is SAYS_NOTHING, "it runs with the others"
    assert trial.coin.runs == 2


async def test_in_whole_files_only_what_reaches_the_run_matters(trial):
    found = await trial.judge_files("t", "return 2 * x")
    assert {n: r.outcome for n, r in found.items()} == {"test_chance": PASSED, "test_elsewhere": FAILED}
    assert trial.coin.runs == 1
