"""Offsets as positions of the protocol, and back; what lies outside of a document counts as its nearest place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol.types import Position, Range

from soa.contracts import Span
from soa.session.lines import Place
from soa.source import layout

if TYPE_CHECKING:
    from soa.contracts import Stub
    from soa.session.lines import Encoding, Lines
    from soa.session.views import DocumentView

NAME = re.compile(layout.NAME)


def position(lines: Lines, offset: int, encoding: Encoding) -> Position:
    """An offset as the client counts."""
    place = lines.place(offset, encoding)
    return Position(place.line, place.column)


def range_of(lines: Lines, span: Span, encoding: Encoding) -> Range:
    """A span as the client counts."""
    return Range(position(lines, span.start, encoding), position(lines, span.end, encoding))


def offset_at(lines: Lines, place: Position, encoding: Encoding) -> int:
    """The offset of a position."""
    return lines.offset(Place(place.line, place.character), encoding)


def span_of(lines: Lines, place: Range, encoding: Encoding) -> Span:
    """The span of a range; one that ends before it begins is empty."""
    start = offset_at(lines, place.start, encoding)
    return Span(start, max(start, offset_at(lines, place.end, encoding)))


def name_span(view: DocumentView, stub: Stub) -> Span:
    """Where a stub's name stands; its `def`, if there is none yet."""
    start = view.text.index("def", stub.header.start)
    end = start + len("def")
    name = NAME.search(view.text, end, stub.header.end)
    return Span(*name.span()) if name is not None else Span(start, end)
