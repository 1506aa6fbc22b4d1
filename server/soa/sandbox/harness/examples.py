"""Running a docstring's examples by doctest's rules."""

from __future__ import annotations
import __future__

import re
import sys
from typing import TYPE_CHECKING, Any

from . import failures
from .configuration import example_options

if TYPE_CHECKING:
    from types import CodeType

    from .trials import Trials

_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")
_OLD_PREFIX = re.compile(r"\b[uU](?=['\"])")


def run_examples(examples: list[dict[str, Any]], names: dict[str, Any], trials: Trials) -> None:
    """Run examples in order, sharing `names`; each counts from the first on that reaches the function under test."""
    sys.displayhook = sys.__displayhook__
    reached = False
    always = example_options(trials.project.root)
    for number, asked in enumerate(examples, 1):
        example = {**asked, "options": [*asked["options"], *always]}
        if "SKIP" in example["options"]:
            trials.skipped(example["key"], "its own directive skips it")
            continue
        path = f"<example {number}>"
        trials.project.remember(path, example["source"])
        reached = _run_example(example, path, names, trials, reached)


def _run_example(example: dict[str, Any], path: str, names: dict[str, Any], trials: Trials, reached: bool) -> bool:
    """Run one example; return whether the function under test has been reached by now."""
    key = example["key"]
    error = None
    with trials.running(key) as paper:
        try:
            exec(_compiled(example["source"], path, names), names)
        except BaseException as raised:
            error = raised
    reached = reached or trials.reaches()
    trials.remember_blocked()
    wrong, details = _judge(example, paper.getvalue(), error)
    if not wrong:
        trials.passed(key, paper, reached)
        return reached
    if error is not None:
        details = {**trials.details(error), **details}
    excuse = _outline(example, paper.getvalue(), error) or (_excuse(error, path, trials) if error else "")
    trials.failed(key, paper, reached, {"source": example["source"].rstrip("\n"), **details}, excuse)
    return reached


def _compiled(source: str, path: str, names: dict[str, Any]) -> CodeType:
    flags = 0
    for name in __future__.all_feature_names:
        feature: __future__._Feature = getattr(__future__, name)
        if names.get(name) is feature:
            flags |= feature.compiler_flag
    code: CodeType = compile(source, path, "single", flags, True)
    return code


def _judge(example: dict[str, Any], got: str, error: BaseException | None) -> tuple[bool, dict[str, str]]:
    """Whether an example failed, with what was expected and what came."""
    want, exception, options = example["want"], example["exception"], example["options"]
    if error is None and exception is None:
        return not matches(want, got, options), {
            "expected": want.rstrip("\n") or "no output",
            "actual": failures.cut(got.rstrip("\n")) or "no output",
        }
    if error is None:
        return True, {"expected": exception.rstrip("\n"), "actual": failures.cut(got.rstrip("\n")) or "no exception"}
    if exception is None:
        return True, {"expected": want.rstrip("\n") or "no exception"}
    return not matches_exception(exception, error, options), {"expected": exception.rstrip("\n")}


def matches(want: str, got: str, options: list[str]) -> bool:
    """Whether output is as wanted: exactly, but for addresses, `u''`, and the order in literal sets and dicts."""
    if want == got or _plain(want) == _plain(got):
        return True
    if options or "<BLANKLINE>" in want:
        return _matches_by_doctest(want, got, options)
    return want != "" and same_literal(want, got)


def _matches_by_doctest(want: str, got: str, options: list[str]) -> bool:
    import doctest

    flags = sum(doctest.OPTIONFLAGS_BY_NAME[name] for name in options) | doctest.DONT_ACCEPT_TRUE_FOR_1
    checker = doctest.OutputChecker()
    return checker.check_output(_plain(want), _plain(got), flags) or same_literal(want, got)


def _plain(text: str) -> str:
    """The text without what tells nothing: where objects lie, and the prefix that Python 2 gave to strings."""
    return _OLD_PREFIX.sub("", _ADDRESS.sub("at 0x", text))


def same_literal(want: str, got: str) -> bool:
    """Whether two texts are literals of equal value and equal types throughout."""
    import ast

    try:
        return bool(_canonical(ast.literal_eval(want.strip())) == _canonical(ast.literal_eval(got.strip())))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False


def _canonical(value: object) -> object:
    """A hashable form that differs wherever a type or a value does."""
    kind = type(value).__name__
    if isinstance(value, dict):
        return kind, frozenset((_canonical(k), _canonical(v)) for k, v in value.items())
    if isinstance(value, (set, frozenset)):
        return kind, frozenset(map(_canonical, value))
    if isinstance(value, (list, tuple)):
        return kind, tuple(map(_canonical, value))
    return kind, repr(value)


def matches_exception(want: str, error: BaseException, options: list[str]) -> bool:
    """Whether an error is the one wanted; its module need not be named."""
    full = failures.describe(error) + "\n"
    name, colon, rest = full.partition(":")
    short = name.rpartition(".")[2] + colon + rest
    wanted_name, wanted_colon, wanted_rest = want.partition(":")
    if "." in wanted_name.strip() and wanted_name.strip() != name:
        return False
    wanted = wanted_name.rpartition(".")[2] + wanted_colon + wanted_rest
    if "IGNORE_EXCEPTION_DETAIL" in options:
        return wanted.partition(":")[0].strip() == short.partition(":")[0].strip()
    return matches(wanted, short, options)


def _outline(example: dict[str, Any], got: str, error: BaseException | None) -> str:
    """Why what came may be right though it differs: what is wanted shows dots where more stands."""
    wanted = example["want"] if error is None else example["exception"] or ""
    if "..." not in wanted or _quotes_dots(wanted):
        return ""
    wrong, _ = _judge({**example, "options": [*example["options"], "ELLIPSIS"]}, got, error)
    return "" if wrong else "the example shows in outline only what it expects"


def _quotes_dots(text: str) -> bool:
    """Whether the dots in a text belong to a value: they stand inside a string."""
    import ast

    try:
        nodes = ast.walk(ast.parse(text.strip()))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return not any(isinstance(n, ast.Constant) and n.value is ... for n in nodes)


def _excuse(error: BaseException, path: str, trials: Trials) -> str:
    """Why a failing example may be no evidence: it cannot run here for reasons of its own."""
    own = failures.raised_by(error, path, trials.project)
    if own and isinstance(error, (NameError, ImportError, FileNotFoundError, SyntaxError)):
        return f"the example itself cannot run: {failures.cut(failures.describe(error), 300)}"
    return trials.lacking(error)
