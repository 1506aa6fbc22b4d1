"""Why a function that a user named is not a stub."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from soa import syntax_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def why_not_a_stub(text: str, qualname: str) -> str:
    """Say what the definition of this name has or lacks; empty if there is none, or if the text does not parse."""
    try:
        tree = syntax_tree.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ""
    found = [node for name, node in _definitions(tree, "") if name == qualname]
    return _reason(found[-1], qualname) if found else ""


def _definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Definition]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            yield prefix + child.name, child
            yield from _definitions(child, f"{prefix}{child.name}.")
        else:
            yield from _definitions(child, prefix)


def _reason(node: Definition, qualname: str) -> str:
    if isinstance(node, ast.ClassDef):
        return f"it is a class; name one of its methods, {qualname}.method"
    decorators = {ast.unparse(d).rpartition(".")[2] for d in node.decorator_list}
    if "overload" in decorators:
        return "it is an overload, the implementation stands elsewhere"
    if decorators & {"abstractmethod", "abstractproperty"}:
        return "it is abstract"
    if ast.get_docstring(node) is None:
        return "it has no docstring that says what it should do"
    if len(node.body) > 1 and not _is_placeholder(node.body[1:]):
        return "it has a body"
    return "it is a protocol's member or marked with `# soa: ignore`"


def _is_placeholder(body: list[ast.stmt]) -> bool:
    if len(body) != 1:
        return False
    return isinstance(body[0], ast.Pass | ast.Raise) or (
        isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) and body[0].value.value is ...
    )
