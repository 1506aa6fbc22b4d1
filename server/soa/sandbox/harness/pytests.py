"""Running the project's own tests by pytest."""

from __future__ import annotations

import inspect
import os
import re
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

import pytest

from . import configuration, failures, plugins
from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401
from .projecttests import RUNNERS
from .trials import Paper

if TYPE_CHECKING:
    from collections.abc import Generator

    from .trials import Choose, Key, Trials

_OPTIONS = ("-p", "no:cacheprovider", "-o", "addopts=", "-o", "required_plugins=", "-q", "-s", "--tb=native",
    "--no-header", "--continue-on-collection-errors",
)  # fmt: skip
PHASES = 3
"""Of a test: set up, called, torn down."""


def run_pytest(files: list[str], choose: Choose, trials: Trials) -> dict[Key, str]:
    """Run the chosen tests of some files; return the keys of those that pytest found, and why others are missing."""
    plugin = Plugin(choose, trials)
    paper = Paper()
    root = trials.project.root
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    loaded = plugins.options(root, files)
    modes = _modes(root, asyncio="pytest_asyncio.plugin" in loaded)
    arguments = [*_OPTIONS, *loaded, *modes, "--rootdir", root, *files]
    with redirect_stdout(paper), redirect_stderr(paper):
        pytest.main(arguments, plugins=[plugin])
    trials.seal(*RUNNERS)  # its plugins have taken back by now what they had added
    if not plugin.collected:
        plugin.trouble.setdefault("", _last_line(paper.getvalue()))
    return plugin.trouble


def _modes(root: str, *, asyncio: bool) -> list[str]:
    """The options of the project's that decide whether its tests can be imported, and its coroutines run, at all."""
    names = "import|asyncio" if asyncio else "import"
    found = re.finditer(rf"--({names})-mode[= ](\w+)", "\n".join(configuration.texts(root)))
    modes = {match[1]: match[2] for match in found}
    return [f"--{name}-mode={mode}" for name, mode in modes.items()]


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return f"pytest could not run it: {lines[-1] if lines else 'no reason given'}"


class Plugin:
    """Selects tests, announces each, and reports what became of it."""

    def __init__(self, choose: Choose, trials: Trials) -> None:
        self.trouble: dict[Any, str] = {}
        """Why the tests of a file could not be collected; the empty name: of any."""
        self.collected = False
        self._choose = choose
        self._trials = trials
        self._failure: dict[str, Any] | None = None
        self._skipped = ""
        self._compared: dict[str, str] = {}
        self._done: set[str | None] = set()
        """The phases of a test that have passed."""
        self._prepared: dict[object, set[str]] = {}
        """What was called while a fixture was made; tests that share it call that, too."""

    def key(self, item: pytest.Item) -> Key | None:
        """The key of the test that a node belongs to."""
        return self._choose(_plain(item.nodeid))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Let pytest and its plugins stay as they have made each other so far."""
        self._trials.seal(*RUNNERS)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the chosen tests, in the order in which the project has them."""
        self.collected = True
        items[:] = [item for item in items if self.key(item) is not None]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note why a file cannot be collected."""
        if report.failed:
            lines = [line for line in str(report.longrepr).splitlines() if line.strip()]
            self.trouble[report.nodeid] = f"pytest cannot collect it: {lines[-1].lstrip('E ') if lines else ''}"

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, None]:
        """Run one test under our eyes."""
        key = self.key(item)
        assert key is not None
        self._failure, self._skipped, self._compared = None, "", {}
        self._done.clear()
        with ExitStack() as stack:
            paper = stack.enter_context(self._trials.running(key))
            outcome = yield
        if outcome.excinfo is not None:
            self._failure = self._failure or {"when": "call", "error": outcome.excinfo[1]}
        self._report(key, item, paper)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, None]:
        """Note what a fixture calls: it may be made once for many tests."""
        reached = self._trials.project.reached
        before = set(reached)
        reached.clear()
        yield
        self._prepared[fixturedef] = set(reached)
        reached |= before

    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Say so if it has come down to us to call a coroutine: no plugin does."""
        function = pyfuncitem.obj
        if not (inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)):
            return None
        self._skipped = "it is async, and no pytest plugin that the project mentions runs it"
        return True

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
        """Keep the first failure of a test's phases."""
        outcome = yield
        report: pytest.TestReport = outcome.get_result()
        self._done |= {report.when} if report.passed else set()
        if call.excinfo is not None and self._is_imposed(call.excinfo.value):
            self._failure = self._failure or {"when": report.when, "error": call.excinfo.value}
        elif report.skipped or hasattr(report, "wasxfail") or (report.failed and call.excinfo is None):
            self._skipped = "it is skipped or expected to fail"
        elif report.failed and self._failure is None and call.excinfo is not None:
            self._failure = {"when": report.when, "error": call.excinfo.value}

    def _is_imposed(self, error: BaseException) -> bool:
        """Whether it is the code under test that says a test should be skipped, or fail."""
        outcomes = (pytest.skip.Exception, pytest.xfail.Exception)
        return isinstance(error, outcomes) and failures.passes_through(error, self._trials.file)

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> None:
        """Note the two sides of the comparison that an assertion is about."""
        right_side = failures.show(right)
        self._compared = {"actual": failures.show(left), "expected": right_side if op == "==" else f"{op} {right_side}"}

    def _report(self, key: Key, item: pytest.Item, paper: Paper) -> None:
        self._share(item)
        counts = self._trials.reaches()
        if self._failure is not None:
            error = self._failure["error"]
            excuse = self._excuse(error, self._failure["when"])
            self._trials.failed(key, paper, counts, self._details(item, error), excuse)
        elif self._skipped:
            self._trials.skipped(key, self._skipped)
        elif len(self._done) == PHASES:
            self._trials.passed(key, paper, counts)
        else:
            self._trials.failed(key, paper, counts, {"actual": "it was not run to its end"})

    def _share(self, item: pytest.Item) -> None:
        """Let a test have called what the fixtures have that it uses, whichever test they were made for."""
        used = getattr(item, "_fixtureinfo", None)
        for fixtures in used.name2fixturedefs.values() if used is not None else ():
            self._trials.project.reached.update(self._prepared.get(fixtures[-1], ()))

    def _details(self, item: pytest.Item, error: BaseException) -> dict[str, str]:
        details = self._trials.details(error)
        parameters = item.nodeid[len(_plain(item.nodeid)) :]
        known = failures.known_frames(error, self._trials.project)
        own = [(f, n) for f, n in known if f.f_code.co_filename == str(item.path)]
        line = self._trials.project.line(str(item.path), own[-1][1]) if own else ""
        details["source"] = f"{line}  # {parameters}" if parameters else line
        return {**details, **self._compared} if isinstance(error, AssertionError) else details

    def _excuse(self, error: BaseException, when: str) -> str:
        """Why a failure may be no evidence: its set-up fails without the candidate, or the sandbox lacks something."""
        if when != "call" and not failures.passes_through(error, self._trials.file):
            name = getattr(error, "argname", None)
            said = f"there is no fixture {name!r}" if name else failures.describe(error)
            return f"its {when} fails: {failures.cut(said, 300)}"
        return self._trials.lacking(error)


def _plain(nodeid: str) -> str:
    """A node's name without its parameters."""
    file, separator, rest = nodeid.partition("::")
    return file + separator + rest.partition("[")[0]
