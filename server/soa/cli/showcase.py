"""What `soa demo` does: copy the example project, run its tests, write its stubs, run its tests again."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from soa.cli import report
from soa.cli.boundary import DONE, INCOMPLETE, INTERRUPTED
from soa.cli.campaign import write_result
from soa.cli.options import settings_for
from soa.cli.running import run_stoppable
from soa.cli.screen import Screen, is_lively
from soa.cli.targets import select
from soa.demo import REPLIES, copy_project
from soa.engine.opening import open_sandbox
from soa.engine.request import Request, Target
from soa.engine.runs import Engine
from soa.errors import ConfigurationError, SandboxError
from soa.evidence import Outcome
from soa.model.recorded import RecordedModel, load_records
from soa.sandbox import Limits
from soa.sandbox.off import NoSandbox
from soa.settings import Settings
from soa.source.diff import unified_diff
from soa.store import Store
from soa.verify import Verifier
from soa.wording import plural
from soa.workspace import Workspace

if TYPE_CHECKING:
    from soa.events import RunResult
    from soa.sandbox import Sandbox

LATENCY = 0.4
"""Seconds until a recorded reply comes when somebody watches."""


def show(folder: Path | None, flags: dict[str, Any]) -> int:
    """Carry the demonstration out, in a folder that is removed afterwards unless one is named.

    Raises
    ------
    ConfigurationError
        The folder is not empty, or pytest is missing.
    SandboxError
        No sandbox works here, so that nothing could be shown to be right.
    """
    if find_spec("pytest") is None:
        raise ConfigurationError(
            "The demo runs the example's own tests, for which pytest is missing.",
            f"{sys.executable} -m pip install pytest",
        )
    settings = evolve(Settings(), sandbox=settings_for(Path.cwd(), flags).sandbox)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soa-demo-")))
        root = (folder or scratch / "pocketledger").absolute()
        if root.exists() and any(root.iterdir()):
            raise ConfigurationError(f"{root} is not empty.", "Name a folder that is not there yet.")
        copy_project(root)
        store = stack.enter_context(Store(scratch / "store.sqlite3"))
        return run_stoppable(_demonstrate(Workspace(root, Path(sys.executable)), settings, store))


async def _demonstrate(workspace: Workspace, settings: Settings, store: Store) -> int:
    suite = await _open_suite(settings, workspace)
    try:
        return await _show(suite, settings, store)
    finally:
        await suite.sandbox.close()


async def _show(suite: Suite, settings: Settings, store: Store) -> int:
    screen, workspace = Screen(), suite.workspace
    selections = [s for s in select([str(workspace.root)]) if s.stubs]
    stubs = plural(sum(len(s.stubs) for s in selections), "stub")
    screen.line(f"The example project has {stubs} in {plural(len(selections), 'module')}.")
    screen.line(f"Its tests before: {await suite.run()}.")
    model = RecordedModel(load_records(REPLIES), latency=LATENCY if is_lively(sys.stderr) else 0)
    async with Engine(workspace, settings, model, suite.sandbox, store) as engine:
        with screen.progress() as progress:
            result = await engine.implement(Request(tuple(Target(s.path) for s in selections)), progress.show)
        if result.interrupted:
            screen.note("stopped; nothing is written")
            return INTERRUPTED
        complete = _write(engine, result, screen)
    after = await suite.run()
    screen.line(f"Its tests after: {after}.")
    return DONE if complete and after.good else INCOMPLETE


def _write(engine: Engine, result: RunResult, screen: Screen) -> bool:
    """Write the files, show what changed and the evidence; whether everything is verified and written."""
    changes = engine.preview(result, verified_only=False)
    written = write_result(engine, result, screen, verified_only=False)
    for change in changes:
        screen.line(f"  {change.relative}: {_lines_changed(change.before, change.after)}")
    for line in (*report.evidence_lines(result), report.totals(result)):
        screen.line(line)
    return written and report.succeeded(result.proposals)


@frozen
class Score:
    """How many tests pass."""

    passed: int
    total: int

    @property
    def good(self) -> bool:
        """Whether there are tests and all pass."""
        return 0 < self.passed == self.total

    def __str__(self) -> str:
        return f"{self.passed} of {self.total} pass"


@frozen
class Suite:
    """The project's own tests, and where they run."""

    sandbox: Sandbox
    workspace: Workspace

    async def run(self) -> Score:
        """Run them all."""
        root = self.workspace.root
        files = sorted(path.relative_to(root).as_posix() for path in root.glob("tests/test_*.py"))
        results = await Verifier(self.sandbox, self.workspace, Limits()).verify_all(files, {}, frozenset())
        return Score(sum(r.outcome is Outcome.PASSED for r in results), len(results))


async def _open_suite(settings: Settings, workspace: Workspace) -> Suite:
    sandbox = await open_sandbox(settings, workspace)
    if isinstance(sandbox, NoSandbox):
        raise SandboxError(f"The demo runs what it writes, and nothing can be run: {sandbox.reason}", sandbox.advice)
    return Suite(sandbox, workspace)


def _lines_changed(before: str, after: str) -> str:
    diff = unified_diff("", before, after).splitlines()[2:]
    added, removed = (sum(line.startswith(sign) for line in diff) for sign in "+-")
    return f"{plural(added, 'line')} added, {removed} removed"
