"""The statements of a text that use a name."""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

from attrs import frozen

from soa.source.structure import parse, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

SITE_LINES = 6
"""Longest snippet of a call site, in lines."""

_BLOCK_START = re.compile(r"^[^\s#)\]}]", re.MULTILINE)
_CLAUSES = ("elif_clause", "except_clause", "case_clause")
_BODIES = ("body", "consequence")


@frozen
class CallSite:
    """A place that uses a function."""

    path: str
    """Relative to the workspace."""
    line: int
    """Where the statement begins."""
    within: str
    """Qualified name of the function or class around it; empty at module level."""
    text: str
    """The enclosing statement, cut to a few lines."""


def sites(path: str, text: str, name: str, skip: range) -> Iterator[CallSite]:
    """The statements of a text that call a function or use it as an attribute, each once.

    Only the top-level pieces with a match are parsed. Lines in `skip` do not count.
    """
    starts = [m.start() for m in _BLOCK_START.finditer(text)]
    parsed: dict[int, Node] = {}
    seen: set[int] = set()
    for match in re.finditer(rf"(?<!\w){re.escape(name)}(?=\s*\()|(?<=\.){re.escape(name)}\b", text):
        if text.count("\n", 0, match.start()) in skip:
            continue
        index = bisect.bisect_right(starts, match.start())
        start = starts[index - 1] if index else 0
        if start not in parsed:
            parsed[start] = parse(text[start : starts[index] if index < len(starts) else len(text)])
        node = _use(parsed[start], text[start : match.start()])
        if node is None:
            continue
        statement = _statement(node)
        line = text.count("\n", 0, start) + statement.start_point.row
        if line not in seen:
            seen.add(line)
            yield CallSite(path, line, _within(statement), _snippet(statement, node))


def _use(root: Node, before: str) -> Node | None:
    """The identifier after some text, unless it is a definition's name or part of a comment, a string or an import."""
    at = len(before.encode("utf-8", "surrogatepass"))
    node = root.descendant_for_byte_range(at, at + 1)
    if node is None or node.type != "identifier" or node.parent is None:
        return None
    return None if node.parent.type in ("function_definition", "class_definition", "dotted_name") else node


def _statement(node: Node) -> Node:
    while node.parent and node.type not in _CLAUSES and node.parent.type not in ("block", "module", "ERROR"):
        node = node.parent
    return node


def _within(node: Node) -> str:
    names: list[str] = []
    above = node.parent
    while above:
        name = above.child_by_field_name("name") if above.type in ("function_definition", "class_definition") else None
        names.extend([source_of(name)] if name else [])
        above = above.parent
    return ".".join(reversed(names))


def _snippet(statement: Node, node: Node) -> str:
    lines = source_of(statement).split("\n")
    body = next((b for b in map(statement.child_by_field_name, _BODIES) if b), None)
    if body:
        lines = lines[: max(1, body.start_point.row - statement.start_point.row)]
    if len(lines) <= SITE_LINES:
        return "\n".join(lines)
    row = node.start_point.row - statement.start_point.row
    if row < SITE_LINES - 1:
        return "\n".join((*lines[: SITE_LINES - 1], "..."))
    return "\n".join((lines[0], "...", *lines[row - 1 : row + 2], "..."))
