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


def test_one_example_alone_is_not_trusted(bench, run):
    bench.file("a.py", ONE)
    (proposal,) = run(WRITE, "a.py", generate_tests="missing").proposals
    assert (proposal.status, proposal.candidate.body) == (Status.VERIFIED, "return 2 * n")
    assert [(c.origin, c.passed) for c in proposal.evidence.counts] == [("doctest", 1), ("generated", 2)]
    assert sorted(bench.steps()) == ["repair double", "tests double", "write double"]


@pytest.mark.parametrize("source", ["two examples", "a test of the project"])
def test_where_there_is_more_no_tester_is_asked(bench, run, source):
    bench.file("a.py", TWO if source == "two examples" else ONE)
    if source != "two examples":
        bench.file("tests/test_a.py", PROJECT)
    (proposal,) = run(WRITE, "a.py", generate_tests="missing").proposals
    assert proposal.status is Status.VERIFIED
    assert "tests double" not in bench.steps()


@pytest.mark.parametrize(("without", "options"), [("an answer", {}), ("an agent", {"agents": 1})])
def test_a_tester_who_cannot_be_asked_is_done_without(bench, run, without, options):
    bench.file("a.py", ONE)
    replies = SQUARE if without == "an answer" else WRITE
    (proposal,) = run(replies, "a.py", generate_tests="missing", **options).proposals
    assert proposal.status is Status.VERIFIED
    assert [(c.origin, c.passed) for c in proposal.evidence.counts] == [("doctest", 1)]


def test_a_useless_reply_is_shown_to_the_tester_and_then_done_without(bench, run):
    bench.file("a.py", ONE)
    replies = f"{SQUARE}    === tests a.py::double\n    assert double(2) == 5\n"
    (proposal,) = run(replies, "a.py", generate_tests="missing").proposals
    assert proposal.status is Status.VERIFIED
    assert bench.steps().count("tests double") == 2


def test_no_tester_where_an_example_met_an_empty_stub(bench, run):
    text = ONE.replace("double(2)", "double(two())").replace("double(3)", "double(two())")
    two = text.replace("4\n", "4\n        >>> double(two()) + 1\n        5\n")
    bench.file("a.py", f'{two}\n\n    def two():\n        """Two."""\n')
    (proposal,) = run(WRITE, "a.py::double", generate_tests="missing").proposals
    assert proposal.status is Status.UNVERIFIED
    assert bench.steps() == ["write double"]
