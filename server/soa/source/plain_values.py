"""Which statements of a notebook only give names to things, and do nothing else when they run."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MODULES = (
    "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "itertools", "logging",
    "math", "operator", "os.path", "pathlib", "re", "string", "types", "typing", "typing_extensions", "zoneinfo",
)  # fmt: skip
"""Modules whose functions make values."""
BUILTINS = frozenset(
    (
        "abs", "bool", "bytes", "chr", "complex", "dict", "divmod", "enumerate", "filter", "float", "frozenset", "int",
        "len", "list", "map", "max", "min", "object", "ord", "pow", "range", "repr", "reversed", "round", "set",
        "slice", "sorted", "str", "sum", "tuple", "type", "zip",
    )
)  # fmt: skip
"""Builtins that make values."""
EFFECTS = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)

ALWAYS_THERE = frozenset(dir(builtins))

Function = ast.FunctionDef | ast.AsyncFunctionDef
Assignment = ast.Assign | ast.AnnAssign | ast.AugAssign


def is_plain(node: ast.stmt, imported: Mapping[str, str]) -> bool:
    """Whether a statement is an import, a definition, the assignment of a plain value, or a choice between such.

    Parameters
    ----------
    node
        A statement at module level.
    imported
        What the module's imports bind, see `imported`.
    """
    if isinstance(node, ast.Import | ast.ImportFrom | Function | ast.ClassDef):
        return True
    if isinstance(node, Assignment):
        return _is_plain_assignment(node, imported)
    if isinstance(node, ast.If):
        return _is_value(node.test, imported) and _are_plain((*node.body, *node.orelse), imported)
    if isinstance(node, ast.Try):
        handled = (s for handler in node.handlers for s in handler.body)
        return _are_plain((*node.body, *handled, *node.orelse, *node.finalbody), imported)
    return type(node).__name__ in ("Pass", "TypeAlias")


def _are_plain(nodes: Iterable[ast.stmt], imported: Mapping[str, str]) -> bool:
    return all(is_plain(node, imported) for node in nodes)


def _is_plain_assignment(node: Assignment, imported: Mapping[str, str]) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    parts = [part for target in targets for part in ast.walk(target)]
    named = all(isinstance(p, ast.Name | ast.Tuple | ast.List | ast.Starred | ast.expr_context) for p in parts)
    return named and (node.value is None or _is_value(node.value, imported))


def _is_value(node: ast.expr, imported: Mapping[str, str]) -> bool:
    """Whether an expression does nothing but make a value."""
    parts = list(evaluated(node))
    return not any(isinstance(p, EFFECTS) or (isinstance(p, ast.Call) and not _makes(p, imported)) for p in parts)


def _makes(call: ast.Call, imported: Mapping[str, str]) -> bool:
    """Whether a call only makes a value: of a builtin, a function of such a module, or a method of a literal."""
    function = call.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Constant):
        return True
    if isinstance(function, ast.Name) and function.id not in imported:
        return function.id in BUILTINS
    origin = f"{_origin(function, imported)}."
    return any(origin.startswith(f"{module}.") for module in MODULES)


def _origin(node: ast.expr, imported: Mapping[str, str]) -> str:
    """What a dotted name stands for, `os.path.join` for `join`; empty for anything else."""
    if isinstance(node, ast.Attribute):
        before = _origin(node.value, imported)
        return f"{before}.{node.attr}" if before else ""
    return imported.get(node.id, "") if isinstance(node, ast.Name) else ""


def imported(nodes: Iterable[ast.stmt]) -> dict[str, str]:
    """What imports bind: `os.path` for `path` after `from os import path`."""
    found: dict[str, str] = {}
    for node in (n for top in nodes for n in ast.walk(top) if isinstance(n, ast.Import | ast.ImportFrom)):
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                found[alias.asname or alias.name] = f"{'.' * node.level}{node.module or ''}.{alias.name}"
            else:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
    return found


def bound(node: ast.stmt) -> frozenset[str]:
    """The names that a statement binds at module level."""
    if isinstance(node, Function | ast.ClassDef):
        return frozenset((node.name,))
    return frozenset(_stored(evaluated(node)))


def _stored(parts: Iterable[ast.AST]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Function | ast.ClassDef):
            yield part.name
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        elif isinstance(part, ast.alias):
            yield part.asname or part.name.partition(".")[0]


def needed(node: ast.stmt) -> frozenset[str]:
    """The names that must be there when a statement runs, builtins aside; bodies of functions run later."""
    parts = list(evaluated(node))
    names = {p.id for p in parts if isinstance(p, ast.Name) and isinstance(p.ctx, ast.Load)}
    if isinstance(node, Assignment):
        own = {n for p in parts if isinstance(p, ast.comprehension) for n in _stored(ast.walk(p.target))}
    else:
        own = set(_stored(p for p in parts if p is not node))
    changed = bound(node) if isinstance(node, ast.AugAssign) else frozenset[str]()
    return frozenset(names - own - ALWAYS_THERE) | changed


def evaluated(node: ast.AST) -> Iterator[ast.AST]:
    """A node and those inside it that are evaluated when it is, without bodies of functions."""
    yield node
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(node, Function | ast.Lambda):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from evaluated(child)
