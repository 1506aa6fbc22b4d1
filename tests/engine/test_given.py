"""Proposals that the user has not taken yet count as written for others of their file."""

from __future__ import annotations

import asyncio
import textwrap

import pytest
from attrs import evolve

from soa.contracts import Status

TEXT = '''
def double(n):
    """Twice n.

    >>> double(2)
    4
    """


def quadruple(n):
    """Four times n.

    >>> quadruple(2)
    8
    """
'''
DOUBLE = "=== write a.py::double\ndef double(n):\n    return n * 2\n"
QUADRUPLE = "=== write a.py::quadruple\ndef quadruple(n):\n    return double(double(n))\n"


@pytest.fixture
def implement(bench):
    """Runs one stub of a.py, with proposals given."""

    def go(name, given=()):
        async def run():
            async with await bench.engine(bench.records(textwrap.dedent(DOUBLE + QUADRUPLE))) as engine:
                request = bench.request(f"a.py::{name}")
                target = evolve(request.targets[0], given=tuple(given))
                return await engine.implement(evolve(request, targets=(target,)), bench.events.append)

        return asyncio.run(run())

    bench.file("a.py", TEXT)
    return go


def test_without_what_it_calls_nothing_can_be_said(implement):
    (alone,) = implement("quadruple").proposals
    assert alone.status is Status.UNVERIFIED
    assert "empty stub" in alone.reason


def test_what_is_given_counts_as_written(implement):
    (double,) = implement("double").proposals
    (whole,) = implement("quadruple", [double]).proposals
    assert whole.status is Status.VERIFIED
    assert whole.address.qualname == "quadruple"


def test_what_cannot_stand_in_the_text_any_more_is_passed_over(implement):
    (double,) = implement("double").proposals
    clashing = evolve(double, candidate=evolve(double.candidate, imports=("from math import pi as quadruple",)))
    (alone,) = implement("quadruple", [clashing]).proposals
    assert alone.status is Status.UNVERIFIED


def test_what_was_given_is_no_part_of_the_result_and_costs_nothing(implement, bench):
    (double,) = implement("double").proposals
    bench.events.clear()
    result = implement("quadruple", [double])
    assert result.usage.calls == 1
    assert bench.steps() == ["write quadruple"]
