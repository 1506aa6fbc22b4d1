"""Proposals applied to files as they are now: re-anchored where the contract stands, refused where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from soa.contracts import Candidate, Proposal, Status, Stub
from soa.errors import SourceError
from soa.source.disk import read_source, write_source
from soa.source.splice import splice
from soa.source.stubs import find_stubs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from soa.events import RunResult
    from soa.source.disk import SourceFile
    from soa.workspace import Workspace


@frozen
class FileChange:
    """What would change in a file."""

    path: Path
    relative: str
    before: str = ""
    after: str = ""
    problem: str = ""
    """Why nothing can be written to this file; empty if all is well."""


@frozen
class Applied:
    """What was written to a file."""

    relative: str
    written: tuple[str, ...] = ()
    """Qualified names of the stubs that now have their bodies."""
    stale: tuple[str, ...] = ()
    """Those that stand there no longer, or with another contract."""
    problem: str = ""
    """Why nothing was written to this file; empty if all is well."""


@frozen
class _Plan:
    """A file with the proposals that go into it."""

    file: SourceFile
    relative: str
    items: tuple[tuple[Stub, Candidate], ...]
    written: tuple[str, ...]
    stale: tuple[Proposal, ...]


def mark_stale(result: RunResult, workspace: Workspace) -> RunResult:
    """The result with the status `stale` for proposals whose stub is no longer there, or promises something else."""
    reasons: dict[int, str] = {}
    for path, proposals in _by_file(result, verified_only=False):
        try:
            plan = _plan(workspace, path, proposals)
        except SourceError as error:
            reasons |= {id(p): error.message for p in proposals}
        else:
            stubs = {s.contract.qualname for s in find_stubs(plan.file.text)}
            reasons |= {id(p): _why_stale(p, stubs) for p in plan.stale}
    settled = (
        evolve(p, status=Status.STALE, reason=reasons[id(p)]) if id(p) in reasons else p for p in result.proposals
    )
    return evolve(result, proposals=tuple(settled))


def _why_stale(proposal: Proposal, stubs: set[str]) -> str:
    if proposal.contract.qualname in stubs:
        return "its contract changed meanwhile"
    return "the file changed meanwhile, it is no stub there any more"


def preview_result(result: RunResult, workspace: Workspace, *, verified_only: bool) -> tuple[FileChange, ...]:
    """The texts before and after, for files that would change; a problem with one leaves the others alone."""
    found = (_preview(workspace, path, proposals) for path, proposals in _by_file(result, verified_only))
    return tuple(change for change in found if change.problem or change.before != change.after)


def _preview(workspace: Workspace, relative: str, proposals: list[Proposal]) -> FileChange:
    try:
        plan = _plan(workspace, relative, proposals)
        after = splice(plan.file.text, plan.items).text if plan.items else plan.file.text
    except SourceError as error:
        return FileChange(workspace.root / relative, relative, problem=str(error))
    return FileChange(plan.file.path, relative, plan.file.text, after)


def apply_result(result: RunResult, workspace: Workspace, *, verified_only: bool) -> tuple[Applied, ...]:
    """Write each file at once or not at all; a problem with one file leaves the others alone."""
    return tuple(_apply(workspace, path, found) for path, found in _by_file(result, verified_only))


def _by_file(result: RunResult, verified_only: bool) -> Iterable[tuple[str, list[Proposal]]]:
    files: dict[str, list[Proposal]] = {}
    for proposal in result.proposals:
        if proposal.writable and not (verified_only and proposal.status is not Status.VERIFIED):
            files.setdefault(proposal.address.path, []).append(proposal)
    return files.items()


def _plan(workspace: Workspace, relative: str, proposals: list[Proposal]) -> _Plan:
    """Find where each proposal's stub stands now; equal contracts are matched in order."""
    file = read_source(workspace.root / relative)
    places: dict[str, list[Stub]] = {}
    for stub in find_stubs(file.text):
        places.setdefault(stub.contract.digest, []).append(stub)
    items: list[tuple[Stub, Candidate]] = []
    written, stale = [], []
    for proposal in proposals:
        found = places.get(proposal.contract.digest)
        if found and proposal.candidate is not None:
            items.append((found.pop(0), proposal.candidate))
            written.append(proposal.contract.qualname)
        else:
            stale.append(proposal)
    return _Plan(file, relative, tuple(items), tuple(written), tuple(stale))


def _apply(workspace: Workspace, relative: str, proposals: list[Proposal]) -> Applied:
    try:
        plan = _plan(workspace, relative, proposals)
        if plan.items:
            write_source(plan.file, splice(plan.file.text, plan.items).text)
    except SourceError as error:
        return Applied(relative, problem=str(error))
    return Applied(relative, plan.written, tuple(p.contract.qualname for p in plan.stale))
