"""Offsets of a text as lines and columns, in the units that an editor counts in."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from attrs import field, frozen

from soa.source.layout import LINE_END

if TYPE_CHECKING:
    from collections.abc import Sequence

Encoding = Literal["utf-8", "utf-16", "utf-32"]


@frozen
class Place:
    """A line and a column, both from 0."""

    line: int
    column: int
    """In the units of the encoding that was asked for."""


@frozen
class Lines:
    """The lines of a text."""

    text: str = field(repr=False)
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)
    """Where each line ends, its line end excluded."""

    @classmethod
    def of(cls, text: str) -> Lines:
        """Find the lines of a text."""
        if "\r" not in text:
            ends = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
            return cls(text, ends[:-1], [end - 1 for end in ends[1:]])
        found = [(m.start(), m.end()) for m in LINE_END.finditer(text)]
        return cls(text, [0, *(end for _, end in found)], [*(start for start, _ in found), len(text)])

    def place(self, offset: int, encoding: Encoding) -> Place:
        """Where an offset is; one inside of a line end counts as the end of its line."""
        line = bisect_right(self.starts, offset) - 1
        start, end = self.starts[line], min(offset, self.ends[line])
        if self.text.isascii():
            return Place(line, end - start)
        return Place(line, _units(self.text[start:end], encoding))

    def offset(self, place: Place, encoding: Encoding) -> int:
        """The offset of a place; one beyond a line's end is that end, one beyond the last line the end of the text.

        A column inside of a character counts as that character's beginning.
        """
        if place.line < 0:
            return 0
        if place.line >= len(self.starts):
            return len(self.text)
        start, end = self.starts[place.line], self.ends[place.line]
        line = self.text[start:end]
        if encoding == "utf-32" or line.isascii():
            return min(start + max(place.column, 0), end)
        return start + _characters(line, place.column, encoding)


def _units(text: str, encoding: Encoding) -> int:
    if encoding == "utf-32" or text.isascii():
        return len(text)
    return sum(_width(character, encoding) for character in text)


def _characters(line: str, units: int, encoding: Encoding) -> int:
    for count, character in enumerate(line):
        units -= _width(character, encoding)
        if units < 0:
            return count
    return len(line)


def _width(character: str, encoding: Encoding) -> int:
    if encoding == "utf-16":
        return 2 if character > "\uffff" else 1
    return len(character.encode("utf-8", "surrogatepass"))
