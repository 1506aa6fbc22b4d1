"""The shape of a stub: header, docstring, placeholders, and nothing else."""

from __future__ import annotations

import re

from attrs import frozen

from soa.contracts import Span
from soa.source import layout, lexer

HEAD = re.compile(rf"(?:async(?:[ \t\f]|\\\r?\n)+)?def(?:[ \t\f]|\\\r?\n)+{layout.NAME}(?:[ \t\f]|\\\r?\n)*")
PLACEHOLDER = re.compile(r"\.\.\.|pass\b|raise(?:[ \t\f]|\\\r?\n)+NotImplementedError\b(?P<call>[ \t\f]*\()?")


@frozen
class Header:
    """The header of a function, from `def` to the colon."""

    span: Span
    type_parameters: Span | None
    """`[T]` of `def first[T](items: list[T])`."""


@frozen
class Shape:
    """Where the parts of a stub stand; offsets into the whole text."""

    header: Header
    docstring: Span
    """The string tokens, without parentheses around them."""
    statement_end: int
    """The end of the docstring's statement, parentheses included."""
    placeholders: tuple[Span, ...]
    one_line: bool

    @property
    def end(self) -> int:
        """The end of the last statement."""
        return self.placeholders[-1].end if self.placeholders else self.statement_end


def read_header(code: str, start: int) -> Header | None:
    """Read the header that starts at `start` in a plain text; None if there is no whole one."""
    head = HEAD.match(code, start)
    if head is None:
        return None
    offset, type_parameters = head.end(), None
    if code.startswith("[", offset):
        type_parameters = Span(offset, lexer.close_bracket(code, offset))
        offset = lexer.skip_space(code, type_parameters.end)
    end = lexer.close_bracket(code, offset) if code.startswith("(", offset) else -1
    colon = lexer.find_on_line(code, end, "colon") if end >= 0 else -1
    return Header(Span(start, colon + 1), type_parameters) if colon >= 0 else None


def read_shape(code: str, start: int) -> Shape | None:
    """Read the stub whose `def` (or `async def`) stands at `start` in a plain text; None if that is not a stub."""
    header = read_header(code, start)
    if header is None:
        return None
    offset = lexer.skip_space(code, header.span.end)
    one_line = offset < len(code) and code[offset] not in "#\r\n"
    found = read_docstring(code, offset if one_line else lexer.skip_wide_space(code, offset))
    if found is None:
        return None
    docstring, end = found
    indent = layout.width(code[layout.line_start(code, start) : start])
    placeholders = _read_placeholders(code, end, None if one_line else indent)
    return None if placeholders is None else Shape(header, docstring, end, placeholders, one_line)


def read_docstring(code: str, offset: int) -> tuple[Span, int] | None:
    """The string tokens at `offset` and the end of their statement."""
    depth = 0
    while code.startswith("(", offset):
        depth, offset = depth + 1, lexer.skip_wide_space(code, offset + 1)
    start, end = offset, -1
    while match := lexer.STRING.match(code, offset):
        end = match.end()
        offset = lexer.skip_wide_space(code, end) if depth else lexer.skip_space(code, end)
    if end < 0:
        return None
    return _close_parentheses(code, Span(start, end), depth)


def _close_parentheses(code: str, strings: Span, depth: int) -> tuple[Span, int] | None:
    end = strings.end
    for _ in range(depth):
        closing = lexer.skip_wide_space(code, end)
        if not code.startswith(")", closing):
            return None
        end = closing + 1
    return strings, end


def _read_placeholders(code: str, offset: int, indent: int | None) -> tuple[Span, ...] | None:
    """The statements after the docstring if all are placeholders; `indent` is None for a one-line definition."""
    found: list[Span] = []
    while True:
        start = _next_statement(code, offset, indent)
        if start is None:
            return tuple(found)
        match = PLACEHOLDER.match(code, start)
        if match is None:
            return None
        offset = lexer.close_bracket(code, match.end() - 1) if match["call"] else match.end()
        if offset < 0:
            return None
        found.append(Span(start, offset))


def _next_statement(code: str, offset: int, indent: int | None) -> int | None:
    """Where the block's next statement starts; None at the block's end."""
    offset = lexer.skip_space(code, offset)
    if code.startswith(";", offset):
        offset = lexer.skip_space(code, offset + 1)
        if offset < len(code) and code[offset] not in "#\r\n":
            return offset
    if offset < len(code) and code[offset] not in "#\r\n":
        return offset
    offset = lexer.skip_wide_space(code, offset)
    if indent is None or offset >= len(code):
        return None
    return offset if layout.width(code[layout.line_start(code, offset) : offset]) > indent else None
