"""One run per contract, over all ways of asking; it ends when nobody wants it any more, and not before."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from soa.session.wishes import Part, Wish

if TYPE_CHECKING:
    from collections.abc import Callable

DOUBLE = '''
def double(n):
    """Twice n."""
'''
BOTH = f'''{DOUBLE}

def triple(n):
    """Three times n."""
'''
DOUBLED = "def double(n):\n    return n * 2\n"
TRIPLED = "def triple(n):\n    return n * 3\n"
QUADRUPLE = '''

def quadruple(n):
    """Four times n."""
'''


async def test_wishes_for_one_contract_share_a_run(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    first, second = w.ask(uri, "double"), w.ask(uri)
    await w.model.asked("double")
    third = w.ask(uri, "double", by_save=True)
    by_path = w.start(w.session.implement(Wish((Part(path=w.root / "a.py"),))))
    assert w.state(uri, "double") == "running"
    w.model.reply("double", DOUBLED)
    results = [await task for task in (first, second, third, by_path)]
    assert w.model.count == {"double": 1}
    assert len({result.run for result in results}) == 1
    assert all(result.proposals == (w.stub(uri, "double").kept,) for result in results)
    assert w.state(uri, "double") == "ready"
    assert [run.status for run in w.session.runs()] == ["done"]


async def test_a_file_asks_only_for_what_is_not_under_way(window: Callable):
    w = window()
    uri = w.open("a.py", BOTH)
    one = w.ask(uri, "triple")
    await w.model.asked("triple")
    all_of_it = w.ask(uri)
    await w.model.asked("triple", "double")
    assert [run.title for run in w.session.runs()] == ["double", "triple"]
    w.model.reply("double", DOUBLED)
    await w.until(lambda: w.state(uri, "double") == "ready")
    assert not all_of_it.done()
    w.model.reply("triple", TRIPLED)
    await one
    assert [kept.proposal.contract.name for kept in (await all_of_it).proposals] == ["double", "triple"]
    assert w.model.count == {"double": 1, "triple": 1}


async def test_a_save_and_a_lens_share_a_run(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    w.rewrite(uri, BOTH)
    w.save(uri)
    await w.model.asked("triple")
    lens = w.ask(uri, "triple")
    await asyncio.sleep(0)
    w.save(uri)
    w.model.reply("triple", TRIPLED)
    await lens
    assert w.model.count == {"triple": 1}


async def test_what_is_ready_is_not_asked_for_again(window: Callable):
    w = window(ready={"double": DOUBLED})
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)
    again = await w.implement(uri)
    assert again.run == ""
    assert again.proposals == (w.stub(uri, "double").kept,)
    assert w.model.count == {"double": 1}


async def test_regenerating_asks_again_and_keeps_what_is_ready_until_then(window: Callable):
    w = window(ready={"double": DOUBLED})
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)
    w.model.ready.clear()
    regenerating = w.ask(uri, again=True, remark="add it to itself")
    await w.model.asked("double")
    assert w.state(uri, "double") == "running"
    assert w.stub(uri, "double").kept is not None
    assert "add it to itself" in w.model.waiting[0].query.messages[-1].content
    w.model.reply("double", "def double(n):\n    return n + n\n")
    await regenerating
    assert w.stub(uri, "double").kept.proposal.candidate.body == "return n + n"


async def test_a_failed_stub_is_asked_for_again(window: Callable):
    w = window(ready={"double": "I cannot."})
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)
    assert w.state(uri, "double") == "failed"
    w.model.ready["double"] = DOUBLED
    await w.implement(uri)
    assert w.state(uri, "double") == "ready"


async def test_two_stubs_with_the_same_contract_share_run_and_proposal(window: Callable):
    w = window(ready={"double": DOUBLED})
    uri = w.open("a.py", "if True:\n" + 2 * '    def double(n):\n        """Twice n."""\n')
    await w.implement(uri)
    stubs = w.session.snapshot(uri).stubs
    assert [stub.state for stub in stubs] == ["ready", "ready"]
    assert stubs[0].kept is stubs[1].kept
    assert len(w.session.runs()) == 1


async def test_each_stub_is_ready_as_soon_as_it_is_done(window: Callable):
    w = window()
    uri = w.open("a.py", BOTH)
    work = w.ask(uri)
    await w.model.asked("double", "triple")
    w.model.reply("double", DOUBLED)
    await w.until(lambda: w.state(uri, "double") == "ready")
    assert w.state(uri, "triple") == "running"
    assert w.session.runs()[0].settled == 1
    assert (await w.accept(uri, "double")).applied
    w.model.reply("triple", TRIPLED)
    await work
    assert "return n * 2" in w.text(uri)
    assert w.state(uri, "triple") == "ready"


async def test_what_is_rejected_or_made_anew_during_a_run_stays_so_at_its_end(window: Callable):
    w = window()
    uri = w.open("a.py", BOTH + QUADRUPLE)
    work = w.ask(uri)
    await w.model.asked("double", "triple", "quadruple")
    w.model.reply("double", DOUBLED)
    w.model.reply("triple", TRIPLED)
    await w.until(lambda: w.state(uri, "double") == w.state(uri, "triple") == "ready")
    assert w.session.reject(uri, ("double",)) == 1
    anew = w.ask(uri, "triple", again=True)
    await w.model.asked("triple")
    w.model.reply("triple", "def triple(n):\n    return n + n + n\n")
    await anew
    w.model.reply("quadruple", "def quadruple(n):\n    return n * 4\n")
    await work
    assert w.state(uri, "double") == "empty"
    assert w.stub(uri, "triple").kept.proposal.candidate.body == "return n + n + n"


async def test_cancelling_the_only_wish_ends_the_run_and_its_calls(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    task = w.ask(uri)
    await w.model.asked("double")
    task.cancel()
    await w.settled()
    assert w.model.given_up == 1
    assert [run.status for run in w.session.runs()] == ["cancelled"]
    assert w.state(uri, "double") == "empty"


async def test_cancelling_one_wish_leaves_the_run_to_the_other(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    first, second = w.ask(uri), w.ask(uri)
    await w.model.asked("double")
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert w.state(uri, "double") == "running"
    w.model.reply("double", DOUBLED)
    assert len((await second).proposals) == 1


async def test_cancelling_a_wish_that_is_at_two_runs(window: Callable):
    w = window()
    uri = w.open("a.py", BOTH)
    one = w.ask(uri, "triple")
    await w.model.asked("triple")
    all_of_it = w.ask(uri)
    await w.model.asked("double", "triple")
    all_of_it.cancel()
    await w.until(lambda: w.state(uri, "double") == "empty")
    assert w.state(uri, "triple") == "running"
    w.model.reply("triple", TRIPLED)
    await one


async def test_closing_a_file_ends_what_only_it_wanted(window: Callable):
    w = window()
    uri, other = w.open("a.py", DOUBLE), w.open("b.py", DOUBLE)
    mine, both = w.ask(uri), w.ask(other)
    workspace = w.start(w.session.implement(Wish((Part(uri=other),))))
    await w.until(lambda: len(w.model.waiting) == 2)
    await asyncio.sleep(0)
    w.close(uri)
    w.close(other)
    assert (await mine).proposals == ()
    assert w.session.snapshot(other) is None
    w.model.reply("double", DOUBLED)
    assert (await both) == (await workspace)
    assert len((await workspace).proposals) == 1


async def test_a_closed_file_does_not_get_a_run_late(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    task = w.ask(uri)
    await asyncio.sleep(0)  # it is looking into the store now
    w.close(uri)
    assert (await task).proposals == ()
    assert w.session.runs() == ()


async def test_cancelling_a_run_ends_it_for_all_who_want_it(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    first, second = w.ask(uri), w.ask(uri)
    await w.model.asked("double")
    ident = w.stub(uri, "double").run.ident
    assert w.session.cancel(ident)
    assert not (await first).proposals
    assert not (await second).proposals
    assert not w.session.cancel(ident)


async def test_a_run_is_cancelled_alone_and_with_all_others(window: Callable):
    w = window()
    uri, other = w.open("a.py", BOTH), w.open("b.py", DOUBLE)
    tasks = [w.ask(uri, "double"), w.ask(uri, "triple"), w.ask(other)]
    await w.until(lambda: len(w.model.waiting) == 3)
    assert w.session.cancel(w.stub(uri, "triple").run.ident)
    await tasks[1]
    assert w.session.cancel_all() == 2
    await asyncio.wait(tasks)
    assert w.model.given_up == 3
    assert w.session.cancel_all() == 0


async def test_a_cancelled_run_can_be_wished_for_again_at_once(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    w.ask(uri)
    await w.model.asked("double")
    assert w.session.cancel_all() == 1
    again = w.ask(uri)
    await w.until(lambda: w.model.given_up == 1)
    await w.model.asked("double")
    w.model.reply("double", DOUBLED)
    assert len((await again).proposals) == 1
    assert [run.status for run in w.session.runs()] == ["done", "cancelled"]


async def test_a_run_that_is_cancelled_before_it_begins(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    task = w.ask(uri)
    await w.until(w.session.runs)
    assert w.session.cancel_all() == 1
    await task
    assert [run.status for run in w.session.runs()] == ["cancelled"]


async def test_shutting_down_ends_runs_and_lets_none_begin(window: Callable):
    w = window()
    uri, other = w.open("a.py", DOUBLE), w.open("b.py", BOTH)
    running = w.ask(uri)
    await w.model.asked("double")
    late = w.ask(other)
    await asyncio.sleep(0)  # it is looking into the store now
    await w.session.shutdown()
    assert not (await running).proposals
    assert not (await late).proposals
    assert w.model.given_up == 1
    assert not w.model.waiting
    assert [run.status for run in w.session.runs()] == ["cancelled"]


async def test_a_remark_is_not_lost_in_a_run_that_does_not_know_it(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    plain = w.ask(uri, "double")
    await w.model.asked("double")
    again = w.ask(uri, "double", again=True, remark="no multiplication")
    same = w.ask(uri, "double", again=True, remark="no multiplication")
    w.model.reply("double", DOUBLED)
    await plain
    await w.model.asked("double")
    assert "no multiplication" in w.model.waiting[-1].query.messages[-1].content
    w.model.reply("double", "def double(n):\n    return n + n\n")
    await asyncio.gather(again, same)
    assert w.stub(uri, "double").kept.proposal.candidate.body == "return n + n"
    assert w.model.count == {"double": 2}


async def test_who_wants_a_skeleton_gets_one_after_a_run_at_the_whole(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    whole = w.ask(uri, "double")
    await w.model.asked("double")
    skeleton = w.ask(uri, "double", decompose=True)
    w.model.reply("double", DOUBLED)
    await whole
    await w.model.asked("double")
    w.model.reply(
        "double", 'def double(n):\n    return _double_sum(n, n)\n\n\ndef _double_sum(a, b):\n    """The sum."""\n'
    )
    await skeleton
    assert w.stub(uri, "double").kept.proposal.skeleton
