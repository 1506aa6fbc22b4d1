"""Each agent's work is a scope of its own: it can be stopped alone, and ends with whatever it is a part of."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from soa.agents.ending import Ending
from soa.contracts import Status

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from soa.agents.colony import Colony, Member

T = TypeVar("T")

STOPPED = Ending(Status.CANCELLED, "stopped")
"""How an agent ends that somebody stopped, or one above it."""
RUN_CANCELLED = Ending(Status.CANCELLED, "its run was cancelled")
"""How an agent ends that is at work when its run is cancelled."""


async def alone(colony: Colony, member: Member, work: Coroutine[Any, Any, T]) -> T | None:
    """Do an agent's work; None if it was stopped before it was done: then it is dismissed, and all below it have ended.

    Who waits here is cancelled by what it belongs to, a mother or the run, never by a stop: the two cannot be taken
    for each other, also if they come at the same time. However many ask for its end, the work is cancelled once, so
    that nothing disturbs it while it gives back what it holds.
    """
    task = asyncio.create_task(work)
    member.work.add(task)
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        await _end(member, task)
        colony.dismiss(member, STOPPED if member.stopped else RUN_CANCELLED)
        raise
    finally:
        member.work.discard(task)
    if not (task.cancelled() and member.stopped):
        return task.result()
    for one in member.family():
        _cancel(one)  # what is left was begun for another agent: it is not nested in this one's work
    colony.dismiss(member, STOPPED)
    return None


async def _end(member: Member, task: asyncio.Task[Any]) -> None:
    if task in member.work:
        member.work.discard(task)
        task.cancel()
    while not task.done():
        with suppress(asyncio.CancelledError):  # who waits is cancelled already, and the work gives back what it holds
            await asyncio.wait([task])
    if not task.cancelled():
        task.exception()  # it came at the same time, and is of no account now


def stop(member: Member) -> None:
    """Stop an agent, and all below it, that are at work."""
    for one in member.family():
        if one.at_work:
            one.stopped = True
            one.entry.stopped |= one.role != "tester"
    _cancel_from(member)


def _cancel_from(member: Member) -> None:
    """Cancel the topmost: what is nested in its work ends with it."""
    if member.at_work:
        _cancel(member)
    else:
        for below in member.below:
            _cancel_from(below)


def _cancel(member: Member) -> None:
    while member.work:
        member.work.pop().cancel()
