"""Evidence in words."""

from __future__ import annotations

from soa.agents.report import report, summary, why_unverified
from soa.evidence import Evidence, Outcome, Test, TestResult


def failed(name: str = "example 1", origin: str = "doctest", **details: str) -> TestResult:
    return TestResult(Test(origin, name), Outcome.FAILED, **details)


def passed(name: str = "example 9") -> TestResult:
    return TestResult(Test("doctest", name), Outcome.PASSED)


def inconclusive(reason: str) -> TestResult:
    return TestResult(Test("project", "t::x"), Outcome.INCONCLUSIVE, reason=reason)


def test_nothing_to_say():
    assert report(Evidence()) == ""
    assert summary(Evidence()) == ""
    assert why_unverified(Evidence()) == "there is no test for it"


def test_a_failure_is_told_with_its_values():
    told = report(Evidence((failed(source="f(1)", expected="2", actual="3", output="hello\n"), passed())))
    assert told == (
        "Failed: example 1 of the docstring\nf(1)\nexpected: 2\nactual:   3\nprinted: hello\n\n1 test passed."
    )
    assert summary(Evidence((failed(expected="2", actual="3"), passed()))) == (
        "1 of 2 tests failed; example 1: expected 2, got 3"
    )


def test_where_a_test_comes_from_is_said():
    told = report(Evidence((failed("t.py::test_a", "project", traceback="T"), failed("assert x", "generated"))))
    assert "Failed: the project's test t.py::test_a\nT" in told
    assert "Failed: a test derived from the contract" in told


def test_only_the_first_failures_are_told_in_full():
    told = report(Evidence(tuple(failed(f"example {n}") for n in range(1, 31))))
    assert told.count("Failed:") == 3
    assert "27 more tests failed: example 4, example 5," in told
    assert told.endswith("example 11, ....")
    assert "1 more test failed: example 4." in report(Evidence(tuple(failed(f"example {n}") for n in range(1, 5))))


def test_long_values_are_shortened_in_the_middle():
    told = report(Evidence((failed(expected="a" * 5000 + "END", traceback="T" * 9000),)))
    assert "END" in told
    assert len(told) < 4000
    assert len(summary(Evidence((failed(expected="a" * 500, actual="b" * 500),)))) < 250


def test_what_does_not_exist_and_what_does_not_run():
    evidence = Evidence(unresolved=("module 'os' has no attribute 'nope'", "there is no module named 'x'"))
    assert report(evidence).startswith("- module 'os' has no attribute 'nope'\n\n- there is no module")
    assert summary(evidence) == "module 'os' has no attribute 'nope'"
    assert report(Evidence(unresolved=tuple(f"no {n}" for n in range(100)))).count("- no") == 8
    broken = Evidence(broken="Traceback:\n  x\nValueError: y\n\n")
    assert "could not be run:\nTraceback:" in report(broken)
    assert summary(broken) == "ValueError: y"
    assert summary(Evidence(broken="  \n")) == ""


def test_a_failure_without_values_gives_its_last_line():
    assert (
        summary(Evidence((failed(traceback="a\n  b\nKeyError: 'x'\n"),)))
        == "1 of 1 test failed; example 1: KeyError: 'x'"
    )
    assert (
        summary(Evidence((failed(reason="it ran out of time"),))) == "1 of 1 test failed; example 1: it ran out of time"
    )
    assert summary(Evidence((failed(),))) == "1 of 1 test failed; example 1"


def test_why_nothing_was_decided():
    assert why_unverified(Evidence(refused="no sandbox works here")) == "no sandbox works here"
    assert why_unverified(Evidence((inconclusive("it needs a network"),))) == "it needs a network"


TRACEBACK = """File "<example 2>", line 1, in <module>
  bounds("5-7")
File "cron.py", line 106, in bounds
  raise ValueError(f"{value} is not in {low}")
ValueError: 7 is not in 6"""


def test_an_error_is_told_once_and_of_its_way_the_code():
    told = report(Evidence((failed(source='bounds("5-7")', actual="ValueError: 7 is not in 6", traceback=TRACEBACK),)))
    assert told == (
        'Failed: example 1 of the docstring\nbounds("5-7")\nactual:   ValueError: 7 is not in 6\n'
        'cron.py, in bounds: raise ValueError(f"{value} is not in {low}")'
    )
    told = report(Evidence((failed("t.py::test_a", "project", traceback=TRACEBACK),)))
    assert told.endswith('is not in {low}")\nValueError: 7 is not in 6')
    assert 'File "' not in told


def test_a_test_in_which_the_error_arose_is_not_repeated():
    source = "def test_a():\n    assert f(1) == 2"
    trace = 'File "<generated test 1>", line 2, in test_a\n  assert f(1) == 2\nAssertionError'
    result = TestResult(Test("generated", "test_a", source), Outcome.FAILED, actual="AssertionError", traceback=trace)
    told = report(Evidence((result,)))
    assert told.count("assert f(1) == 2") == told.count("AssertionError") == 1


def test_only_of_derived_tests_it_is_said_that_they_may_be_wrong():
    doubt = "follow the docstring and leave that test failing."
    assert doubt in report(Evidence((failed("assert x", "generated"),)))
    assert doubt not in report(Evidence((failed(), TestResult(Test("generated", "y"), Outcome.PASSED))))
