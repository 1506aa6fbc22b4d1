"""What a run keeps of its questions and answers, and of what came of it."""

from __future__ import annotations

import asyncio

import pytest

from gated import GatedModel
from soa.contracts import Status
from soa.errors import ModelRefused
from soa.model import Reply

DOUBLE = '''
    def double(n):
        """Twice n.

        >>> double(4)
        8
        """
'''
RIGHT = "def double(n):\n    return n * 2\n"
WRONG = "=== write a.py::double\ndef double(n):\n    return n\n"


def of_agent(bench, run, agent="a1"):
    return asyncio.run(bench.store.exchanges.of_agent(run, agent))


def past(bench, run):
    return asyncio.run(bench.store.history.find(run))


def replayed(bench, run):
    return asyncio.run(bench.store.history.crew(run))


class Looking:
    """A model that looks into the store when it is asked."""

    name = "looking"

    def __init__(self, bench):
        self.bench = bench
        self.seen = []

    async def answer(self, query):
        kept = await self.bench.store.exchanges.of_agent(query.run, "a1")
        self.seen.append([(one.step, one.messages == query.messages, one.reply) for one in kept])
        return Reply(RIGHT)

    async def close(self):
        pass


class Refusing(Looking):
    async def answer(self, query):
        raise ModelRefused("Wrong key: xq-77-secret-value.")


def test_a_prompt_is_kept_before_it_is_sent_and_its_reply_after(bench, run):
    bench.file("a.py", DOUBLE)
    model = Looking(bench)
    result = run(model, "a.py")
    assert model.seen == [[("write", True, None)]]
    (kept,) = of_agent(bench, result.run)
    assert kept.reply == RIGHT
    assert kept.usage.calls == 1


def test_each_agent_has_its_own(bench, run):
    bench.file("a.py", DOUBLE)
    replies = '''
        === skeleton a.py::double
        def double(n):
            return _first(n) + _second(n)

        def _first(n):
            """The first summand of twice n."""

        def _second(n):
            """The second summand of twice n."""
        === write a.py::_first
        def _first(n):
            return n
        === write a.py::_second
        def _second(n):
            return n
    '''
    result = run(replies, "a.py", size_limit=0, depth=1)
    (mother,) = result.proposals
    assert mother.status is Status.VERIFIED
    assert [[one.step for one in of_agent(bench, result.run, agent)] for agent in ("a1", "a2", "a3", "a4")] == [
        ["skeleton"],
        ["write"],
        ["write"],
        [],
    ]


def test_a_question_without_an_answer_stays_without(bench, run, monkeypatch):
    monkeypatch.setenv("THAT_TOKEN", "xq-77-secret-value")
    bench.file("a.py", DOUBLE)
    with pytest.raises(ModelRefused):
        run(Refusing(bench), "a.py")
    ident = bench.events[0].run
    (kept,) = of_agent(bench, ident)
    assert kept.reply is None
    told = past(bench, ident).outcome
    assert (told.status, told.problem, told.calls) == ("failed", "Wrong key: [key].", 0)


def test_a_question_that_the_budget_forbids_is_not_kept(bench, run):
    bench.file("a.py", DOUBLE)
    result = run(WRONG, "a.py", budget_tokens=1, attempts=3)
    asked = of_agent(bench, result.run)
    assert [one.step for one in asked] == ["write"]
    assert asked[0].reply


def test_what_a_run_came_to_is_kept_and_is_what_its_events_tell(bench, run):
    bench.file("a.py", DOUBLE)
    result = run(WRONG + "=== repair a.py::double\n" + RIGHT, "a.py", depth=0)
    kept, crew = past(bench, result.run), replayed(bench, result.run)
    told = kept.outcome
    assert (kept.workspace, kept.stubs, kept.decompose) == (str(bench.root), (("a.py", "double"),), False)
    assert (told.status, told.model, told.calls, told.agents, told.passed) == ("done", "recorded", 2, 1, 1)
    assert (told.calls, told.tokens, told.agents) == (crew.calls, crew.tokens, crew.total)
    assert (told.passed, told.failed, told.model) == (crew.passed, crew.failed, crew.model)


def test_a_resumed_runs_kept_replies_are_exchanges_of_its_agents(bench, run):
    bench.file("a.py", DOUBLE)
    first = run(WRONG, "a.py", depth=0, attempts=1)
    (before,) = of_agent(bench, first.run)
    again = run(WRONG + "=== repair a.py::double\n" + RIGHT, "a.py", resume=first.run, depth=0)
    assert again.proposals[0].status is Status.VERIFIED
    assert of_agent(bench, first.run) == (before,)
    write, repair = of_agent(bench, first.run, "a2")
    assert (write.step, write.messages, write.reply) == ("write", before.messages, before.reply)
    assert (repair.step, repair.reply) == ("repair", RIGHT.strip())
    assert write.at > before.at


def test_a_resumed_run_is_told_of_as_one(bench, run):
    bench.file("a.py", DOUBLE)
    first = run(WRONG, "a.py", depth=0, attempts=1)
    assert past(bench, first.run).outcome.agents == 1
    run("=== repair a.py::double\n" + RIGHT, "a.py", resume=first.run, depth=0)
    kept, crew = past(bench, first.run), replayed(bench, first.run)
    assert [agent.ident for agent in crew.first] == ["a1", "a2"]
    assert [agent.status for agent in crew.first] == [Status.FAILED, Status.VERIFIED]
    assert (kept.outcome.agents, kept.outcome.calls, kept.outcome.status) == (2, 3, "done")
    assert kept.stubs == (("a.py", "double"),)


def test_a_limit_on_agents_counts_those_of_this_time(bench, run):
    bench.file("a.py", DOUBLE)
    first = run(WRONG, "a.py", depth=0, attempts=1)
    again = run("=== repair a.py::double\n" + RIGHT, "a.py", resume=first.run, depth=0, agents=1)
    assert again.proposals[0].status is Status.VERIFIED


async def test_a_run_that_is_cancelled_is_kept_as_cancelled(bench):
    bench.file("a.py", DOUBLE)
    model = GatedModel()
    running = asyncio.create_task(bench.run(model, "a.py"))
    await model.asked("double")
    running.cancel()
    result = await running
    kept = await bench.store.history.find(result.run)
    assert (kept.outcome.status, kept.outcome.agents) == ("cancelled", 1)
    (asked,) = await bench.store.exchanges.of_agent(result.run, "a1")
    assert asked.reply is None
    (agent,) = (await bench.store.history.crew(result.run)).first
    assert agent.status is Status.CANCELLED
