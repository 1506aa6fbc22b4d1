"""When a failed call is repeated, and after how long."""

from __future__ import annotations

import asyncio
import random
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soa.model.failures import Failure


class Clock(Protocol):
    """Tells the time and lets it pass."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Come back after so many seconds."""
        ...


class WallClock:
    """The real time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Come back after so many seconds."""
        await asyncio.sleep(seconds)


class SteppedClock:
    """A time that passes only by sleeping, and then at once: the deterministic stand-in.

    Parameters
    ----------
    start
        Seconds since the epoch at the beginning.
    """

    def __init__(self, start: float = 0.0) -> None:
        self.slept: list[float] = []
        self._now = start

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Move the time on and let other tasks run once."""
        self.slept.append(seconds)
        self._now += seconds
        await asyncio.sleep(0)


@frozen
class RetryPolicy:
    """Exponential waits with jitter; the server's own wish goes first."""

    limit: int = 4
    """How often a call is repeated."""
    first: float = 0.5
    """Longest wait before the first repetition, in seconds; doubled each time. Jitter halves it at most."""
    longest: float = 20.0
    """Where the doubling ends."""
    patience: float = 120.0
    """A server that asks for more seconds than this is not waited for."""

    def pause(self, failure: Failure, taken: int) -> float | None:
        """Seconds to wait before the call is repeated, or None if it is not.

        Parameters
        ----------
        failure
            What the last attempt met.
        taken
            Repetitions so far.
        """
        limit = min(self.limit, 1) if failure.kind == "down" else self.limit
        if failure.kind not in ("busy", "cut", "down") or taken >= limit:
            return None
        if failure.wait is not None:
            return failure.wait if failure.wait <= self.patience else None
        return min(self.first * 2.0 ** min(taken, 30), self.longest) * random.uniform(0.5, 1.0)


def wished_wait(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds a server asks to wait: `retry-after-ms`, or `retry-after` as seconds or as a date."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        seconds = _number(headers.get(name, ""))
        if seconds is not None:
            return seconds / unit
    return _until(headers.get("retry-after", ""), now)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value >= 0 else None


def _until(date: str, now: float) -> float | None:
    try:
        return max(parsedate_to_datetime(date).timestamp() - now, 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
