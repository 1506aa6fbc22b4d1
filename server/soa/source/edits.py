"""Replacements of ranges of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence


@frozen
class Edit:
    """What stands from `start` to `end` becomes `text`."""

    start: int
    end: int
    text: str


def landing(edits: Sequence[Edit], offset: int) -> int:
    """Where in the new text stands what the first edit at or behind an offset of the old one brings.

    White space at its beginning is passed over.
    """
    shift = 0
    for edit in edits:
        if edit.start >= offset:
            return edit.start + shift + len(edit.text) - len(edit.text.lstrip())
        shift += len(edit.text) - (edit.end - edit.start)
    return offset + shift


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text after edits, which are in order and do not overlap."""
    parts, done = [], 0
    for edit in edits:
        parts += [text[done : edit.start], edit.text]
        done = edit.end
    return "".join([*parts, text[done:]])
