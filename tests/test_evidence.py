"""Evidence that is put together."""

from __future__ import annotations

import pytest

from soa.evidence import Evidence, Outcome, Test, TestResult

RESULT = TestResult(Test("doctest", "example 1"), Outcome.PASSED)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("zygote", "process", "process"),
        ("process", "zygote", "process"),
        ("zygote", "landlock", "landlock"),
        ("zygote", "zygote", "zygote"),
        ("", "landlock", "landlock"),
    ],
)
def test_of_two_kinds_of_sandbox_the_weaker_one_is_told(first, second, told):
    joined = Evidence((RESULT,), sandbox=first).extended((RESULT,), second)
    assert (joined.results, joined.sandbox) == ((RESULT, RESULT), told)


def test_what_adds_nothing_changes_nothing():
    evidence = Evidence((RESULT,), sandbox="zygote")
    assert evidence.extended((), "process") is evidence
