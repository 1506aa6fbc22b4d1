"""A child from its stub to its proposal."""

from __future__ import annotations

from soa.contracts import Status

DOUBLE = '''
    def double(n: int) -> int:
        """Twice `n`.

        >>> double(4)
        8
        """
'''

DOUBLE_AND_QUADRUPLE = '''
    def double(n):
        """Twice n.

        >>> double(4)
        8
        """


    def quadruple(n):
        """Four times n.

        >>> quadruple(4)
        16
        """
'''


def statuses(result):
    return {p.contract.qualname: str(p.status) for p in result.proposals}


def test_a_right_answer_is_verified(bench, run):
    bench.file("a.py", DOUBLE)
    result = run("=== write a.py::double\ndef double(n):\n    return 2 * n\n", "a.py")
    (proposal,) = result.proposals
    assert proposal.status is Status.VERIFIED
    assert proposal.candidate.body == "return 2 * n"
    assert [(c.origin, c.passed, c.failed) for c in proposal.evidence.counts] == [("doctest", 1, 0)]
    assert proposal.usage.calls == 1
    assert "return" not in bench.read("a.py")


def test_a_wrong_answer_is_repaired_with_what_failed(bench, run):
    bench.file("a.py", DOUBLE)
    replies = """
        === write a.py::double
        def double(n):
            return n + 2
        === repair a.py::double
        def double(n):
            return n * 2
    """
    result = run(replies, "a.py")
    assert statuses(result) == {"double": "verified"}
    assert bench.steps() == ["write double", "repair double"]


def test_what_never_gets_right_fails_and_has_no_candidate(bench, run):
    bench.file("a.py", DOUBLE)
    replies = """
        === write a.py::double
        def double(n):
            return n + 2
        === repair a.py::double
        def double(n):
            return n + 3
    """
    result = run(replies, "a.py", depth=0)
    (proposal,) = result.proposals
    assert proposal.status is Status.FAILED
    assert not proposal.writable
    assert "expected 8, got 7" in proposal.reason
    assert bench.steps() == ["write double", *["repair double"] * 3]


def test_unusable_replies_are_asked_again_and_told_why(bench, run):
    bench.file("a.py", DOUBLE)
    replies = """
        === write a.py::double
        I cannot.
        === write a.py::double

        === write a.py::double
        def double(n):
            return n * 2
    """
    assert statuses(run(replies, "a.py")) == {"double": "verified"}


def test_without_any_test_it_is_unverified(bench, run):
    bench.file("a.py", 'def double(n):\n    """Twice n."""\n')
    (proposal,) = run("=== write a.py::double\ndef double(n):\n    return 2 * n\n", "a.py").proposals
    assert proposal.status is Status.UNVERIFIED
    assert proposal.writable
    assert proposal.reason == "there is no test for it"


def test_without_a_sandbox_nothing_runs(bench, run):
    bench.file("a.py", DOUBLE)
    (proposal,) = run("=== write a.py::double\ndef double(n):\n    return 2 * n\n", "a.py", sandbox="off").proposals
    assert proposal.status is Status.UNVERIFIED
    assert "sandbox" in proposal.reason


def test_invented_modules_and_attributes_are_refused(bench, run):
    bench.file("a.py", DOUBLE)
    replies = """
        === write a.py::double
        import doublelib
        def double(n):
            return doublelib.double(n)
        === repair a.py::double
        import math
        def double(n):
            return math.double(n)
        === repair a.py::double
        def double(n):
            return undefined_thing(n)
        === repair a.py::double
        def double(n):
            return n * 2
    """
    assert statuses(run(replies, "a.py")) == {"double": "verified"}
    refusals = [e.text for e in bench.events if e.kind == "refused"]
    assert any("undefined_thing" in text for text in refusals)


def test_who_calls_another_stub_is_verified_once_that_is_there(bench, run):
    bench.file("a.py", DOUBLE_AND_QUADRUPLE)
    replies = """
        === write a.py::quadruple
        def quadruple(n):
            return double(double(n))
        === write a.py::double
        def double(n):
            return n + 1
        === repair a.py::double
        def double(n):
            return n
        === repair a.py::double
        def double(n):
            return n + n
    """
    result = run(replies, "a.py")
    assert statuses(result) == {"double": "verified", "quadruple": "verified"}
    assert bench.steps().count("write quadruple") == 1
    assert "repair quadruple" not in bench.steps()


