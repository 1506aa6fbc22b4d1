"""A test that fails is led to the function in which it failed, not to the one whose test it is."""

from __future__ import annotations

from textwrap import dedent

SHOP = '''
    def price_of(item):
        """Price of an item."""


    def total(items):
        """Sum of the prices.

        >>> total([{"price": 2}, {"price": 3}])
        5
        """
'''

TOTAL = """
    === write a.py::total
    def total(items):
        return sum(price_of(i) for i in items)
"""


def statuses(result):
    return {p.contract.qualname: str(p.status) for p in result.proposals}


def test_a_settled_function_is_taken_up_again_when_a_callers_test_fails_in_it(bench, run):
    bench.file("a.py", SHOP)
    replies = """
        === write a.py::price_of
        def price_of(item):
            return item["cost"]
        === repair a.py::price_of
        def price_of(item):
            return item["price"]
    """
    result = run(dedent(replies) + dedent(TOTAL), "a.py")
    assert statuses(result) == {"price_of": "unverified", "total": "verified"}
    assert "repair total" not in bench.steps()
    assert 'return item["price"]' in result.proposals[0].candidate.body


def test_a_function_that_does_not_get_better_keeps_what_it_had_and_the_caller_is_judged(bench, run):
    bench.file("a.py", SHOP)
    replies = """
        === write a.py::price_of
        def price_of(item):
            return item["cost"]
        === repair a.py::price_of
        def price_of(item):
            return item["cost"]
        === repair a.py::total
        def total(items):
            return sum(price_of(i) for i in items)
    """
    result = run(dedent(replies) + dedent(TOTAL), "a.py", depth=0)
    assert statuses(result) == {"price_of": "unverified", "total": "failed"}


def test_a_resumed_run_keeps_what_was_finished_and_tries_the_rest(bench, run):
    bench.file("a.py", SHOP)
    first = run(
        """
        === write a.py::price_of
        def price_of(item):
            return item["price"]
        === write a.py::total
        def total(items):
            return 0
        === repair a.py::total
        def total(items):
            return 1
        """,
        "a.py",
        depth=0,
    )
    assert statuses(first) == {"price_of": "unverified", "total": "failed"}
    bench.events.clear()
    again = run(TOTAL, "a.py", resume=first.run, depth=0)
    assert statuses(again)["price_of"] == "unverified"
    assert not any("price_of" in step for step in bench.steps())
    assert again.proposals[0].candidate == first.proposals[0].candidate
