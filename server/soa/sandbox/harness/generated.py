"""Running tests that an agent wrote: assertions, or functions `test_...`."""

from __future__ import annotations

import ast
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, NoReturn

from . import failures

if TYPE_CHECKING:
    from types import CodeType

    from .trials import Trials

_LEFT, _RIGHT, _FAIL = "@left", "@right", "@fail"
"""Names that no source can spell."""
_SYMBOLS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


class Mismatch(AssertionError):
    """An assertion that does not hold, with what its two sides were."""

    def __init__(self, source: str, expected: str, actual: str) -> None:
        super().__init__(source)
        self.details = {"source": source, "expected": expected, "actual": actual}


Mismatch.__module__, Mismatch.__qualname__ = "builtins", "AssertionError"


def run_generated(tests: list[dict[str, Any]], names: dict[str, Any], trials: Trials) -> None:
    """Run each test in a copy of the module's names."""
    for number, test in enumerate(tests, 1):
        path = f"<generated test {number}>"
        trials.project.remember(path, test["source"])
        _run_test(test, path, dict(names), trials)


def _run_test(test: dict[str, Any], path: str, names: dict[str, Any], trials: Trials) -> None:
    error: BaseException | None = None
    with trials.running(test["key"]) as paper:
        try:
            _execute(_compiled(test["source"], path), names)
        except BaseException as raised:
            error = raised
    counts = trials.reaches()
    if error is None:
        trials.passed(test["key"], paper, counts)
        return
    details = {**trials.details(error), **getattr(error, "details", {})}
    details.setdefault("source", _line(error, path, trials))
    trials.failed(test["key"], paper, counts, details, _excuse(error, path, trials))


def _compiled(source: str, path: str) -> CodeType:
    tree = _Assertions(source).visit(ast.parse(source, path))
    code: CodeType = compile(ast.fix_missing_locations(tree), path, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, True)
    return code


def _execute(code: CodeType, names: dict[str, Any]) -> None:
    before = dict(names)
    names[_FAIL] = _fail
    _finish(eval(code, names))
    for name in [n for n in names if n.startswith("test") and names[n] is not before.get(n)]:
        if callable(names[name]):
            _finish(names[name]())


def _finish(value: object) -> None:
    if isinstance(value, Awaitable):
        import asyncio

        asyncio.run(_awaited(value))


async def _awaited(value: Awaitable[object]) -> None:
    await value


def _fail(source: str, symbol: str, left: object, right: object) -> NoReturn:
    expected = failures.show(right)
    raise Mismatch(source, expected if symbol in ("==", "is") else f"{symbol} {expected}", failures.show(left))


class _Assertions(ast.NodeTransformer):
    """Makes each `assert` keep the values it compared: both sides are evaluated once, in their order."""

    def __init__(self, source: str) -> None:
        self._source = source

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        """Replace an assertion by assignments and a check."""
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
        return [
            _assign(_LEFT, test.left),
            _assign(_RIGHT, test.comparators[0]),
            _unless(check, text, _SYMBOLS[type(test.ops[0])], [_name(n) for n in shown]),
        ]

    def _truth(self, value: ast.expr, holds: bool, text: str) -> list[ast.stmt]:
        check: ast.expr = _name(_LEFT) if holds else ast.UnaryOp(ast.Not(), _name(_LEFT))
        return [
            _assign(_LEFT, value),
            _unless(check, text, "bool() is", [_name(_LEFT), ast.Constant(holds)]),
        ]


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _unless(check: ast.expr, text: str, symbol: str, shown: list[ast.expr] | list[ast.Name]) -> ast.stmt:
    call = ast.Call(_name(_FAIL), [ast.Constant(text), ast.Constant(symbol), *shown], [])
    return ast.If(ast.UnaryOp(ast.Not(), check), [ast.Expr(call)], [])


def _is_plain(node: ast.expr) -> bool:
    return not any(isinstance(part, (ast.Call, ast.Await)) for part in ast.walk(node))


def _line(error: BaseException, path: str, trials: Trials) -> str:
    """The line of the test on which it failed."""
    own = [number for frame, number in failures.frames(error) if frame.f_code.co_filename == path]
    return trials.project.line(path, own[-1]) if own else ""


def _excuse(error: BaseException, path: str, trials: Trials) -> str:
    """Why a failing test may be no evidence: it is broken itself, or the sandbox lacks something."""
    own = failures.raised_by(error, path, trials.project)
    if own and isinstance(error, (NameError, ImportError, SyntaxError)):
        return f"the test itself is broken: {failures.cut(failures.describe(error), 300)}"
    if type(error).__name__ == "Skipped":
        return "it skips itself"
    return trials.lacking(error)
