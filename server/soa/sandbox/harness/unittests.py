"""Running the project's own tests where pytest is missing: `unittest` classes and plain functions."""

from __future__ import annotations

import importlib
import os
import sys
import unittest
from typing import TYPE_CHECKING

from . import failures
from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FunctionType, ModuleType, TracebackType

    from .trials import Choose, Key, Trials

    Error = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class _Result(unittest.TestResult):
    """Keeps the first error itself instead of its text."""

    def __init__(self) -> None:
        super().__init__()
        self.error: BaseException | None = None
        self.excuse = ""
        self.skip: BaseException | None = None

    def addError(self, test: unittest.TestCase, err: Error) -> None:
        """Note an error."""
        self.error = self.error or err[1]

    def addFailure(self, test: unittest.TestCase, err: Error) -> None:
        """Note a failed assertion."""
        self.error = self.error or err[1]

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Error | None) -> None:
        """Note a failed part of a test."""
        if err is not None:
            self.error = self.error or err[1]

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        """Note that it skips itself; a skip that comes from within is kept as an error."""
        self.skip = sys.exc_info()[1]
        self.excuse = f"it is skipped: {reason}"

    def addExpectedFailure(self, test: unittest.TestCase, err: Error) -> None:
        """Note that it is expected to fail."""
        self.excuse = "it is expected to fail"

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        """Note that it is expected to fail."""
        self.excuse = "it is expected to fail"


def run_unittests(files: list[str], choose: Choose, trials: Trials) -> dict[Key, str]:
    """Run the chosen tests of some files; return why files could not be read."""
    trouble: dict[Key, str] = {}
    for file in files:
        try:
            module = _load(os.path.join(trials.project.root, file))
        except BaseException as error:
            trouble[file] = f"it cannot be imported: {failures.cut(failures.describe(error), 300)}"
            continue
        for name, run in _tests(module):
            key = choose(f"{file}::{name}")
            if key is not None:
                _run(key, run, os.path.join(trials.project.root, file), trials)
    return trouble


def _load(path: str) -> ModuleType:
    """Import a test file by its name from its import root."""
    folder, parts = os.path.dirname(path), [os.path.splitext(os.path.basename(path))[0]]
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        parts.insert(0, name)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(".".join(parts))


def _tests(module: ModuleType) -> Iterator[tuple[str, Callable[[], _Result]]]:
    """Yield names and runners of a module's tests."""
    for name, value in list(vars(module).items()):
        if isinstance(value, type) and issubclass(value, unittest.TestCase):
            for method in unittest.TestLoader().getTestCaseNames(value):
                yield f"{name}::{method}", lambda value=value, method=method: _run_case(value(method))  # type: ignore[misc]
        elif name.startswith("test") and callable(value) and hasattr(value, "__code__"):
            yield name, lambda value=value: _run_function(value)  # type: ignore[misc]


def _run_case(case: unittest.TestCase) -> _Result:
    result = _Result()
    unittest.TestSuite([case]).run(result)
    return result


def _run_function(function: FunctionType) -> _Result:
    result = _Result()
    if function.__code__.co_argcount:
        result.excuse = "it takes fixtures, and the project's interpreter has no pytest"
        return result
    try:
        value = function()
        if hasattr(value, "close"):
            value.close()
            result.excuse = "it is a coroutine, and the project's interpreter has no pytest"
    except BaseException as error:
        result.error = error
    return result


def _run(key: Key, run: Callable[[], _Result], path: str, trials: Trials) -> None:
    with trials.running(key) as paper:
        try:
            result = run()
        except BaseException as raised:
            result = _Result()
            result.error = raised
    error = result.error
    if result.skip is not None and failures.passes_through(result.skip, trials.file):
        error, result.excuse = result.skip, ""
    if result.excuse:
        trials.skipped(key, result.excuse)
    elif error is None:
        trials.passed(key, paper, trials.reaches())
    else:
        own = [n for f, n in failures.frames(error) if f.f_code.co_filename == path]
        details = {**trials.details(error), "source": trials.project.line(path, own[-1]) if own else ""}
        trials.failed(key, paper, trials.reaches(), details, trials.lacking(error))
