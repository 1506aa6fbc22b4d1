"""Stopping one agent of a run: what its stub shows, and what becomes of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soa.contracts import Status
from soa.errors import ModelUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable

BOTH = '''
def double(n):
    """Twice n."""


def triple(n):
    """Three times n."""
'''
DOUBLED = "def double(n):\n    return n * 2\n"
TRIPLED = "def triple(n):\n    return n * 3\n"
SKELETON = '''def double(n):
    return _left(n) + _right(n)


def _left(n):
    """The left n."""


def _right(n):
    """The right n."""
'''


def agent_at(window, name: str):
    """The newest agent at a function, of the newest run."""
    (run, *_) = window.session.runs()
    family = [agent for first in run.agents for agent in first.family()]
    return run.ident, [agent for agent in family if agent.address.qualname == name][-1]


def stop(window, name: str) -> int:
    ident, agent = agent_at(window, name)
    return window.session.stop(ident, agent.ident)


async def test_the_stub_of_a_stopped_agent_is_empty_at_once_and_the_run_goes_on(window: Callable):
    w = window()
    uri = w.open("a.py", BOTH)
    work = w.ask(uri)
    await w.model.asked("double", "triple")
    assert stop(w, "double") == 1
    await w.until(lambda: w.state(uri, "double") == "empty")
    assert w.state(uri, "triple") == "running"
    (run,) = w.session.runs()
    assert (run.status, run.settled, run.done, run.total) == ("running", 1, 1, 2)
    w.model.reply("triple", TRIPLED)
    assert [kept.proposal.contract.name for kept in (await work).proposals] == ["triple"]
    (run,) = w.session.runs()
    assert (run.status, run.settled, run.lost) == ("done", 2, 0)
    _, agent = agent_at(w, "double")
    assert (agent.status, agent.reason) == (Status.CANCELLED, "stopped")
    assert w.model.given_up == 1
    assert stop(w, "double") == 0


async def test_a_stopped_stub_can_be_wished_for_while_its_run_goes_on(window: Callable):
    w = window()
    uri = w.open("a.py", BOTH)
    work = w.ask(uri)
    await w.model.asked("double", "triple")
    stop(w, "double")
    await w.until(lambda: w.state(uri, "double") == "empty")
    again = w.ask(uri, "double")
    await w.model.asked("double", "triple")
    w.model.reply("double", DOUBLED)
    assert len((await again).proposals) == 1
    w.model.reply("triple", TRIPLED)
    await work
    assert [w.state(uri, name) for name in ("double", "triple")] == ["ready", "ready"]


async def test_a_run_whose_every_stub_was_stopped_is_cancelled(window: Callable):
    w = window()
    uri = w.open("a.py", BOTH)
    work = w.ask(uri)
    await w.model.asked("double", "triple")
    assert stop(w, "double") + stop(w, "triple") == 2
    assert (await work).proposals == ()
    assert [run.status for run in w.session.runs()] == ["cancelled"]
    assert not w.said("error")


async def test_what_nobody_knows_is_not_stopped(window: Callable):
    w = window()
    uri = w.open("a.py", BOTH)
    work = w.ask(uri, "double")
    await w.model.asked("double")
    ident, agent = agent_at(w, "double")
    assert w.session.stop(ident, "a99") == 0
    assert w.session.stop("nobody", agent.ident) == 0
    w.model.reply("double", DOUBLED)
    await work
    assert w.session.stop(ident, agent.ident) == 0
    assert w.state(uri, "double") == "ready"


async def test_what_was_ready_before_stays_ready(window: Callable):
    w = window(ready={"double": DOUBLED})
    uri = w.open("a.py", BOTH)
    await w.implement(uri, "double")
    w.model.ready.clear()
    work = w.ask(uri, "double", again=True)
    await w.model.asked("double")
    assert stop(w, "double") == 1
    await work
    assert w.state(uri, "double") == "ready"
    assert w.stub(uri, "double").kept.proposal.candidate.body == "return n * 2"


async def test_a_window_opened_later_is_not_shown_what_was_stopped(window: Callable):
    w = window()
    uri = w.open("a.py", BOTH)
    work = w.ask(uri, "double")
    await w.model.asked("double")
    stop(w, "double")
    await work
    later = window()
    uri = later.open("a.py")
    work = later.ask(uri, "double")
    await later.model.asked("double")
    later.model.reply("double", DOUBLED)
    assert len((await work).proposals) == 1


async def test_a_run_that_fails_later_does_not_blame_a_stopped_stub(window: Callable):
    w = window()
    uri = w.open("a.py", BOTH)
    work = w.ask(uri)
    await w.model.asked("double", "triple")
    stop(w, "double")
    await w.until(lambda: w.state(uri, "double") == "empty")
    w.model.fail("triple", ModelUnreachable("Nobody answers."))
    assert "Nobody answers" in (await work).problem
    assert [w.state(uri, name) for name in ("double", "triple")] == ["empty", "failed"]


async def test_a_mother_proposes_what_she_has_without_a_stopped_helper(window: Callable):
    w = window(
        {"generate_tests": "never", "depth": 1, "size_limit": 0, "attempts": 1, "sandbox": "off"},
        ready={"double": SKELETON, "_right": "def _right(n):\n    return n\n"},
    )
    uri = w.open("a.py", BOTH)
    work = w.ask(uri, "double")
    await w.model.asked("_left")
    assert stop(w, "_left") == 1
    ((kept),) = (await work).proposals
    assert kept.proposal.status is Status.UNVERIFIED
    assert kept.proposal.reason == "its helper _left was stopped and has no body yet"
    assert (await w.accept(uri, "double")).applied
    assert w.text(uri).count("return n\n") == 1
    assert w.state(uri, "_left") == "empty"


async def test_stopping_a_mother_counts_all_below_her(window: Callable):
    w = window({"generate_tests": "never", "depth": 1, "size_limit": 0, "sandbox": "off"}, ready={"double": SKELETON})
    uri = w.open("a.py", BOTH)
    work = w.ask(uri, "double")
    await w.model.asked("_left", "_right")
    assert stop(w, "double") == 3
    await work
    _, mother = agent_at(w, "double")
    assert {(agent.status, agent.reason) for agent in mother.family()} == {(Status.CANCELLED, "stopped")}
    assert w.model.given_up == 2


async def test_agents_of_a_cancelled_run_say_why_they_ended(window: Callable):
    w = window()
    uri = w.open("a.py", BOTH)
    work = w.ask(uri)
    await w.model.asked("double", "triple")
    w.session.cancel_all()
    await work
    (run,) = w.session.runs()
    assert {(a.status, a.reason) for a in run.agents} == {(Status.CANCELLED, "its run was cancelled")}
