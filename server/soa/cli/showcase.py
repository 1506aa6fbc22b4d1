"""What `soa demo` does: copy the example project, run its tests, write its stubs, run its tests again."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from soa.cli import report
from soa.cli.boundary import DONE, INCOMPLETE, INTERRUPTED
from soa.cli.campaign import write_result
from soa.cli.engine import open_sandbox
from soa.cli.options import settings_for
from soa.cli.running import run_stoppable
from soa.cli.screen import Screen, is_lively
from soa.cli.targets import select
from soa.contracts import Outcome
from soa.demo import REPLIES, copy_project
from soa.errors import ConfigurationError, SandboxError
from soa.model.recorded import RecordedModel, load_records
from soa.sandbox import Limits
from soa.sandbox.off import NoSandbox
from soa.session import Request, Session, Target
from soa.settings import Settings
from soa.store import Store
from soa.verify import Verifier
from soa.workspace import Workspace

if TYPE_CHECKING:
    from soa.sandbox import Sandbox

LATENCY = 0.4
"""Seconds until a recorded reply comes when somebody watches."""


def show(folder: Path | None, flags: dict[str, Any]) -> int:
    """Carry the demonstration out, in a folder that is removed afterwards unless one is named.

    Raises
    ------
    ConfigurationError
        The folder is not empty.
    SandboxError
        No sandbox works here, so that nothing could be shown to be right.
    """
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
    screen = Screen()
    sandbox = await open_sandbox(settings, workspace)
    if isinstance(sandbox, NoSandbox):
        raise SandboxError(
            f"The demo shows that what is written works, and nothing can be run: {sandbox.reason}", sandbox.advice
        )
    files = select([str(workspace.root)])
    stubs = report.plural(sum(len(s.stubs) for s in files), "stub")
    screen.line(f"The example project has {stubs} in {report.plural(sum(bool(s.stubs) for s in files), 'module')}.")
    screen.line(f"Its tests before: {await _suite(sandbox, workspace)}.")
    model = RecordedModel(load_records(REPLIES), latency=LATENCY if is_lively(sys.stderr) else 0)
    async with Session(workspace, settings, model, sandbox, store) as session:
        request = Request(tuple(Target(s.path) for s in files if s.stubs))
        with screen.progress() as progress:
            result = await session.implement(request, progress.show)
        changes = session.preview(result, verified_only=False)
        written = write_result(session, result, screen, verified_only=False)
    for change in changes:
        screen.line(f"  {change.relative}: {_lines_changed(change.before, change.after)}")
    for line in report.evidence_lines(result):
        screen.line(line)
    screen.line(report.totals(result))
    after = await _suite(sandbox, workspace)
    screen.line(f"Its tests after: {after}.")
    if result.interrupted:
        return INTERRUPTED
    return DONE if written and report.succeeded(result.proposals) and after.startswith("all ") else INCOMPLETE


async def _suite(sandbox: Sandbox, workspace: Workspace) -> str:
    """Run the project's own tests in the sandbox and say how many pass."""
    verifier = Verifier(sandbox, workspace, Limits())
    tests = sorted(path.relative_to(workspace.root).as_posix() for path in workspace.root.glob("tests/test_*.py"))
    results = await verifier.verify_all(tests, {}, frozenset())
    outcomes = Counter(r.outcome for r in results)
    passed, total = outcomes[Outcome.PASSED], len(results)
    return f"all {total} pass" if total and passed == total else f"{passed} of {total} pass"


def _lines_changed(before: str, after: str) -> str:
    diff = report.unified_diff("", before, after).splitlines()[2:]
    added, removed = (sum(line.startswith(sign) for line in diff) for sign in "+-")
    return f"{report.plural(added, 'line')} added, {removed} removed"
