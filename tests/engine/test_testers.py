"""When a tester is asked, and what becomes of a child without one."""

from __future__ import annotations

import pytest

from soa.contracts import Status

ONE = '''
    def double(n: int) -> int:
        """Twice `n`.

        >>> double(2)
        4
        """
'''
NONE = '''
    def double(n: int) -> int:
        """Twice `n`."""
'''
TWO = ONE.replace("4\n", "4\n        >>> double(3)\n        6\n")
WRITE = """
    === write a.py::double
    def double(n):
        return n + 2
    === repair a.py::double
    def double(n):
        return 2 * n
    === tests a.py::double
    assert double(0) == 0
    assert double(5) == 10
"""
SQUARE = "    === write a.py::double\n    def double(n):\n        return n * n\n"
PROJECT = "from a import double\n\n\ndef test_double():\n    assert double(1) == 2\n"


@pytest.mark.parametrize("source", ["an example", "two examples", "a test of the project"])
def test_where_there_are_tests_no_tester_is_asked(bench, run, source):
    bench.file("a.py", {"an example": ONE, "two examples": TWO}.get(source, NONE))
    if source == "a test of the project":
        bench.file("tests/test_a.py", PROJECT)
    (proposal,) = run(WRITE, "a.py", generate_tests="missing").proposals
    assert proposal.status is Status.VERIFIED
    assert "tests double" not in bench.steps()


def test_where_there_are_none_a_tester_is_asked(bench, run):
    bench.file("a.py", NONE)
    (proposal,) = run(WRITE, "a.py", generate_tests="missing").proposals
    assert (proposal.status, proposal.candidate.body) == (Status.VERIFIED, "return 2 * n")
    assert [(c.origin, c.passed) for c in proposal.evidence.counts] == [("generated", 2)]


def test_a_tester_who_cannot_be_asked_is_done_without_where_there_are_other_tests(bench, run):
    bench.file("a.py", ONE)
    (proposal,) = run(SQUARE, "a.py", generate_tests="always").proposals
    assert proposal.status is Status.VERIFIED
    assert [(c.origin, c.passed) for c in proposal.evidence.counts] == [("doctest", 1)]


def test_a_useless_reply_is_shown_to_the_tester_and_then_done_without(bench, run):
    bench.file("a.py", ONE)
    replies = f"{SQUARE}    === tests a.py::double\n    assert double(2) == 5\n"
    (proposal,) = run(replies, "a.py", generate_tests="always").proposals
    assert proposal.status is Status.VERIFIED
    assert bench.steps().count("tests double") == 2


def test_no_tester_where_an_example_met_an_empty_stub(bench, run):
    text = ONE.replace("double(2)", "double(two())").replace("double(3)", "double(two())")
    two = text.replace("4\n", "4\n        >>> double(two()) + 1\n        5\n")
    bench.file("a.py", f'{two}\n\n    def two():\n        """Two."""\n')
    (proposal,) = run(WRITE, "a.py::double", generate_tests="missing").proposals
    assert proposal.status is Status.UNVERIFIED
    assert bench.steps() == ["write double"]
