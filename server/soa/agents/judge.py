"""Judging a candidate: the gate, then its tests, with everybody else's settled work in place."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from attrs import evolve

from soa.agents.blame import culprit_of
from soa.agents.gate import module_needs, problems
from soa.agents.names import called_names, candidate_tree
from soa.errors import SourceError
from soa.evidence import Evidence, Outcome
from soa.verify import Need
from soa.wording import plural
from soa.workspace import package_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soa.agents.board import Entry
    from soa.agents.colony import Colony, Member
    from soa.contracts import Candidate
    from soa.evidence import Test


async def gate(colony: Colony, entry: Entry, candidate: Candidate) -> tuple[str, ...]:
    """Why a candidate cannot be taken, found without running it; one that can be has its helpers' names from now on."""
    view = await colony.surroundings.view(entry)
    found = problems(candidate, entry.contract, view.known) + _taken_names(colony, entry, candidate)
    found = found or await asyncio.to_thread(view.conflicts, candidate, colony.board.imported(entry))
    found = found or _taken_names(colony, entry, candidate)
    if not found:
        entry.claim = candidate
    return found


def _taken_names(colony: Colony, entry: Entry, candidate: Candidate) -> tuple[str, ...]:
    taken = colony.board.claimed(entry)
    return tuple(
        f"The helper name `{h.name}` is taken by another function of this file: choose another."
        for h in candidate.helpers
        if taken.get(h.name, h.source) != h.source
    )


async def judge(colony: Colony, member: Member, candidate: Candidate, tests: Sequence[Test]) -> Evidence:
    """Run the tests on an entry's candidate; waits for functions of the run that the tests reach.

    The candidate becomes the entry's own. A failure that nobody else can have caused is returned at once.
    """
    entry = member.entry
    entry.candidate = candidate
    view = await colony.surroundings.view(entry)
    package = package_name(entry.document.path)
    needs = [Need(m.name, m.attribute or None, package) for m in module_needs(candidate, entry.contract, view.imported)]
    await _await_needed(colony, member, candidate, tests)
    while True:
        present = colony.board.present(entry)
        evidence = await _run(colony, entry, tests, needs)
        if await _elsewhere(colony, member, evidence):
            continue
        absent = colony.board.at(_reached(evidence)) - present
        if not absent or _is_own_fault(colony, evidence, present):
            break
        names = ", ".join(sorted(e.contract.name for e in absent))
        colony.tell(member, colony.event("waiting", f"waits for {names}"))
        await colony.board.wait(entry, absent)
    counts = evidence.counts
    event = colony.event("tested", plural(len(evidence.flaky), "flaky test") if evidence.flaky else "")
    colony.tell(member, evolve(event, passed=sum(c.passed for c in counts), failed=sum(c.failed for c in counts)))
    return evidence


async def _await_needed(colony: Colony, member: Member, candidate: Candidate, tests: Sequence[Test]) -> None:
    """Wait for the functions of the run that a candidate and its tests call by name, before a test runs into them."""
    entry, board = member.entry, colony.board
    own = entry.contract.qualname.rpartition(".")[0]
    called = called_names(candidate_tree(candidate, entry.contract), own)
    needed = {e for e in board.entries() if e.contract.qualname in called}
    needed |= board.named(await colony.surroundings.names_in(entry.contract, tests))
    absent = needed - board.present(entry) - set(entry.family())
    if absent:
        await board.wait(entry, frozenset(absent))


async def _elsewhere(colony: Colony, member: Member, evidence: Evidence) -> bool:
    """If a test failed inside another function of the run, wait for that to change; whether to test again."""
    entry, board = member.entry, colony.board
    for result in evidence.failures:
        culprit = culprit_of(result, board)
        if culprit is None or culprit.root is entry.root or culprit.depends_on(entry):
            continue
        before = culprit.candidate
        if colony.appeal(culprit, result):
            colony.tell(member, colony.event("waiting", f"{result.test.name} fails in {culprit.contract.name}"))
            await board.hold(entry, culprit)
            if culprit.candidate != before:
                return True
    return False


async def _run(colony: Colony, entry: Entry, tests: Sequence[Test], needs: Sequence[Need]) -> Evidence:
    board = colony.board
    try:
        overlay = await board.overlay((entry, *entry.allies))
    except SourceError as error:
        return Evidence(unresolved=(error.message,))
    evidence = await colony.verifier.verify(entry.subject, tests, overlay, board.addresses(), needs)
    entry.basis = board.basis(entry, _reached(evidence))
    return evidence


def _reached(evidence: Evidence) -> frozenset[str]:
    return frozenset().union(*(r.reached | r.blocked_by for r in evidence.results))


def _is_own_fault(colony: Colony, evidence: Evidence, present: frozenset[Entry]) -> bool:
    """Whether something failed that needed nothing but what was there."""
    if evidence.unresolved or evidence.broken:
        return True
    failed = [r for r in evidence.results if r.outcome is Outcome.FAILED]
    return any(colony.board.at(r.reached | r.blocked_by) <= present for r in failed)
