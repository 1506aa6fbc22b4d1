"""How long is waited before a repetition."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soa.model.failures import Failure
from soa.model.retries import RetryPolicy, SteppedClock, WallClock, wished_wait


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2000))
def test_waits_double_up_to_a_limit_and_vary(taken):
    pause = RetryPolicy(limit=5000, first=0.5, longest=20.0).pause(Failure("busy"), taken)
    assert pause is not None
    bound = min(0.5 * 2.0 ** min(taken, 10), 20.0)
    assert bound / 2 <= pause <= bound


@pytest.mark.parametrize("kind", ["silent", "key", "quota", "model", "length", "path", "request"])
def test_what_will_not_pass_is_not_repeated(kind):
    assert RetryPolicy().pause(Failure(kind), 0) is None


def test_a_server_that_is_down_is_tried_once_more():
    assert RetryPolicy().pause(Failure("down"), 0) is not None
    assert RetryPolicy().pause(Failure("down"), 1) is None
    assert RetryPolicy(limit=0).pause(Failure("down"), 0) is None


def test_wishes():
    now = 1_700_000_000.0
    assert wished_wait({"retry-after": "3"}, now) == 3.0
    assert wished_wait({"retry-after-ms": "250", "retry-after": "3"}, now) == 0.25
    assert wished_wait({"retry-after": formatdate(now + 60, usegmt=True)}, now) == 60.0
    assert wished_wait({"retry-after": formatdate(now - 60, usegmt=True)}, now) == 0.0
    for nonsense in ("", "soon", "-3", "nan", "Tue, 99 Foo 2023 00:00:00 GMT"):
        assert wished_wait({"retry-after": nonsense}, now) is None


async def test_clocks():
    clock = SteppedClock(5.0)
    await clock.sleep(3.0)
    assert (clock.now(), clock.slept) == (8.0, [3.0])
    wall = WallClock()
    before = wall.now()
    await wall.sleep(0.0)
    assert wall.now() >= before