def test_a_circle_is_verified_together(bench, run):
    bench.file(
        "a.py",
        '''
        def even(n):
            """Whether n is even.

            >>> even(4), even(3)
            (True, False)
            """


        def odd(n):
            """Whether n is odd.

            >>> odd(4), odd(3)
            (False, True)
            """
        ''',
    )
    replies = """
        === write a.py::even
        def even(n):
            return n == 0 or odd(n - 1)
        === write a.py::odd
        def odd(n):
            return n != 0 and even(n - 1)
    """
    assert statuses(run(replies, "a.py")) == {"even": "verified", "odd": "verified"}


def test_a_caller_of_what_failed_is_not_blamed(bench, run):
    bench.file("a.py", DOUBLE_AND_QUADRUPLE)
    replies = """
        === write a.py::quadruple
        def quadruple(n):
            return double(double(n))
        === write a.py::double
        def double(n):
            return n
        === repair a.py::double
        def double(n):
            return n
    """
    assert statuses(run(replies, "a.py", depth=0)) == {"double": "failed", "quadruple": "unverified"}


def test_project_tests_count_and_a_failing_one_is_repaired(bench, run):
    bench.file("a.py", 'def double(n):\n    """Twice n."""\n')
    bench.file("tests/test_a.py", "from a import double\n\n\ndef test_double():\n    assert double(4) == 8\n")
    replies = """
        === write a.py::double
        def double(n):
            return n
        === repair a.py::double
        def double(n):
            return n * 2
    """
    (proposal,) = run(replies, "a.py").proposals
    assert proposal.status is Status.VERIFIED
    assert [(c.origin, c.passed, c.failed) for c in proposal.evidence.counts] == [("project", 1, 0)]


def test_a_test_of_the_whole_leads_back_to_the_stub_that_no_test_names(bench, run):
    bench.file(
        "a.py",
        '''
        def total(items):
            """Sum of prices."""
            return sum(price_of(i) for i in items)


        def price_of(item):
            """Price of an item."""
        ''',
    )
    bench.file("tests/test_a.py", "from a import total\n\n\ndef test_total():\n    assert total([{'price': 2}]) == 2\n")
    replies = """
        === write a.py::price_of
        def price_of(item):
            return 0
        === repair a.py::price_of
        def price_of(item):
            return item["price"]
    """
    (proposal,) = run(replies, "a.py").proposals
    assert (proposal.status, proposal.candidate.body) == (Status.VERIFIED, 'return item["price"]')


def test_a_resumed_run_asks_nothing_again(bench, run):
    bench.file("a.py", DOUBLE)
    first = run("=== write a.py::double\ndef double(n):\n    return 2 * n\n", "a.py")
    again = run("=== write a.py::nothing\n", "a.py", resume=first.run)
    assert again.proposals == first.proposals


def test_a_budget_stops_before_the_call_that_would_exceed_it(bench, run):
    bench.file("a.py", DOUBLE)
    replies = (
        "=== write a.py::double\ndef double(n):\n    return 3 * n\n=== repair a.py::double\ndef f():\n  return 1\n"
    )
    result = run(replies, "a.py", budget_tokens=300)
    (proposal,) = result.proposals
    assert proposal.status is Status.FAILED
    assert "budget" in proposal.reason
    assert result.usage.calls == 1


def test_generated_tests_judge_where_there_are_no_others(bench, run):
    bench.file("a.py", 'def double(n):\n    """Twice n."""\n')
    replies = """
        === tests a.py::double
        ```python
        assert double(2) == 4
        assert double(0) == 0
        ```
        === write a.py::double
        def double(n):
            return n ** 2
        === repair a.py::double
        def double(n):
            return n * 2
    """
    (proposal,) = run(replies, "a.py", generate_tests="missing").proposals
    assert [(c.origin, c.passed, c.failed) for c in proposal.evidence.counts] == [("generated", 2, 0)]


def test_a_generated_test_that_every_candidate_fails_is_reported_not_obeyed(bench, run):
    bench.file("a.py", 'def double(n):\n    """Twice n."""\n')
    replies = """
        === tests a.py::double
        assert double(2) == 5
        assert double(0) == 0
        === write a.py::double
        def double(n):
            return n * 2
        === repair a.py::double
        def double(n):
            return n + n
    """
    (proposal,) = run(replies, "a.py", generate_tests="missing").proposals
    assert proposal.status is Status.VERIFIED
    assert "double(2) == 5" in proposal.reason
    assert [(c.passed, c.failed) for c in proposal.evidence.counts] == [(1, 0)]
