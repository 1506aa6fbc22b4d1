"""Which verdicts are surprises, and what two verdicts come to."""

from __future__ import annotations

from soa.evidence import Outcome, Test, TestResult
from soa.sandbox.answers import WROTE
from soa.verify.repeated import MOST, WHOLE, Verdicts

PASSED, FAILED, SAYS_NOTHING = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE
ABOUT = "module.py::f"


def result(name, outcome, origin="project", **more):
    return TestResult(Test(origin, name), outcome, reached=frozenset({ABOUT}), **more)


def late(name, origin="project"):
    return result(name, FAILED, origin, actual="ran out of time")


def names(tests):
    return [t.name for t in tests]


def test_all_that_ran_with_a_surprise_run_again():
    results = [result("a", PASSED), result("b", FAILED), result("c", SAYS_NOTHING)]
    assert names(Verdicts().doubtful(ABOUT, results)) == ["a", "b", "c"]
    assert names(Verdicts().doubtful(ABOUT, results[:1])) == []


def test_time_is_spent_once():
    assert Verdicts().doubtful(ABOUT, [late("a"), result("b", PASSED)]) == ()
    assert names(Verdicts().doubtful(ABOUT, [late("a"), result("b", FAILED)])) == ["b"]
    examples = [late("example 1", "doctest"), result("example 2", FAILED, "doctest")]
    assert Verdicts().doubtful(ABOUT, examples) == ()
    assert names(Verdicts().doubtful(ABOUT, [*examples, result("b", FAILED)])) == ["b"]


def test_only_passed_and_failed_contradict_each_other():
    for first, second in ((FAILED, SAYS_NOTHING), (PASSED, SAYS_NOTHING), (FAILED, FAILED), (SAYS_NOTHING, FAILED)):
        (settled,) = Verdicts().settle(ABOUT, [result("a", first)], [result("a", second)])
        assert (settled.outcome, settled.flaky) == (first, False)
    (settled,) = Verdicts().settle(ABOUT, [result("a", PASSED)], [result("a", FAILED, actual="5")])
    assert (settled.outcome, settled.flaky, settled.actual) == (SAYS_NOTHING, True, "5")


def test_a_run_that_was_tampered_with_stays_failed():
    forged = result("a", FAILED, actual=WROTE)
    assert Verdicts().doubtful(ABOUT, [forged]) == ()
    assert Verdicts().settle(ABOUT, [result("a", PASSED)], [forged]) == (forged,)


def test_what_may_have_been_tampered_with_proves_nothing():
    doubted = result("a", SAYS_NOTHING, distrusted=True)
    assert Verdicts().doubtful(ABOUT, [doubted, result("b", FAILED)]) == ()
    assert Verdicts().settle(ABOUT, [result("a", PASSED)], [doubted]) == (doubted,)


def test_functions_are_kept_apart_and_old_verdicts_are_forgotten():
    verdicts = Verdicts()
    verdicts.settle(ABOUT, [result("a", FAILED)], ())
    assert not verdicts.doubtful(ABOUT, [result("a", FAILED)])
    assert verdicts.doubtful(WHOLE, [result("a", FAILED)])
    verdicts.settle(WHOLE, [result(f"n{i}", FAILED) for i in range(MOST)], ())
    assert verdicts.doubtful(ABOUT, [result("a", FAILED)])
