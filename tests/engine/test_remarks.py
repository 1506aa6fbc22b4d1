"""What the user asks for reaches the agents that write code, and them only."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from attrs import define, field

from soa.contracts import Status
from soa.engine.request import Request, Target

if TYPE_CHECKING:
    from soa.model import Query, Reply

TOTAL = '''
    def total(xs):
        """Add up.

        >>> total([1, 2])
        3
        """
        # soa: use no loop
'''
SKELETON = """
    === skeleton a.py::total
    def total(xs):
        return _total_rest(xs, 0)

    def _total_rest(xs, start):
        \"\"\"Add up, from a start.

        >>> _total_rest([1, 2], 3)
        6
        \"\"\"
"""
WRITE = """
    === write a.py::total
    def total(xs):
        return sum(xs)
"""
ASKED = "The user also asks for this. Follow it; only where it contradicts the docstring, the docstring wins:\n> "


@define
class Overheard:
    """Passes questions on, and keeps them."""

    model: object
    name: str = ""
    queries: list[Query] = field(factory=list)

    async def answer(self, query: Query) -> Reply:
        self.queries.append(query)
        return await self.model.answer(query)

    async def close(self) -> None:
        await self.model.close()

    def told(self, step, name="total"):
        """The user's part of the prompts of a step."""
        return [q.messages[1].content for q in self.queries if (q.step, q.target.qualname) == (step, name)]


@pytest.fixture
def implement(bench):
    """Implements `a.py::total` and gives the result with what was asked of the model."""
    path = bench.file("a.py", TOTAL)

    async def go(replies, *, decompose=False, options=None, **target):
        model = Overheard(bench.records(replies))
        async with await bench.engine(model, **options or {}) as engine:
            request = Request((Target(path, **target),), decompose=decompose)
            return await engine.implement(request, bench.events.append), model

    return lambda *args, **options: asyncio.run(go(*args, **options))


def test_a_comment_and_a_remark_are_told_to_a_child_each_time(implement, bench):
    replies = """
        === write a.py::total
        def total(xs):
            return 4
        === repair a.py::total
        def total(xs):
            return sum(xs)
    """
    result, model = implement(replies, remarks=(("total", "be quick"), ("other", "unheard")))
    (proposal,) = result.proposals
    assert proposal.status is Status.VERIFIED
    assert "soa" not in proposal.candidate.source
    for step in ("write", "repair"):
        (prompt,) = model.told(step)
        assert f"{ASKED}be quick\n> use no loop\n" in prompt
        assert "unheard" not in prompt
    assert "# soa: use no loop" in bench.read("a.py")


def test_without_a_remark_nothing_is_said_of_it(implement, bench):
    bench.file("a.py", TOTAL.replace("# soa: use no loop", "..."))
    _, model = implement(WRITE)
    (prompt,) = model.told("write")
    assert "The user" not in prompt


def test_a_mother_is_told_and_her_helpers_hear_it_from_her(implement):
    replies = f"""{SKELETON}
    === write a.py::_total_rest
    def _total_rest(xs, start):
        return start + sum(xs)
    """
    result, model = implement(replies, options={"size_limit": 0, "depth": 1})
    assert result.proposals[0].status is Status.VERIFIED
    assert f"{ASKED}use no loop\n" in model.told("skeleton")[0]
    assert "The user also asks" not in model.told("write", "_total_rest")[0]


def test_a_mother_who_revises_is_told_again(implement):
    replies = f"""{SKELETON}
    === write a.py::_total_rest
    def _total_rest(xs, start):
        return start + sum(xs) if start else 4
    === feedback a.py::total
    total: it must not pass 0
    === revise a.py::total
    def total(xs):
        return _total_rest(xs[1:], xs[0])

    def _total_rest(xs, start):
        \"\"\"Add up, from a start.

        >>> _total_rest([1, 2], 3)
        6
        \"\"\"
    """
    result, model = implement(replies, options={"size_limit": 0, "depth": 1})
    assert result.proposals[0].status is Status.VERIFIED
    assert f"{ASKED}use no loop\n" in model.told("revise")[0]


def test_a_skeleton_alone_is_written_with_the_remark(implement):
    result, model = implement(SKELETON, decompose=True)
    assert result.proposals[0].skeleton
    assert f"{ASKED}use no loop\n" in model.told("skeleton")[0]


def test_a_tester_hears_the_contract_alone(implement):
    replies = f"{WRITE}\n    === tests a.py::total\n    assert total([]) == 0\n"
    _, model = implement(replies, remarks=(("total", "be quick"),), options={"generate_tests": "always"})
    (prompt,) = model.told("tests")
    assert "quick" not in prompt
    assert "loop" not in prompt


def test_what_the_user_did_not_take_is_shown(implement):
    result, model = implement(WRITE, previous=(("total", "from math import fsum\n\nreturn int(fsum(xs))"),))
    (prompt,) = model.told("write")
    assert result.proposals[0].status is Status.VERIFIED
    assert "return int(fsum(xs))" in prompt
    assert prompt.index("use no loop") < prompt.index("The user saw this proposal and asked for another one")


def test_a_repair_is_about_the_agents_own_code(implement):
    replies = """
        === write a.py::total
        def total(xs):
            return 4
        === repair a.py::total
        def total(xs):
            return sum(xs)
    """
    _, model = implement(replies, previous=(("total", "return int(fsum(xs))"),))
    assert "fsum" in model.told("write")[0]
    assert "fsum" not in model.told("repair")[0]
