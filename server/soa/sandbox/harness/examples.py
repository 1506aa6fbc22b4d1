"""Running a docstring's examples. What they should show is not known here: the server compares."""

from __future__ import annotations
import __future__

import ast
import builtins
from typing import TYPE_CHECKING, Any

from . import failures
from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401
from .trials import Paper

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from .trials import Trials

_SHOW = "@show"
"""Name, which no source can spell, of what shows the value of an expression: `sys.displayhook` can be replaced."""


def run_examples(examples: list[dict[str, Any]], names: dict[str, Any], trials: Trials) -> None:
    """Run examples in order, sharing `names`; each counts from the first on that reaches the function under test."""
    reached = False
    for number, example in enumerate(examples, 1):
        path = f"<example {number}>"
        trials.project.remember(path, example["source"])
        reached = _run_example(example, path, names, trials, reached)


def _run_example(example: dict[str, Any], path: str, names: dict[str, Any], trials: Trials, reached: bool) -> bool:
    """Run one example; return whether the function under test has been reached by now."""
    error = None
    errors = Paper()
    with trials.running(example["key"], errors) as paper:
        names[_SHOW] = _showing(paper)
        try:
            exec(_compiled(example["source"], path, names), names)
        except BaseException as raised:
            error = raised
    reached = reached or trials.reaches()
    trials.remember_blocked()
    details = _details(error, path, trials) if error is not None else {}
    trials.ran(example["key"], paper, reached, output=Paper.text(paper) + Paper.text(errors), **details)
    return reached


def _compiled(source: str, path: str, names: dict[str, Any]) -> CodeType:
    flags = 0
    for name in __future__.all_feature_names:
        feature: __future__._Feature = getattr(__future__, name)
        if names.get(name) is feature:
            flags |= feature.compiler_flag
    tree = _Expressions().visit(compile(source, path, "single", flags | ast.PyCF_ONLY_AST, True))
    code: CodeType = compile(ast.Module(tree.body, []), path, "exec", flags, True)
    return code


class _Expressions(ast.NodeTransformer):
    """Makes each expression of an interactive statement show its value."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        """Pass its value on."""
        call = ast.Call(ast.Name(_SHOW, ast.Load()), [node.value], [])
        return ast.fix_missing_locations(ast.copy_location(ast.Expr(call), node))

    def _leave(self, node: ast.AST) -> ast.AST:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _leave


def _showing(paper: Paper) -> Callable[[object], None]:
    def show(value: object) -> None:
        if value is not None:
            vars(builtins)["_"] = value
            Paper.write(paper, f"{str.__str__(repr(value))}\n")

    return show


def _details(error: BaseException, path: str, trials: Trials) -> dict[str, str]:
    """What was raised, with its way, and why that may be no evidence: the example cannot run here of itself."""
    own = failures.raised_by(error, path, trials.project)
    excuse = trials.lacking(error)
    if own and isinstance(error, (NameError, ImportError, FileNotFoundError, SyntaxError)):
        excuse = f"the example itself cannot run: {failures.cut(failures.describe(error), 300)}"
    said = trials.details(error)
    return {
        "raised": failures.cut(failures.describe(error), failures.MESSAGE),
        "traceback": said["traceback"],
        "excuse": excuse,
    }
