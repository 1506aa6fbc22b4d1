"""Choosing who runs the project's own tests, and accounting for those that could not be found."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING, Any

from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Callable

    from .trials import Choose, Key, Trials

    Run = Callable[[list[str], Choose, Trials], dict[Key, str]]


RUNNERS = ("_pytest", "pluggy", "pytest", "unittest")
"""Packages that judge the project's tests."""


class _Names:
    """Which nodes are wanted, and which of them were seen."""

    def __init__(self, wanted: dict[str, Key], files: list[str]) -> None:
        self.wanted = wanted
        self.seen: set[Key] = set()
        self._files = set(files)

    def choose(self, name: str) -> Key | None:
        """Find the key of a node; in a whole file that is its name."""
        if name in self.wanted:
            self.seen.add(self.wanted[name])
            return self.wanted[name]
        return name if name.partition("::")[0] in self._files else None


def run_project_tests(tests: list[dict[str, Any]], files: list[str], run: Run, trials: Trials) -> None:
    """Run single tests, or whole files of them; each test that was asked for gets a result."""
    names = _Names({t["name"]: t["key"] for t in tests}, files)
    wanted = list(dict.fromkeys([*(t["name"].partition("::")[0] for t in tests), *files]))
    here = [f for f in wanted if os.path.exists(os.path.join(trials.project.root, f))]
    trouble = run(here, names.choose, trials) if here else {}
    for test in tests:
        if test["key"] not in names.seen:
            trials.skipped(test["key"], _why(test["name"], trouble))
    for file in files:
        if file not in here or file in trouble or "" in trouble:
            trials.skipped(file, _why(file, trouble))


def _why(name: str, trouble: dict[Key, str]) -> str:
    file = name.partition("::")[0]
    return trouble.get(file) or trouble.get("") or "no such test was found"


def runner(task: dict[str, Any]) -> Run | None:
    """Who runs the tests that a task asks for, with all that is needed for it loaded; None if it asks for none."""
    if not task["project"] and not task["files"]:
        return None
    if importlib.util.find_spec("pytest") is not None:
        from .pytests import run_pytest

        return run_pytest
    from .unittests import run_unittests

    return run_unittests
