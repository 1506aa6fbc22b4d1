"""Functions and classes of a text that does not parse, line by line, from indentation alone.

Used where tree-sitter reports an error: its recovery loses definitions after an open bracket and all of them after an
open triple quote. A definition line ends every open bracket; a triple-quoted string that holds a definition line no
deeper than itself is taken as never closed, but only if the text's strings do not come out even otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from soa.contracts import Span
from soa.source import layout, lexer
from soa.source.outline import Block, qualify

if TYPE_CHECKING:
    from collections.abc import Iterator

QUOTED = rf"(?P<string>{lexer.STRING_BODY})|(?P<unclosed>\"\"\"|''')|(?P<comment>\#[^\n]*)"
STRING = re.compile(rf"[^\"'#]+|{QUOTED}", re.DOTALL)
"""Goes over everything else at once: ten times as fast as to look for a string at each character."""
PIECE = re.compile(
    rf"{QUOTED}|(?P<closed>\([^()\[\]{{}}\"'#\\\n]*\))|(?P<open>[(\[{{])|(?P<close>[)\]}}])"
    r"|(?P<join>\\\r?\n)|(?P<line>\n)",
    re.DOTALL,
)
DEFINITION = re.compile(rf"(?:async[ \t]+)?(?P<keyword>def|class)[ \t]+(?P<name>{layout.NAME})")
DEFINITION_LINE = re.compile(r"\n([ \t]*)(?:@[^\W\d]|(?:async[ \t]+)?def[ \t]+[^\W\d]|class[ \t]+[^\W\d])")
CONFLICT = re.compile(r"(?:<{7}|\|{7}|={7}|>{7})(?![<|=>])")
"""The lines that git puts around what it cannot merge; they say nothing about indentation."""
INDENT = re.compile(r"[ \t\f]*")


@define
class _Open:
    """A definition whose end is not known yet."""

    block: Block
    column: int


@define
class _Scan:
    """Goes through the code lines and keeps what is open."""

    text: str
    code: str
    stack: list[_Open] = field(factory=list)
    decorators: list[int] = field(factory=list)
    last_end: int = 0
    """Where the last line with code on it ended."""

    def line(self, start: int) -> Iterator[tuple[Block, int]]:
        """Take the code line whose first token stands at `start`; give what it ends."""
        if CONFLICT.match(self.code, start):
            return
        column = layout.width(self.code[layout.line_start(self.code, start) : start])
        while self.stack and self.stack[-1].column >= column:
            yield self.stack.pop().block, self.last_end
        match = DEFINITION.match(self.code, start)
        if match:
            self._push(match, column)
        if self.code.startswith("@", start):
            self.decorators.append(start)
        else:
            self.decorators.clear()

    def _push(self, match: re.Match[str], column: int) -> None:
        parent = self.stack[-1].block if self.stack else None
        name = layout.canonical(self.text[match.start("name") : match.end("name")])
        kind = "class" if match["keyword"] == "class" else "function"
        first = self.decorators[0] if self.decorators else match.start()
        spans = tuple(_decorator(self.code, mark) for mark in self.decorators)
        block = Block(kind, name, qualify(parent, name), first, match.start(), match.end(), spans, parent)  # type: ignore[arg-type]
        self.stack.append(_Open(block, column))


def _decorator(code: str, mark: int) -> Span:
    start = lexer.skip_space(code, mark + 1)
    end = lexer.logical_line_end(code, start)
    return Span(start, end if end >= 0 else layout.content_end(code, start))


def blocks(page: layout.Page) -> list[Block]:
    """The functions and classes of a plain text in document order. Their parents' ends are not set."""
    scan = _Scan(page.text, page.code)
    found: list[Block] = []
    for start, end in code_lines(page.code, broken=True):
        found += [evolve(block, end=last) for block, last in scan.line(start)]
        scan.last_end = end
    found += [evolve(opened.block, end=scan.last_end) for opened in scan.stack]
    return sorted(found, key=lambda block: block.header)


def closes(code: str) -> bool:
    """Whether every triple quote of a plain text has its counterpart."""
    return all(piece.lastgroup != "unclosed" for piece in STRING.finditer(code))


def code_lines(code: str, *, broken: bool) -> Iterator[tuple[int, int]]:
    """Start and end of each logical line with code on it; a bracket left open ends at the next definition line.

    Parameters
    ----------
    code
        A plain text.
    broken
        Whether it has an error somewhere, so that a triple quote may never have been closed.
    """
    doubtful = broken and not closes(code)
    start, depth, comment, offset = _first(code, 0), 0, -1, 0
    while match := PIECE.search(code, offset):
        kind, offset = match.lastgroup, match.end()
        if kind == "unclosed" or (kind == "string" and doubtful and _is_doubtful(code, match)):
            offset = match.start() + 3
        elif kind == "comment":
            comment = match.start()
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(0, depth - 1)
        elif kind == "line":
            if depth == 0 or DEFINITION_LINE.match(code, match.start()):
                yield from _code_line(code, start, match.start() if comment < 0 else comment)
                start, depth = _first(code, offset), 0
            comment = -1
    yield from _code_line(code, start, len(code) if comment < 0 else comment)


def _code_line(code: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """The line without white space at its end, if anything is left."""
    end = start + len(code[start:stop].rstrip())
    if end > start:
        yield start, end


def _is_doubtful(code: str, match: re.Match[str]) -> bool:
    """Whether a string swallowed a definition line that stands no deeper than the line it opened on."""
    if not match[0].startswith(('"""', "'''")):
        return False
    column = layout.width(INDENT.match(code, layout.line_start(code, match.start()))[0])  # type: ignore[index]
    return any(layout.width(line[1]) <= column for line in DEFINITION_LINE.finditer(code, match.start(), match.end()))


def _first(code: str, offset: int) -> int:
    match = INDENT.match(code, offset)
    return match.end() if match else offset
