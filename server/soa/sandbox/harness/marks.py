"""Finding functions in a syntax tree: which are empty stubs, and a mark at the start of those that are recorded."""

from __future__ import annotations

import ast
import re
from types import CodeType
from typing import TYPE_CHECKING

from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Iterator

    Function = ast.FunctionDef | ast.AsyncFunctionDef

MARK = "__soa_reached__"
"""Name of the builtin that is called with a function's address."""
EMPTY_MARK = "__soa_met__"
"""Name of the one that an empty stub calls."""

_EXCLUDED = ("overload", "abstractmethod")
_IGNORED = re.compile(r"#\s*soa:\s*ignore\b")
_STUB_BYTES = 64


def functions(tree: ast.Module) -> Iterator[tuple[str, Function, bool]]:
    """Yield each function with its dotted name and whether it is a member of a Protocol, outer ones first."""
    yield from _inside(tree, "", False)


def _inside(node: ast.AST, prefix: str, protocol: bool) -> Iterator[tuple[str, Function, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield prefix + child.name, child, protocol
            yield from _inside(child, f"{prefix}{child.name}.", False)
        elif isinstance(child, ast.ClassDef):
            yield from _inside(child, f"{prefix}{child.name}.", _is_protocol(child))
        elif not isinstance(child, ast.expr):
            yield from _inside(child, prefix, protocol)


def _last_name(node: ast.expr) -> str:
    while isinstance(node, (ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_protocol(node: ast.ClassDef) -> bool:
    return any(_last_name(base) == "Protocol" for base in node.bases)


def _docstring(node: Function) -> bool:
    first = node.body[0]
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


def is_stub(node: Function, lines: list[str]) -> bool:
    """Whether a function's body is its docstring, at most followed by a placeholder."""
    if not _docstring(node) or any(_last_name(d) in _EXCLUDED for d in node.decorator_list):
        return False
    rest = node.body[1:]
    if len(rest) > 1 or (rest and not _placeholder(rest[0])):
        return False
    last = node.end_lineno or node.lineno
    return not any(_IGNORED.search(line) for line in lines[node.lineno - 1 : last + 1])


def _placeholder(node: ast.stmt) -> bool:
    if isinstance(node, ast.Raise):
        return node.exc is not None and _last_name(node.exc) == "NotImplementedError"
    is_dots = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is Ellipsis
    return is_dots or isinstance(node, ast.Pass)


def mark(node: Function, address: str, name: str = MARK) -> None:
    """Make a function call the mark before anything else; docstring and line numbers stay."""
    place = 1 if _docstring(node) else 0
    call = ast.Expr(ast.Call(ast.Name(name, ast.Load()), [ast.Constant(address)], []))
    near = node.body[min(place, len(node.body) - 1)]
    for part in ast.walk(call):
        ast.copy_location(part, near)
    node.body.insert(place, call)


def may_hold_stubs(code: CodeType) -> bool:
    """Whether compiled code has a function that might be a stub: a quick look that spares most files the parsing."""
    for inner in (c for c in code.co_consts if isinstance(c, CodeType)):
        consts = inner.co_consts
        short = len(inner.co_code) <= _STUB_BYTES and set(inner.co_names) <= {"NotImplementedError"}
        if (short and consts and isinstance(consts[0], str)) or may_hold_stubs(inner):
            return True
    return False
