"""Code that runs only where something is there: after a test of the platform or a version, or inside a `try`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TESTS = frozenset(("hasattr", "TYPE_CHECKING", "version_info", "platform", "hexversion", "implementation"))
"""Names and attributes by which a condition asks where it runs."""
_CAUGHT = frozenset(("ImportError", "ModuleNotFoundError", "AttributeError", "NameError", "Exception", "BaseException"))
"""What a `try` must catch to be written for something that may be missing."""
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def unguarded(tree: ast.AST, modules: frozenset[str] = frozenset()) -> Iterator[ast.AST]:
    """The nodes of a tree without those that run only where something is there.

    `modules` are names whose own truth is such a test too, as in `if ssl is not None`.
    """
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        todo += reversed(list(_below(node, modules)))


def tested_names(tree: ast.AST) -> frozenset[str]:
    """Names whose absence is caught somewhere: what follows may rely on them."""
    tries = (n for n in ast.walk(tree) if isinstance(n, ast.Try) and any(_catches_absence(h) for h in n.handlers))
    nodes = (inner for one in tries for statement in one.body for inner in ast.walk(statement))
    return frozenset(n.id for n in nodes if isinstance(n, ast.Name))


def _below(node: ast.AST, modules: frozenset[str]) -> Iterator[ast.AST]:
    if isinstance(node, ast.Try) and any(_catches_absence(h) for h in node.handlers):
        yield from node.finalbody
    elif not (_suppresses_absence(node) or any(_is_test(t, modules) for t in _tests(node))):
        yield from _children(node, modules)


def _tests(node: ast.AST) -> Iterator[ast.expr]:
    """The conditions under which the parts of a node run."""
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield node.test
    elif isinstance(node, ast.BoolOp):
        yield from node.values
    elif isinstance(node, ast.Match):
        yield node.subject


def _children(node: ast.AST, modules: frozenset[str]) -> Iterator[ast.AST]:
    for _, value in ast.iter_fields(node):
        if isinstance(value, list):
            yield from _until_test(value, modules)
        elif isinstance(value, ast.AST):
            yield value


def _until_test(nodes: Iterable[object], modules: frozenset[str]) -> Iterator[ast.AST]:
    """The nodes of a list, up to a statement that leaves where something is missing."""
    for node in nodes:
        if isinstance(node, ast.AST):
            yield node
        if isinstance(node, ast.Assert) and _is_test(node.test, modules):
            return
        if isinstance(node, ast.If) and _is_test(node.test, modules) and isinstance(node.body[-1], _LEAVING):
            return


def _catches_absence(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or _names_absence(handler.type)


def _suppresses_absence(node: ast.AST) -> bool:
    if not isinstance(node, ast.With):
        return False
    calls = [i.context_expr for i in node.items if isinstance(i.context_expr, ast.Call)]
    return any(ast.unparse(c.func).endswith("suppress") and any(map(_names_absence, c.args)) for c in calls)


def _names_absence(errors: ast.expr) -> bool:
    return any(isinstance(n, ast.Name) and n.id in _CAUGHT for n in ast.walk(errors))


def _is_test(condition: ast.expr, modules: frozenset[str]) -> bool:
    """Whether a condition asks where it runs rather than about values: a platform, a version, a flag, a module."""
    if any(_asks(n) for n in ast.walk(condition)):
        return True
    parts = condition.values if isinstance(condition, ast.BoolOp) else [condition]
    return any(_is_flag(p, modules) for p in parts)


def _asks(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in _TESTS or (node.attr == "name" and ast.unparse(node).endswith("os.name"))
    return isinstance(node, ast.Name) and node.id in _TESTS


def _is_flag(node: ast.expr, modules: frozenset[str]) -> bool:
    """Whether a condition is a constant such as `_HAS_SSL`, or a module that may be None."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        node = node.operand
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Is | ast.IsNot):
        return isinstance(node.left, ast.Name) and node.left.id in modules
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return (name.isupper() and len(name) > 1) or name in modules
