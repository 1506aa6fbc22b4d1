"""What changes often, passed on at a bearable rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Clock(Protocol):
    """The part of an event loop that is used here."""

    def time(self) -> float:
        """Seconds, from whenever."""
        ...

    def call_at(self, when: float, callback: Callable[..., object], *values: object) -> object:
        """Call a function later."""
        ...


class Pace(Generic[T]):
    """Passes on the latest value for each key, at most once in an interval; the last one always.

    Parameters
    ----------
    pass_on
        Is called with a value at once, or when the interval since the one before it is over.
    interval
        Seconds.
    clock
        Made at the first need: the loop that runs.
    """

    def __init__(self, pass_on: Callable[[T], None], interval: float, clock: Callable[[], Clock]) -> None:
        self._pass_on = pass_on
        self._interval = interval
        self._clock = clock
        self._next: dict[str, float] = {}
        self._waiting: dict[str, T] = {}

    def put(self, key: str, value: T) -> None:
        """Take a value that others will follow."""
        clock = self._clock()
        now, due = clock.time(), self._next.get(key, 0.0)
        if now >= due:
            self._next[key] = now + self._interval
            self._pass_on(value)
        else:
            if key not in self._waiting:
                clock.call_at(due, self._flush, key)
            self._waiting[key] = value

    def finish(self, key: str, value: T) -> None:
        """Take the last value of a key: it is passed on at once, and nothing that was held back comes after it."""
        self._waiting.pop(key, None)
        self._next.pop(key, None)
        self._pass_on(value)

    def _flush(self, key: str) -> None:
        if key in self._waiting:
            self._next[key] = self._clock().time() + self._interval
            self._pass_on(self._waiting.pop(key))
