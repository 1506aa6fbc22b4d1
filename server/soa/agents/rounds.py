"""After all stubs are settled: evidence that rests on changed code is taken again, then the project's tests are run.

A project test that fails is led back to the stubs it reached: to those in its traceback, else to those that nothing
else has verified, else to all. Their agents get a modification round. A stub that alone is to blame for what still
fails after that has failed; where several may be, they are unverified.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from attrs import evolve

from soa.agents.blame import culprit_of
from soa.agents.ending import Ending
from soa.agents.report import report
from soa.contracts import Status
from soa.errors import SourceError
from soa.evidence import Evidence, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soa.agents.board import Entry
    from soa.agents.colony import Colony
    from soa.agents.delegation import Delegation
    from soa.evidence import Test, TestResult

ROUNDS = 2
"""Modification rounds that follow from the project's tests."""


async def finish(colony: Colony, delegation: Delegation) -> None:
    """Bring all evidence of a run in line with the code as it is at the end."""
    await _recheck(colony, delegation)
    files = await colony.surroundings.test_files(colony.board)
    if not files or not any(_good(r) for r in colony.board.roots):
        await colony.surroundings.learn(colony.board, ())
        return
    for left in range(ROUNDS, -1, -1):
        whole = await _run_project_tests(colony, files)
        results = tuple(r for r in whole if r.outcome is not Outcome.INCONCLUSIVE)
        blame = {r: _suspects(colony, r) for r in results if r.outcome is Outcome.FAILED}
        if not left or not await _modify(delegation, blame):
            break
        await _recheck(colony, delegation)
    await colony.surroundings.learn(colony.board, whole)
    _conclude(colony, whole, blame)


def _good(entry: Entry) -> bool:
    return entry.ending is not None and entry.ending.good


async def _recheck(colony: Colony, delegation: Delegation) -> None:
    """Take evidence again where it rests on candidates that have changed since; lets the agent repair once."""
    board = colony.board
    changed = [r for r in board.roots if _good(r) and any(board.final(b) != c for b, c in r.basis.items())]
    for root in changed:
        evidence = await _verify_again(colony, root)
        ending = Ending.of(evidence, root.missing)
        if not ending.good and delegation.can_modify(root):
            root.ending = ending  # what it had before does not hold any more, also if its agent is stopped now
            ending = await delegation.modify(root, report(evidence))
        await board.settle(root, ending)


async def _verify_again(colony: Colony, root: Entry) -> Evidence:
    board = colony.board
    before = root.ending.evidence.results if root.ending else ()
    tests: Sequence[Test] = [r.test for r in before]
    evidence = await colony.verifier.verify(root.subject, tests, await board.overlay(), board.addresses())
    reached = frozenset().union(*(r.reached | r.blocked_by for r in evidence.results))
    root.basis = board.basis(root, reached)
    doubted = {(r.test, r.actual) for r in before if r.suspected}
    results = tuple(evolve(r, suspected=(r.test, r.actual) in doubted) for r in evidence.results)
    return evolve(evidence, results=results)


async def _run_project_tests(colony: Colony, files: Sequence[str]) -> tuple[TestResult, ...]:
    try:
        overlay = await colony.board.overlay()
    except SourceError:
        return ()
    return await colony.verifier.verify_all(files, overlay, colony.board.addresses())


def _suspects(colony: Colony, result: TestResult) -> frozenset[Entry]:
    """The stubs of the request that a failed test speaks against."""
    reached = frozenset(e.root for e in colony.board.at(result.reached) if _good(e.root))
    culprit = culprit_of(result, colony.board)
    if culprit is not None and culprit.root in reached:
        return frozenset({culprit.root})
    loose = frozenset(r for r in reached if r.ending and r.ending.status is Status.UNVERIFIED)
    return loose or reached


async def _modify(delegation: Delegation, blame: dict[TestResult, frozenset[Entry]]) -> bool:
    """Let each suspect's agent change its work; whoever gets no better keeps what it had. Whether anything changed."""
    suspects = {s for found in blame.values() for s in found if delegation.can_modify(s)}
    changes = await asyncio.gather(*(_modify_one(delegation, s, blame) for s in suspects))
    return any(changes)


async def _modify_one(delegation: Delegation, suspect: Entry, blame: dict[TestResult, frozenset[Entry]]) -> bool:
    failed = tuple(r for r, found in blame.items() if suspect in found)
    return await delegation.improve(suspect, report(Evidence(failed)), tuple(r.test for r in failed))


def _conclude(colony: Colony, results: Sequence[TestResult], blame: dict[TestResult, frozenset[Entry]]) -> None:
    """Add what the project's tests have shown to each stub's evidence; what is flaky takes the place of its verdict."""
    for root in colony.board.roots:
        if root.ending is None or not root.ending.good:
            continue
        names = {str(e.address) for e in root.family()}
        reaching = [r for r in results if r.reached & names]
        flaky = {r.test for r in reaching if r.flaky}
        root.ending = _doubted(root.ending, flaky)
        known = {r.test for r in root.ending.evidence.results}
        more = {r.test for r in reaching if r.outcome is Outcome.PASSED} - known | flaky
        added = tuple(r for r in reaching if r.test in more)
        against = tuple(r for r in reaching if root in blame.get(r, ()))
        alone = any(blame[r] == {root} for r in against)
        root.ending = _with(root, colony.verifier.kind, added, against, alone=alone)


def _doubted(ending: Ending, flaky: set[Test]) -> Ending:
    """An ending without the verdicts of tests that turned out to be flaky."""
    results = tuple(r for r in ending.evidence.results if r.test not in flaky)
    return evolve(ending, evidence=evolve(ending.evidence, results=results))


def _with(
    root: Entry, kind: str, added: tuple[TestResult, ...], against: tuple[TestResult, ...], *, alone: bool
) -> Ending:
    before = root.ending.evidence if root.ending else Evidence()
    if against and not alone:
        reason = f"{against[0].test.name} fails and reaches this among others"
        against = tuple(evolve(r, outcome=Outcome.INCONCLUSIVE, reason=reason) for r in against)
        return Ending(Status.UNVERIFIED, reason, before.extended((*added, *against), kind))
    return Ending.of(before.extended((*added, *against), kind), root.missing)
