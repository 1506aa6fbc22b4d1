"""What the engine has to say, gathered into batches: a flood of events must not become a flood of messages."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import groupby
from typing import TYPE_CHECKING

from soa.engine.messages import Batch, Ended, FromEngine, Happened, Proposed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PAUSE = 0.02
"""Seconds from one batch to the next."""
LARGEST = 256
"""What a batch may weigh; an event weighs 1."""
PROPOSAL = 16
"""What a proposal weighs."""


class Outbox:
    """Sends messages in order: at once after a pause, else together with those that come until the pause is over.

    Nothing is dropped. What does not fit into a batch goes with the next one.

    Parameters
    ----------
    send
        Sends a batch; must not block.
    """

    def __init__(self, send: Callable[[Batch], None]) -> None:
        self._send = send
        self._waiting: deque[FromEngine] = deque()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._next = 0.0

    def put(self, message: FromEngine) -> None:
        """Send a message soon."""
        self._waiting.append(message)
        if self._timer is None:
            self._timer = self._loop.call_at(self._next, self._flush)

    def _flush(self) -> None:
        self._send(tuple(_joined(self._taken())))
        self._next = self._loop.time() + PAUSE
        self._timer = self._loop.call_at(self._next, self._flush) if self._waiting else None

    def _taken(self) -> Iterator[FromEngine]:
        weight = 0
        while self._waiting and weight < LARGEST:
            weight += _weight(self._waiting[0])
            yield self._waiting.popleft()


def _weight(message: FromEngine) -> int:
    if isinstance(message, Ended):
        return PROPOSAL * len(message.result.proposals)
    return PROPOSAL if isinstance(message, Proposed) else 1


def _joined(messages: Iterable[FromEngine]) -> Iterator[FromEngine]:
    """Messages with neighbouring events of one run as one message."""
    for number, group in groupby(messages, lambda m: m.number if isinstance(m, Happened) else None):
        if number is None:
            yield from group
        else:
            yield Happened(number, tuple(e for m in group if isinstance(m, Happened) for e in m.events))
