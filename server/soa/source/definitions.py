"""The definitions of a text and the names it binds, also while parts of it do not parse."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from soa.contracts import Scope, Span
from soa.source import bindings, layout, lexer, outline, scan, shape, syntax, tree

if TYPE_CHECKING:
    from tree_sitter import Node

    from soa.source.outline import Block

SELF_ATTRIBUTE = re.compile(r"\b(?:self|cls)\.([^\W\d]\w*)[ \t]*(?::[^=\n]+)?=(?!=)")


@frozen
class Definition:
    """A function or a class, where it stands in a text."""

    kind: Literal["function", "class"]
    qualname: str
    scope: Scope
    """What encloses it directly."""
    span: Span
    """From the first decorator (or the header) to the end of its last statement."""
    header: Span
    """From `def`, `async def` or `class` to after the colon."""
    docstring: str | None
    """As `inspect.cleandoc` cleans it."""
    decorators: tuple[str, ...] = ()
    """Source of each, without the `@`."""
    bases: tuple[str, ...] = ()
    """Source of a class's positional bases."""
    line: int = 0
    """Line of the header."""

    @property
    def name(self) -> str:
        """The last part of the qualified name."""
        return self.qualname.rpartition(".")[2]


def definitions(text: str) -> tuple[Definition, ...]:
    """All functions and classes of a text in document order."""
    page = layout.Page(text)
    found, line, last = [], 0, 0
    for block in find_blocks(page, tree.parse(text)):
        line, last = line + page.code.count("\n", last, block.header), block.header
        found.append(_define(page, block, line))
    return tuple(found)


def module_names(text: str) -> frozenset[str]:
    """The names bound at module level: definitions, assignments, imports, also those under `if` or `try`."""
    page, root = layout.Page(text), tree.parse(text)
    names = {binding.name for binding in bindings.bound_below(page, root)}
    if root.has_error:
        names |= {block.name for block in scan.blocks(page) if block.parent is None}
    return frozenset(names)


def class_names(text: str, class_qualname: str) -> frozenset[str]:
    """The names of a class's members, and the attributes its methods set on `self` or `cls`."""
    page, root = layout.Page(text), tree.parse(text)
    blocks = find_blocks(page, root)
    names: set[str] = {b.name for b in blocks if b.parent and b.parent.qualname == class_qualname}
    for block in blocks:
        if block.kind == "class" and block.qualname == class_qualname:
            names |= set(SELF_ATTRIBUTE.findall(text, block.header, block.end))
            node = root.descendant_for_byte_range(block.header, block.header)
            names |= {binding.name for binding in bindings.bound_below(page, _body(node))}
    return frozenset(names)


def find_blocks(page: layout.Page, root: Node) -> list[Block]:
    """The functions and classes of a text whose syntax tree is at hand."""
    return scan.blocks(page) if root.has_error else list(tree.blocks(page, root))


def _body(node: Node | None) -> Node | None:
    while node is not None and node.type != "class_definition":
        node = node.parent
    return node.child_by_field_name("body") if node else None


def _define(page: layout.Page, block: Block, line: int) -> Definition:
    header = _header(page, block)
    return Definition(
        block.kind,
        block.qualname,
        block.scope,
        Span(block.start, max(block.end, header.end)),
        header,
        _docstring(page, header.end),
        tuple(page.text[d.start : d.end] for d in block.decorators),
        outline.bases(page, block),
        line,
    )


def _header(page: layout.Page, block: Block) -> Span:
    if block.kind == "class":
        return outline.class_header(page.code, block.header)[0]
    header = shape.read_header(page.code, block.header)
    return header.span if header else Span(block.header, layout.content_end(page.code, block.header))


def _docstring(page: layout.Page, header_end: int) -> str | None:
    """The docstring after a header; None if there is none, or another kind of string."""
    found = shape.read_docstring(page.code, lexer.skip_wide_space(page.code, header_end))
    if found is None:
        return None
    span, end = found
    after = lexer.skip_space(page.code, end)
    if after < len(page.code) and page.code[after] not in "#;\r\n":
        return None
    value = syntax.evaluate_string(page.text[span.start : span.end])
    return None if value is None else inspect.cleandoc(value)
