"""Which names a module or a class binds, and what imported names stand for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from soa.source import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from soa.source.layout import Page

TYPE_CHECKING_TEST = re.compile(r"(?:\w+\.)?TYPE_CHECKING")
PATTERNS = frozenset(
    (
        "pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern", "tuple", "list", "list_splat",
        "parenthesized_expression", "as_pattern_target", "type", "generic_type", "case_pattern", "as_pattern",
        "dict_pattern", "splat_pattern", "union_pattern", "keyword_pattern",
    )
)  # fmt: skip
"""Nodes whose identifiers are bound where the node is a target."""
TARGET_FIELDS = {
    "assignment": "left",
    "for_statement": "left",
    "named_expression": "name",
    "type_alias_statement": "left",
    "as_pattern": "alias",
}


@frozen
class Binding:
    """A name that is bound."""

    name: str
    line: int
    """Line of the statement."""
    target: str = ""
    """What an import makes it stand for: `os.path` for `import os.path as p` and for `from os import path`."""
    module: str = ""
    """The module that an import statement without `from` names in full: `os.path` also where `os` is bound."""
    runtime: bool = True
    """False under `if TYPE_CHECKING`."""


def bound_below(page: Page, node: Node | None, *, runtime: bool = True) -> Iterator[Binding]:
    """The names that the statements of a module, class body or block bind, without entering definitions."""
    for child in node.children if node else ():
        kind = child.type
        if kind in ("import_statement", "import_from_statement", "future_import_statement"):
            yield from _imported(page, child, runtime)
        elif kind in tree.DEFINITIONS:
            yield from _defined(page, child, runtime)
        else:
            yield from _assigned(page, child, runtime)


def _imported(page: Page, node: Node, runtime: bool) -> Iterator[Binding]:
    line = node.start_point[0]
    module = _source(page, node.child_by_field_name("module_name"))
    if node.type == "future_import_statement":
        module = "__future__"
    for item in node.children_by_field_name("name"):
        name = _source(page, item.child_by_field_name("name")) if item.type == "aliased_import" else _source(page, item)
        alias = _source(page, item.child_by_field_name("alias")) if item.type == "aliased_import" else ""
        if node.type == "import_statement":
            yield Binding(
                alias or name.partition(".")[0], line, name if alias else name.partition(".")[0], name, runtime
            )
        else:
            yield Binding(alias or name, line, member(module, name), "", runtime)


def member(module: str, name: str) -> str:
    """What `from module import name` stands for; `module` may begin with dots."""
    return f"{module}{name}" if module.endswith(".") else f"{module}.{name}"


def _defined(page: Page, node: Node, runtime: bool) -> Iterator[Binding]:
    block = next(tree.definition(page, node), None)
    if block:
        yield Binding(block.name, node.start_point[0], runtime=runtime)


def _assigned(page: Page, node: Node, runtime: bool) -> Iterator[Binding]:
    """What a statement other than an import or a definition binds, itself or in the blocks it holds."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        field = TARGET_FIELDS.get(found.type)
        target = found.child_by_field_name(field) if field else found if found.type == "case_pattern" else None
        for name in _identifiers(page, target):
            yield Binding(name, found.start_point[0], runtime=runtime)
        if found.type in tree.BODIES:
            yield from _in_blocks(page, found, runtime)
        elif found.type not in ("lambda", "string", "comment"):
            waiting += reversed(found.named_children)


def _in_blocks(page: Page, node: Node, runtime: bool) -> Iterator[Binding]:
    condition = _source(page, node.child_by_field_name("condition")) if node.type == "if_statement" else ""
    guarded = bool(TYPE_CHECKING_TEST.fullmatch(condition))
    for child in node.children:
        if child.type == "block" and guarded:
            yield from bound_below(page, child, runtime=False)
        elif child.type in tree.BODIES:
            yield from (
                _in_blocks(page, child, runtime) if child.type != "block" else bound_below(page, child, runtime=runtime)
            )
        else:
            yield from _assigned(page, child, runtime)


def _identifiers(page: Page, node: Node | None) -> Iterator[str]:
    if node is None:
        return
    if node.type == "identifier" or (node.type == "dotted_name" and node.child_count == 1):
        yield _source(page, node)
    elif node.type in PATTERNS:
        for child in node.named_children:
            if child.type != "type_parameter":
                yield from _identifiers(page, child)


def _source(page: Page, node: Node | None) -> str:
    return re.sub(r"\s", "", page.text[node.start_byte : node.end_byte]) if node else ""
