"""What tree-sitter sees in a text. Node offsets are character offsets: see `encode`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tree_sitter_python
from tree_sitter import Language, Parser

from soa.contracts import Span
from soa.source import layout, lexer
from soa.source.outline import Block, qualify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from soa.source.layout import Page

BODIES = frozenset(
    (
        "block", "if_statement", "elif_clause", "else_clause", "for_statement", "while_statement", "try_statement",
        "except_clause", "except_group_clause", "finally_clause", "with_statement", "match_statement", "case_clause",
        "ERROR",
    )
)  # fmt: skip
"""Nodes that hold statements without opening a scope."""
DEFINITIONS = frozenset(("function_definition", "class_definition", "decorated_definition"))


def make_parser() -> Parser:
    """A parser for Python."""
    return Parser(Language(tree_sitter_python.language()))


def encode(text: str) -> bytes:
    """The text for tree-sitter with one byte for each character, so that bytes and characters count alike.

    Beyond ASCII every character becomes an underscore: in strings and comments it does not matter which one stands
    there, and in names it is a letter either way. Question marks go the same way; Python has no other use for them.
    """
    return layout.plain(text).encode("ascii", "replace").replace(b"?", b"_")


def parse(text: str) -> Node:
    """The root node of a text."""
    return make_parser().parse(encode(text)).root_node


def blocks(page: Page, node: Node, parent: Block | None = None) -> Iterator[Block]:
    """The functions and classes below a node, in document order, those inside them included."""
    for child in node.children:
        kind = child.type
        if kind in DEFINITIONS:
            yield from definition(page, child, parent)
        elif kind in BODIES:
            yield from blocks(page, child, parent)


def definition(page: Page, node: Node, parent: Block | None = None) -> Iterator[Block]:
    """The function or class of a node of one of the `DEFINITIONS`, then those inside it."""
    decorators, inner = _undecorated(page.code, node)
    name = inner.child_by_field_name("name") if inner else None
    body = inner.child_by_field_name("body") if inner else None
    if inner is None or name is None or body is None:
        return
    title = layout.canonical(page.text[name.start_byte : name.end_byte])
    block = Block(
        "class" if inner.type == "class_definition" else "function",
        title,
        qualify(parent, title),
        node.start_byte,
        inner.start_byte,
        code_end(body),
        decorators,
        parent,
    )
    yield block
    yield from blocks(page, body, block)


def _undecorated(code: str, node: Node) -> tuple[tuple[Span, ...], Node | None]:
    if node.type != "decorated_definition":
        return (), node
    marks = [child.start_byte + 1 for child in node.children if child.type == "decorator"]
    starts = [lexer.skip_space(code, mark) for mark in marks]
    spans = tuple(Span(start, lexer.logical_line_end(code, start)) for start in starts)
    return spans, node.child_by_field_name("definition")


def code_end(node: Node) -> int:
    """Where a node's last statement ends: tree-sitter counts the comments that follow it in."""
    last = next((child for child in reversed(node.children) if child.type != "comment"), None)
    if last is None:
        return node.end_byte if node.type != "block" else node.start_byte
    return code_end(last) if last.type in BODIES or last.type in DEFINITIONS else last.end_byte
