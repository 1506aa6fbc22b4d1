"""One `soa implement` from its targets to its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from soa.cli import report
from soa.cli.boundary import DONE, INCOMPLETE, INTERRUPTED
from soa.cli.engine import Models, Plan, open_engine
from soa.cli.options import settings_for
from soa.cli.running import run_stoppable
from soa.cli.screen import Screen
from soa.cli.targets import Selection, common_root, select
from soa.contracts import Status, Usage
from soa.engine.request import Request, Target
from soa.errors import ConfigurationError
from soa.events import RunResult
from soa.source.diff import unified_diff
from soa.store import Store, default_path
from soa.wording import plural

if TYPE_CHECKING:
    from soa.engine.runs import Engine


@frozen
class Wishes:
    """What the user asked for."""

    targets: tuple[str, ...]
    flags: dict[str, Any]
    """Settings by name; None if not given."""
    write: bool
    verified_only: bool
    decompose: bool
    as_json: bool
    resume: str
    record: Path | None


def carry_out(wishes: Wishes) -> int:
    """Do it, and give the exit code."""
    selections = [s for s in select(wishes.targets) if s.stubs]
    screen = Screen(as_json=wishes.as_json)
    if not wishes.resume and not selections:
        return _nothing_to_do(wishes, screen)
    return run_stoppable(_campaign(wishes, selections, screen))


def _nothing_to_do(wishes: Wishes, screen: Screen) -> int:
    screen.note(f"no stubs found in {report.named(wishes.targets)}: nothing to do")
    if wishes.as_json:
        screen.result(json.dumps(report.as_json(RunResult("", (), Usage(), 0.0)), indent=2))
    return DONE


async def _campaign(wishes: Wishes, selections: list[Selection], screen: Screen) -> int:
    with Store(default_path()) as store:
        request, root = await _request(wishes, selections, store)
        settings = settings_for(root, wishes.flags)
        models = Models(wishes.record, late=bool(wishes.resume))
        async with open_engine(Plan(root, settings, models, store), screen) as engine:
            with screen.progress() as progress:
                result = await engine.implement(request, progress.show)
            return _finish(wishes, engine, result, screen)


async def _request(wishes: Wishes, selections: list[Selection], store: Store) -> tuple[Request, Path]:
    """What the run is to do, and the workspace it is done in."""
    if wishes.resume and not wishes.targets:
        return await _kept_request(wishes, store)
    targets = tuple(
        Target(s.path.absolute(), tuple(dict.fromkeys(x.contract.qualname for x in s.stubs)) if s.named else ())
        for s in selections
    )
    request = Request(targets, decompose=wishes.decompose, resume=wishes.resume)
    return request, common_root([s.path for s in selections])


async def _kept_request(wishes: Wishes, store: Store) -> tuple[Request, Path]:
    kept = await store.find_run(wishes.resume)
    if kept is None:
        known = ", ".join(await store.recent_runs()) or "none"
        raise ConfigurationError(f"There is no run {wishes.resume} to resume.", f"The newest runs: {known}.")
    targets = tuple(Target(Path(t["path"]), tuple(t["qualnames"])) for t in kept.request["targets"])
    decompose = wishes.decompose or bool(kept.request["decompose"])
    return Request(targets, decompose=decompose, resume=wishes.resume), Path(kept.workspace)


def _finish(wishes: Wishes, engine: Engine, result: RunResult, screen: Screen) -> int:
    result = engine.reanchor(result)
    show_result(engine, result, screen, verified_only=wishes.verified_only)
    complete = report.succeeded(result.proposals)
    stopped = was_stopped(result)
    if stopped:
        _say_what_is_kept(result, screen)
    elif wishes.write:
        complete = write_result(engine, result, screen, verified_only=wishes.verified_only) and complete
    elif any(p.writable for p in result.proposals):
        screen.note(f"nothing is written; `soa implement --resume {result.run} --write` writes it and asks no model")
    if wishes.as_json:
        screen.result(json.dumps(report.as_json(result), indent=2))
    return INTERRUPTED if stopped else DONE if complete else INCOMPLETE


def was_stopped(result: RunResult) -> bool:
    """Whether a person stopped the run. One that a problem ended carries the problem among its warnings."""
    return result.interrupted and not result.warnings


def show_result(engine: Engine, result: RunResult, screen: Screen, *, verified_only: bool) -> None:
    """Show the diff, the evidence for each stub, and the totals."""
    for change in engine.preview(result, verified_only=verified_only):
        if change.problem:
            screen.note(f"{change.relative} has no diff: {change.problem}")
        else:
            screen.diff(unified_diff(change.relative, change.before, change.after).removesuffix("\n"))
    for line in report.evidence_lines(result):
        screen.line(line)
    screen.line(report.totals(result))
    for warning in result.warnings:
        screen.note(f"warning: {warning}")


def write_result(engine: Engine, result: RunResult, screen: Screen, *, verified_only: bool) -> bool:
    """Write the files and say what was written; whether that worked for all of them."""
    unverified = {str(p.address) for p in result.proposals if p.status is Status.UNVERIFIED}
    applied = engine.apply(result, verified_only=verified_only)
    for one in applied:
        if one.problem:
            screen.note(f"{one.relative} is not written: {one.problem}")
        if one.stale:
            screen.note(f"not written to {one.relative}, which changed meanwhile: {report.named(one.stale)}")
        if one.written:
            doubtful = [name for name in one.written if f"{one.relative}::{name}" in unverified]
            note = f"; not verified: {report.named(doubtful)}" if doubtful else ""
            screen.note(f"wrote {plural(len(one.written), 'function')} to {one.relative}{note}")
    if not applied:
        screen.note("nothing is written: there is nothing that could be")
    return not any(one.problem or one.stale for one in applied)


def _say_what_is_kept(result: RunResult, screen: Screen) -> None:
    kept = [str(p.address) for p in result.proposals if p.writable]
    calls = result.usage.calls
    replies = f"no stub was finished, the replies of {plural(calls, 'call')} are kept"
    nothing = replies if calls else "nothing was finished"
    said = f"{plural(len(kept), 'proposal')} kept ({report.named(kept)})" if kept else nothing
    screen.note(f"stopped; {said}, and nothing is written")
    screen.note(f"go on with: soa implement --resume {result.run}")
