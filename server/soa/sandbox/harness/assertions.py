"""Assertions that keep the values they compared.

They stay `assert` statements: no name is looked up to judge or to fail, for names can be replaced.
"""

from __future__ import annotations

import ast

from . import failures
from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401

_LEFT, _RIGHT = "@left", "@right"
NOTE = "@note"
"""Name of what is called with each value that was found equal to a literal. No source can spell these names."""
_MARK = "@compared"
_SYMBOLS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_ASKING = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)
"""Comparisons that ask the value itself."""


def details_of(error: BaseException, path: str) -> dict[str, str]:
    """What an assertion of the test at a path compared, if that is what failed; an ordinary message otherwise."""
    frames = failures.frames(error)
    said = error.args[0] if type(error) is AssertionError and len(error.args) == 1 else None
    own = bool(frames) and frames[-1][0].f_code.co_filename == path
    if not own or type(said) is not tuple or len(said) != 5 or said[0] != _MARK:
        return {}
    _, text, symbol, left, right = said
    expected = failures.show(right)
    return {
        "source": text,
        "expected": expected if symbol in ("==", "is") else f"{symbol} {expected}",
        "actual": failures.show(left),
    }


class Assertions(ast.NodeTransformer):
    """Makes each `assert` keep the values it compared: both sides are evaluated once, in their order."""

    def __init__(self, source: str) -> None:
        self._source = source

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        """Put assignments before an assertion, and a note behind it."""
        test = node.test
        text = failures.cut(ast.get_source_segment(self._source, node) or "assert ...")
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            made = self._comparison(test, text)
        else:
            holds = not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not))
            value = test if holds else test.operand  # type: ignore[attr-defined]
            made = self._truth(value, holds, text)
        for statement in made:
            for part in ast.walk(statement):
                if not hasattr(part, "lineno"):
                    ast.copy_location(part, node)
        return made

    def _comparison(self, test: ast.Compare, text: str) -> list[ast.stmt]:
        swapped = isinstance(test.ops[0], ast.Eq) and _is_plain(test.left) and not _is_plain(test.comparators[0])
        shown = (_RIGHT, _LEFT) if swapped else (_LEFT, _RIGHT)
        check = ast.Compare(_name(_LEFT), test.ops, [_name(_RIGHT)])
        made = [
            _assign(_LEFT, test.left),
            _assign(_RIGHT, test.comparators[0]),
            _assert(check, text, _SYMBOLS[type(test.ops[0])], [_name(n) for n in shown]),
        ]
        literal = _is_literal(test.left) or _is_literal(test.comparators[0])
        asked = [shown[0]] if literal and isinstance(test.ops[0], _ASKING) else []
        return [*made, *(ast.Expr(ast.Call(_name(NOTE), [_name(n)], [])) for n in asked)]

    def _truth(self, value: ast.expr, holds: bool, text: str) -> list[ast.stmt]:
        check: ast.expr = _name(_LEFT) if holds else ast.UnaryOp(ast.Not(), _name(_LEFT))
        return [
            _assign(_LEFT, value),
            _assert(check, text, "bool() is", [_name(_LEFT), ast.Constant(holds)]),
        ]


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _assert(check: ast.expr, text: str, symbol: str, shown: list[ast.expr] | list[ast.Name]) -> ast.stmt:
    told = [ast.Constant(_MARK), ast.Constant(text), ast.Constant(symbol), *shown]
    return ast.Assert(check, ast.Tuple(told, ast.Load()))


def _is_plain(node: ast.expr) -> bool:
    return not any(isinstance(part, (ast.Call, ast.Await)) for part in ast.walk(node))


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return False
    return True
