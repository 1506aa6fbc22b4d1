"""`ast`, without its warnings and without its many ways to fail."""

from __future__ import annotations

import ast
import re
import sys

from soa import syntax_tree
from soa.source import lexer

TYPE_PARAMETERS = re.compile(r"\b(?:def|class)[ \t]+[^\W\d]\w*[ \t]*(?=\[)")
KNOWS_TYPE_PARAMETERS = sys.version_info >= (3, 12)


def parse(source: str) -> ast.Module | None:
    """The syntax tree of a source, or None if it has none.

    Type parameters (`def f[T](x): ...`) are blanked out where this Python does not know them.
    """
    tree = _parse(source)
    if tree is None and not KNOWS_TYPE_PARAMETERS and TYPE_PARAMETERS.search(source):
        return _parse(blank_type_parameters(source))
    return tree


def _parse(source: str) -> ast.Module | None:
    try:
        return syntax_tree.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def evaluate_string(source: str) -> str | None:
    """The value of one or more adjacent string tokens; None if it is not a `str`."""
    module = parse(f"({source}\n)")
    statement = module.body[0] if module and len(module.body) == 1 else None
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Constant):
        return None
    return statement.value.value if isinstance(statement.value.value, str) else None


def blank_type_parameters(source: str) -> str:
    """The source with spaces where type parameters stand; everything else keeps its place."""
    parts, done = [], 0
    for match in TYPE_PARAMETERS.finditer(source):
        end = lexer.close_bracket(source, match.end())
        if match.end() >= done and end > 0:
            parts += [source[done : match.end()], re.sub(r"[^\r\n]", " ", source[match.end() : end])]
            done = end
    return "".join([*parts, source[done:]])
