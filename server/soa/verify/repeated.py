"""Tests that pass and fail with the same code: found by running them twice where their verdict is a surprise.

A verdict is a surprise if it is another than the last one of this test for this function, or if it is a test's first
and the test failed.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from attrs import evolve

from soa.evidence import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soa.evidence import Test, TestResult

MOST = 20_000
"""Verdicts remembered; the oldest are forgotten first."""
WHOLE = ""
"""What tests are about that run as whole files."""
FLAKY = "flaky: it passed and failed with the same code"
_OUT_OF_TIME = ("ran out of time", "used up its processor time")
_TAMPERED = "the code under test "
"""How it begins what was found where a run was tampered with; no value and no error does."""


class Verdicts:
    """The last verdict of each test, by what it was run for: a function with its contract, or `WHOLE`."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, Test], Outcome] = {}

    def doubtful(self, about: str, results: Sequence[TestResult]) -> tuple[Test, ...]:
        """The tests to run once more; none if no verdict is a surprise. They may depend on each other: so all of them.

        Those that ran out of time are left out, for they would cost as much again; examples run together or not at all.
        """
        if any(map(_is_final, results)):
            return ()
        late = {r.test for r in results if _ran_out_of_time(r)}
        examples = any(t.origin == "doctest" for t in late)
        rest = [r for r in results if r.test not in late and not (examples and r.test.origin == "doctest")]
        return tuple(r.test for r in rest) if any(self._is_surprise(about, r) for r in rest) else ()

    def settle(self, about: str, results: Sequence[TestResult], again: Sequence[TestResult]) -> tuple[TestResult, ...]:
        """The results in view of a second run; they are the last verdicts from now on."""
        second = {r.test: r for r in again}
        settled = tuple(_together(r, second.get(r.test, r)) for r in results)
        for result in settled:
            if result.outcome is not Outcome.INCONCLUSIVE or result.flaky:
                self._last.pop((about, result.test), None)
                self._last[about, result.test] = result.outcome
        for key in list(islice(self._last, max(0, len(self._last) - MOST))):
            del self._last[key]
        return settled

    def _is_surprise(self, about: str, result: TestResult) -> bool:
        """Whether a verdict is one; in whole files, tests that reach no function of the run are of no account."""
        if result.outcome is Outcome.INCONCLUSIVE or (about == WHOLE and not result.reached):
            return False
        return result.outcome is not self._last.get((about, result.test), Outcome.PASSED)


def _ran_out_of_time(result: TestResult) -> bool:
    return result.outcome is Outcome.FAILED and result.actual.startswith(_OUT_OF_TIME)


def _is_final(result: TestResult) -> bool:
    """Whether no other run makes up for a result: what runs was tampered with, or could have been."""
    return result.distrusted or (result.outcome is Outcome.FAILED and result.actual.startswith(_TAMPERED))


def _together(first: TestResult, second: TestResult) -> TestResult:
    if _is_final(second):
        return second
    if {first.outcome, second.outcome} != {Outcome.PASSED, Outcome.FAILED}:
        return first
    failed = first if first.outcome is Outcome.FAILED else second
    reached = first.reached | second.reached
    return evolve(failed, outcome=Outcome.INCONCLUSIVE, reason=FLAKY, flaky=True, reached=reached)
