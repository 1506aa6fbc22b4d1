"""Running tests that an agent wrote: assertions, or functions `test_...`."""

from __future__ import annotations

import ast
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from . import failures
from .assertions import NOTE, Assertions, details_of
from .claims import claims
from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401

if TYPE_CHECKING:
    from types import CodeType

    from .trials import Trials


def run_generated(tests: list[dict[str, Any]], names: dict[str, Any], trials: Trials) -> None:
    """Run each test in a copy of the module's names."""
    for number, test in enumerate(tests, 1):
        path = f"<generated test {number}>"
        trials.project.remember(path, test["source"])
        _run_test(test, path, dict(names), trials)


def _run_test(test: dict[str, Any], path: str, names: dict[str, Any], trials: Trials) -> None:
    error: BaseException | None = None
    noted: list[object] = []
    claimed, lies = "", False
    with trials.running(test["key"]) as paper:
        try:
            _execute(_compiled(test["source"], path), {**names, NOTE: noted.append})
            claimed, lies = claims(noted, trials.suspect)
        except BaseException as raised:
            error = raised
    counts = trials.reaches()
    if error is not None:
        compared = details_of(error, path)
        if compared:
            error.args = (compared["source"],)
        details = {**trials.details(error), **compared}
        details.setdefault("source", _line(error, path, trials))
        trials.failed(test["key"], paper, counts, details, _excuse(error, path, trials))
        return
    if lies:
        trials.failed(test["key"], paper, counts, {"actual": claimed})
    elif claimed:
        trials.doubted(test["key"], paper, claimed)
    else:
        trials.passed(test["key"], paper, counts)


def _compiled(source: str, path: str) -> CodeType:
    tree = Assertions(source).visit(ast.parse(source, path))
    code: CodeType = compile(ast.fix_missing_locations(tree), path, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, True)
    return code


def _execute(code: CodeType, names: dict[str, Any]) -> None:
    before = dict(names)
    _finish(eval(code, names))
    for name in [n for n in names if n.startswith("test") and names[n] is not before.get(n)]:
        if callable(names[name]):
            _finish(names[name]())


def _finish(value: object) -> None:
    if isinstance(value, Awaitable):
        import asyncio

        ended: list[bool] = []
        asyncio.run(_awaited(value, ended))
        if not ended:
            raise RuntimeError("the test was not run to its end")


async def _awaited(value: Awaitable[object], ended: list[bool]) -> None:
    await value
    ended.append(True)


def _line(error: BaseException, path: str, trials: Trials) -> str:
    """The line of the test on which it failed."""
    own = [number for frame, number in failures.frames(error) if frame.f_code.co_filename == path]
    return trials.project.line(path, own[-1]) if own else ""


def _excuse(error: BaseException, path: str, trials: Trials) -> str:
    """Why a failing test may be no evidence: it is broken itself, or the sandbox lacks something."""
    own = failures.raised_by(error, path, trials.project)
    if own and isinstance(error, (NameError, ImportError, SyntaxError)):
        return f"the test itself is broken: {failures.cut(failures.describe(error), 300)}"
    if own and type(error).__name__ == "Skipped":
        return "it skips itself"
    return trials.lacking(error)
