"""A model that answers when a test says so: what is under way, and what comes when, is for the test to decide."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from soa.contracts import Usage
from soa.model import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soa.model import Query

DEADLINE = 10.0
"""Seconds after which what a test waits for counts as never coming."""


class News:
    """Something happened: whoever waits for a condition looks again."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def tell(self) -> None:
        for event in self._waiting:
            event.set()

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until a condition holds; it is looked at whenever something happened."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(DEADLINE):
                while not holds():
                    event.clear()
                    await event.wait()
        finally:
            self._waiting.discard(event)


@dataclass(eq=False)
class Asked:
    """A question that waits for its answer."""

    query: Query
    answer: asyncio.Future[str] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def name(self) -> str:
        return self.query.target.qualname


class GatedModel:
    """Keeps questions until they are answered by the test; those with a ready reply are answered at once."""

    name = "gated"

    def __init__(self, news: News | None = None, ready: Mapping[str, str] | None = None) -> None:
        self.news = news or News()
        self.ready = dict(ready or {})
        """Replies by qualified name."""
        self.waiting: list[Asked] = []
        self.count: Counter[str] = Counter()
        """How often was asked for each function."""
        self.given_up = 0
        """Questions that nobody wanted to have answered any more."""

    async def answer(self, query: Query) -> Reply:
        asked = Asked(query)
        self.count[asked.name] += 1
        if asked.name in self.ready:
            return Reply(self.ready[asked.name], Usage(1, 10, 10, 10))
        self.waiting.append(asked)
        self.news.tell()
        try:
            return Reply(await asked.answer, Usage(1, 10, 10, 10))
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        finally:
            self.waiting.remove(asked)
            self.news.tell()

    async def close(self) -> None:
        """Nothing to release."""

    async def asked(self, *names: str) -> None:
        """Wait until answers for these functions are waited for."""
        await self.news.until(lambda: set(names) <= {asked.name for asked in self.waiting})

    def reply(self, name: str, text: str) -> None:
        """Let the questions about a function be answered."""
        for asked in self._about(name):
            asked.answer.set_result(text)

    def fail(self, name: str, error: Exception) -> None:
        """Let the questions about a function not be answered."""
        for asked in self._about(name):
            asked.answer.set_exception(error)

    def _about(self, name: str) -> list[Asked]:
        found = [asked for asked in self.waiting if asked.name == name and not asked.answer.done()]
        assert found, f"nobody asks for {name}"
        return found
