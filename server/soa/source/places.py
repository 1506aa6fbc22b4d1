"""Where helpers go: before the statement that holds the stub, in its module or in its class."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from soa.source import layout, scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soa.source.outline import Block

CLAUSE = re.compile(r"(?:else|elif|except|finally)\b")
DEFINED = re.compile(r"(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
COOKIE = re.compile(r"#!|#.*?coding[:=]")


@frozen
class Place:
    """Where something can be inserted."""

    offset: int
    """The beginning of a line."""
    indent: str
    blank_before: int
    """Blank lines that stand there already."""
    opens: bool
    """Nothing but a header stands before it in its block, or nothing at all."""


@frozen
class _Statement:
    """A statement directly in the block that helpers go into."""

    start: int
    """Of its first line, decorators included."""
    name: str
    """Of what it defines, if it does."""
    floor: int
    """Where the code line before it ended."""


def before(page: layout.Page, stub: int, owner: Block | None, *, broken: bool) -> Place:
    """The place before the statement of `owner` (or of the module) that holds the stub at offset `stub`.

    Definitions of the same name right before it (overloads, a property's getter) and comments that are attached to
    it are stepped over.
    """
    statements = list(_statements(page, stub, owner, broken))
    index = len(statements) - 1
    while index > 0 and statements[index].name and statements[index - 1].name == statements[index].name:
        index -= 1
    found = statements[index]
    offset = max(_above_comments(page.code, found), int(page.text.startswith("\ufeff")))
    gap = page.code[found.floor : offset]
    indent = page.code[layout.line_start(page.code, found.start) : found.start].replace("\f", "")
    return Place(offset, indent, _blank_lines(gap), index == 0 and (owner is not None or not gap.strip()))


def _blank_lines(gap: str) -> int:
    """The blank lines at the end of what stands between the end of code and the beginning of a line."""
    lines = gap.split("\n")[1:-1]
    return len(lines) - max((i for i, line in enumerate(lines, 1) if line.strip()), default=0)


def _statements(page: layout.Page, stub: int, owner: Block | None, broken: bool) -> Iterator[_Statement]:
    """The statements of the block up to the one that holds the stub."""
    code, column, floor, decorated = page.code, None if owner else 0, 0, False
    for start, end in scan.code_lines(code, broken=broken):
        if start > stub:
            return
        if not owner or start > owner.header:
            here = layout.width(code[layout.line_start(code, start) : start])
            column = here if column is None else column
            if here <= column and not CLAUSE.match(code, start):
                name = DEFINED.match(code, start)
                if not decorated:
                    yield _Statement(start, name[1] if name else _decorated_name(code, start), floor)
                decorated = code.startswith("@", start)
        floor = end


def _decorated_name(code: str, start: int) -> str:
    """The name of the definition that a decorator's line belongs to."""
    match = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE).search(code, start)
    return match[1] if match and code.startswith("@", start) else ""


def _above_comments(code: str, statement: _Statement) -> int:
    """The beginning of the comment lines right above a statement; a file's first two lines may be more than that."""
    offset = layout.line_start(code, statement.start)
    while offset > statement.floor:
        above = layout.line_start(code, offset - 1)
        line = code[above:offset]
        is_special = COOKIE.match(line) and code.count("\n", 0, above) < 2
        if above < statement.floor or not line.lstrip(" \t\f").startswith("#") or is_special:
            break
        offset = above
    return offset
