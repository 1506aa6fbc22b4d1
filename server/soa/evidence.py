"""What running tests showed: tests, their outcomes, and what both say of a candidate. Frozen, and free of I/O."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from attrs import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

Origin = Literal["doctest", "project", "generated"]

STRENGTHS = ("process", "landlock", "zygote")
"""Kinds of sandbox, the weakest first."""

SLOW = 1.0
"""Seconds from which a test counts as slow."""


class Outcome(StrEnum):
    """What became of one test."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    """It says nothing about the candidate: it cannot run here, never reached the function, or met an empty stub."""


@frozen
class Test:
    """Something that can be run against a candidate."""

    __test__ = False

    origin: Origin
    name: str
    """`example 2`, `tests/test_ledger.py::TestPost::test_rejects` (a pytest node), `test_empty_input`."""
    source: str = ""
    """Python source of a generated test: assertions, or one function `test_...`. Empty for the other origins."""


@frozen
class TestResult:
    """One test's outcome with what a repair needs to know."""

    __test__ = False

    test: Test
    outcome: Outcome
    source: str = ""
    """The statement or example that failed."""
    expected: str = ""
    actual: str = ""
    traceback: str = ""
    """Trimmed to the project's frames."""
    output: str = ""
    """What it printed, cut at a limit."""
    reason: str = ""
    """Why it is inconclusive."""
    reached: frozenset[str] = frozenset()
    """Which watched functions it called: `src/ledger.py::Ledger.post`."""
    blocked_by: frozenset[str] = frozenset()
    """Which of those are still empty stubs."""
    suspected: bool = False
    """A generated test that every independent candidate failed, or an example where the project's tests agree with
    them: reported, not obeyed. With a suspected example nothing counts as verified."""
    flaky: bool = False
    """It passed and failed with the same code: inconclusive, nothing to repair, and nothing counts as verified."""
    distrusted: bool = False
    """It passed, but the code under test had the means to make it so: inconclusive, and nothing counts as verified."""
    seconds: float = 0.0
    """How long it took, over all its parameters; 0: not known."""

    @property
    def slow(self) -> bool:
        """Whether it took so long that a user may want to know."""
        return self.seconds > SLOW


@frozen
class Count:
    """How many tests of one origin passed and failed."""

    origin: Origin
    passed: int
    failed: int


@frozen
class Evidence:
    """What running the tests on a candidate showed."""

    results: tuple[TestResult, ...] = ()
    unresolved: tuple[str, ...] = ()
    """Imports and module attributes that do not exist in the project's interpreter, one sentence each."""
    refused: str = ""
    """Why nothing could be run at all (no sandbox); empty if something ran."""
    broken: str = ""
    """Why the candidate's module could not be run (import failed, out of time, out of memory); empty otherwise."""
    sandbox: str = ""
    """The kind of sandbox that it was run in, as settings name it; empty if nothing was run."""

    def extended(self, results: Sequence[TestResult], sandbox: str) -> Evidence:
        """This evidence with further results; of two kinds of sandbox that it was taken in, the weaker one is told."""
        if not results:
            return self
        weakest = min({self.sandbox, sandbox} - {""}, key=STRENGTHS.index, default="")
        return evolve(self, results=(*self.results, *results), sandbox=weakest)

    @property
    def judged(self) -> tuple[TestResult, ...]:
        """The results that count."""
        return tuple(r for r in self.results if r.outcome is not Outcome.INCONCLUSIVE and not r.suspected)

    @property
    def failures(self) -> tuple[TestResult, ...]:
        """The failed tests that count."""
        return tuple(r for r in self.judged if r.outcome is Outcome.FAILED)

    @property
    def flaky(self) -> tuple[TestResult, ...]:
        """The tests that passed and failed with the same code."""
        return tuple(r for r in self.results if r.flaky)

    @property
    def verified(self) -> bool:
        """At least one test ran, none failed, is flaky or distrusted, and every example that can be run holds."""
        disputed = any((r.suspected and r.test.origin == "doctest") or r.distrusted for r in self.results)
        return bool(self.judged) and self.acceptable and not (disputed or self.flaky)

    @property
    def acceptable(self) -> bool:
        """Nothing speaks against the candidate."""
        return not (self.failures or self.unresolved or self.broken)

    @property
    def counts(self) -> tuple[Count, ...]:
        """Passed and failed by origin, in order of authority."""
        origins: tuple[Origin, ...] = ("doctest", "project", "generated")
        rows = (
            Count(
                o,
                sum(r.test.origin == o and r.outcome is Outcome.PASSED for r in self.judged),
                sum(r.test.origin == o and r.outcome is Outcome.FAILED for r in self.judged),
            )
            for o in origins
        )
        return tuple(c for c in rows if c.passed or c.failed)
