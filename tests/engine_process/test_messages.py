"""What the two processes say to each other."""

from __future__ import annotations

import asyncio
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soa import errors
from soa.engine.messages import KINDS, Failure, Happened, Withdrawn
from soa.engine.outbox import LARGEST, Outbox
from soa.errors import SoaError
from soa.events import Event


@pytest.mark.parametrize("kind", KINDS.values())
def test_an_error_arrives_as_it_left(kind):
    arrived = pickle.loads(pickle.dumps(Failure.of(kind("What and why.", "What to do.")))).as_error()
    assert (type(arrived), arrived.message, arrived.advice) == (kind, "What and why.", "What to do.")


def test_every_error_can_travel():
    every = {n for n, e in vars(errors).items() if isinstance(e, type) and issubclass(e, SoaError)}
    assert set(KINDS) == every


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from(["a", "b", None]), max_size=3 * LARGEST))
def test_a_flood_arrives_in_order_in_batches_of_bounded_size(sources):
    """Events of two runs, and other messages between them."""

    async def flood():
        batches, all_sent = [], asyncio.Event()

        def send(batch):
            batches.append(batch)
            if sum(_count(m) for b in batches for m in b) == len(sources):
                all_sent.set()

        outbox = Outbox(send)
        for number, run in enumerate(sources):
            event = Event(run or "", "warning", text=str(number))
            outbox.put(Withdrawn(number) if run is None else Happened("ab".index(run), (event,)))
        if sources:
            await all_sent.wait()
        return batches

    batches = asyncio.run(flood())
    messages = [m for batch in batches for m in batch]
    told = [int(e.text) if e else m.question for m in messages for e in (m.events if _many(m) else [None])]
    assert told == list(range(len(sources)))
    assert all(sum(map(_count, batch)) <= LARGEST for batch in batches)
    assert len(batches) == -(-len(sources) // LARGEST)


def _many(message):
    return isinstance(message, Happened)


def _count(message):
    return len(message.events) if _many(message) else 1
