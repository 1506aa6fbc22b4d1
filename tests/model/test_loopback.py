"""The tests' own endpoint keeps its promises."""

from __future__ import annotations

import asyncio

import pytest

from loopback import LoopbackServer, Status
from soa.errors import ModelRefused


async def test_counts_requests_by_step_and_target(loopback, connect, query):
    server = loopback(lambda r: Status(500) if r.nth == 0 else f"{r.step} {r.name} {r.nth} {r.answered}")
    model = connect(server.url)
    replies = [await model.answer(q) for q in (query(), query(), query("repair"), query(name="other"))]
    assert [r.text for r in replies] == [
        "write Ledger.post 1 0",
        "write Ledger.post 2 1",
        "repair Ledger.post 1 0",
        "write other 1 0",
    ]
    assert [r.index for r in server.requests] == list(range(7))


async def test_answers_side_by_side(loopback, connect, query):
    server = loopback("x", latency=0.2)
    model = connect(server.url)
    await asyncio.gather(*(model.answer(query(name=f"f{n}")) for n in range(32)))
    assert server.peak == 32


async def test_a_failing_answer_fails_the_test(connect, query):
    def answer(_):
        raise LookupError("the test is wrong")

    async def ask(server):
        with pytest.raises(ModelRefused, match="answer failed"):
            await connect(server.url).answer(query())

    with pytest.raises(LookupError, match="the test is wrong"), LoopbackServer(answer) as server:
        await ask(server)
