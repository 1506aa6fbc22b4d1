"""Several candidates in one text: all of them, or where they do not go together, as many as do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from soa.errors import SpliceError
from soa.source.splice import Splice, splice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soa.contracts import Candidate, Stub

    Items = Sequence[tuple[Stub, Candidate]]


@frozen
class Joined:
    """What came of it."""

    splice: Splice | None
    """None: nothing could go in."""
    taken: tuple[int, ...]
    """Which items went in, by their index."""
    refused: tuple[tuple[int, SpliceError], ...] = ()
    """The others, and why not."""


def join(text: str, items: Items) -> Joined:
    """Put candidates into the text in which their stubs stand: all at once, else one after another, in order."""
    try:
        return Joined(splice(text, items), tuple(range(len(items))))
    except SpliceError as error:
        if len(items) == 1:
            return Joined(None, (), ((0, error),))
    return _one_after_another(text, items)


def _one_after_another(text: str, items: Items) -> Joined:
    best: Splice | None = None
    taken: list[int] = []
    refused: list[tuple[int, SpliceError]] = []
    for index in range(len(items)):
        try:
            best = splice(text, [items[i] for i in (*taken, index)])
            taken.append(index)
        except SpliceError as error:
            refused.append((index, error))
    return Joined(best, tuple(taken), tuple(refused))
