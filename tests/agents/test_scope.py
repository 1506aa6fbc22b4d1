"""An agent's work as a scope of its own: stopped alone, cancelled with what it belongs to, never disturbed twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from soa.agents.board import Board, Document, Entry
from soa.agents.colony import Colony
from soa.agents.scope import alone
from soa.contracts import Address, Status
from soa.settings import Settings
from soa.source.disk import SourceFile
from soa.source.stubs import find_stubs

if TYPE_CHECKING:
    from soa.agents.colony import Member
    from soa.events import Event

TEXT = 'def f():\n    """F."""\n'


class Camp:
    """A colony that asks no model, with a mother and her child, whose work is what a test makes of it."""

    def __init__(self) -> None:
        absent: Any = None
        document = Document(Path("/p/a.py"), "a.py", SourceFile.held(Path("/p/a.py"), TEXT))
        (stub,) = find_stubs(TEXT)
        self.entry = Entry(document, Address("a.py", "f"), stub.contract, stub=stub)
        self.events: list[Event] = []
        self.colony = Colony(
            "r1", model=absent, verifier=absent, surroundings=absent, board=Board([document]), settings=Settings(),
            replies=absent, tell=self.events.append, cost=lambda usage: None,
        )  # fmt: skip
        self.mother = self.colony.enlist("mother", self.entry, None)
        self.child = self.colony.enlist("child", self.entry, self.mother)
        self.cleaned = 0

    def ends(self) -> list[tuple[str, str]]:
        return [(e.agent, e.text) for e in self.events if e.kind == "agent-ended"]

    async def waits(self) -> str:
        """Work that never ends by itself, and takes its time to give back what it holds."""
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(5):
                await asyncio.sleep(0)
            self.cleaned += 1
        return "never"

    def begin(self, member: Member, work: Any = None) -> asyncio.Task[Any]:
        return asyncio.create_task(alone(self.colony, member, work or self.waits()))


async def turns(count: int = 3) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_is_done_is_given():
    async def work() -> str:
        return "done"

    camp = Camp()
    assert await camp.begin(camp.child, work()) == "done"
    camp.colony.stop("a2")
    assert (camp.ends(), camp.child.stopped, camp.child.work) == ([], False, set())


async def test_an_error_is_raised():
    async def work() -> None:
        raise ZeroDivisionError

    camp = Camp()
    with pytest.raises(ZeroDivisionError):
        await camp.begin(camp.child, work())


async def test_who_is_stopped_gives_nothing_and_is_dismissed():
    camp = Camp()
    work = camp.begin(camp.child)
    await turns()
    camp.colony.stop("a2")
    assert await work is None
    assert camp.ends() == [("a2", "stopped")]
    assert (camp.child.status, camp.entry.stopped, camp.cleaned) == (Status.CANCELLED, True, 1)


@pytest.mark.parametrize("between", range(12))
@pytest.mark.parametrize("first", ["stop", "cancel"])
async def test_a_cancellation_is_never_taken_for_a_stop_and_nothing_is_disturbed_while_it_cleans_up(first, between):
    camp = Camp()
    work = camp.begin(camp.child)
    await turns()
    (camp.colony.stop("a2") if first == "stop" else work.cancel())
    await turns(between)
    was_done = work.done()
    (work.cancel() if first == "stop" else camp.colony.stop("a2"))
    camp.colony.stop("a2")
    await asyncio.wait([work])
    assert work.cancelled() or (first == "stop" and was_done and work.result() is None)
    assert camp.cleaned == 1
    assert len(camp.ends()) == 1


async def test_who_is_cancelled_with_its_run_says_so():
    camp = Camp()
    work = camp.begin(camp.child)
    await turns()
    work.cancel()
    await asyncio.wait([work])
    assert (work.cancelled(), camp.ends()) == (True, [("a2", "its run was cancelled")])


@pytest.mark.parametrize("between", range(1, 8))
async def test_who_is_cancelled_again_while_its_work_cleans_up_is_dismissed_all_the_same(between):
    camp = Camp()
    work = camp.begin(camp.child)
    await turns()
    work.cancel()
    await turns(between)
    work.cancel()
    await asyncio.wait([work])
    assert (work.cancelled(), camp.cleaned, camp.child.work) == (True, 1, set())
    assert camp.ends() == [("a2", "its run was cancelled")]


async def test_what_is_nested_ends_first_and_is_not_waited_for_twice():
    camp = Camp()

    async def whole() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(alone(camp.colony, camp.child, camp.waits()))

    work = camp.begin(camp.mother, whole())
    await turns()
    camp.colony.stop("a1")
    assert await work is None
    assert camp.ends() == [("a2", "stopped"), ("a1", "stopped")]
    assert camp.cleaned == 1


async def test_what_was_begun_for_others_ends_too():
    camp = Camp()
    whole, part = camp.begin(camp.mother), camp.begin(camp.child)
    await turns()
    camp.colony.stop("a1")
    assert await whole is None
    assert await part is None
    assert camp.ends() == [("a1", "stopped"), ("a2", "stopped")]
    assert camp.cleaned == 2


async def test_an_error_that_comes_while_a_run_is_cancelled_is_of_no_account():
    camp = Camp()

    async def fails() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ZeroDivisionError

    work = camp.begin(camp.child, fails())
    await turns()
    work.cancel()
    await asyncio.wait([work])
    assert work.cancelled()
