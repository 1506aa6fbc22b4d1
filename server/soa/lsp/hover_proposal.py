"""A proposal told in full: its code, its agents, its evidence line by line, what it cost and how old it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soa.agents.briefs import shown
from soa.contracts import Status
from soa.evidence import Outcome
from soa.lsp.wording import MARKS, age, duration, result_mark, tests, tokens, unverified
from soa.session.advice import for_editor
from soa.wording import plural, with_where

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soa.contracts import AgentNode, Proposal
    from soa.evidence import Evidence, TestResult
    from soa.lsp.markup import Markup
    from soa.session.views import Kept

Rows = list[tuple[int, str]]
"""Depth and text of each."""

MOST_AGENTS = 24
MOST_TESTS = 16
MOST_SENTENCES = 6
VALUE = 80
"""Characters of a value that a test expected or got."""


def code(markup: Markup, proposal: Proposal) -> str:
    """The candidate: imports, helpers, and the function with its body."""
    if proposal.candidate is None:
        return ""
    return markup.block(shown(proposal.candidate, proposal.contract))


def status(markup: Markup, proposal: Proposal) -> str:
    """What became of it, in one line."""
    if proposal.skeleton and proposal.writable:
        said = with_where("Skeleton", proposal.evidence.sandbox)
        return f"{said}: its helpers are stubs that are still to be implemented."
    known = {Status.VERIFIED: f"verified: {tests(proposal.evidence)}", Status.UNVERIFIED: unverified(proposal.evidence)}
    words = with_where(known.get(proposal.status, str(proposal.status)), proposal.evidence.sandbox)
    reason = f": {markup.text(for_editor(proposal.reason), 3 * VALUE)}" if proposal.reason else ""
    return f"{MARKS[proposal.status]} {words}{reason}"


def evidence(markup: Markup, found: Evidence) -> str:
    """Line by line: what ran, what kept it from running, what does not exist."""
    rows: Rows = []
    if found.refused:
        rows.append((0, f"? nothing was run: {markup.text(for_editor(found.refused))}"))
    if found.broken:
        rows.append((0, f"✗ its module could not be run: {markup.text(_last_line(found.broken))}"))
    rows += [(0, f"✗ {markup.text(sentence)}") for sentence in found.unresolved[:MOST_SENTENCES]]
    first = sorted(found.results, key=_worth)
    rows += [(0, _result(markup, result)) for result in first[:MOST_TESTS]]
    if len(first) > MOST_TESTS:
        rows.append((0, f"… {plural(len(first) - MOST_TESTS, 'more test')}"))
    return markup.rows(rows)


def _worth(result: TestResult) -> int:
    """What failed comes first, then what is flaky, then what passed: the order of telling where not all can be told."""
    return 1 if result.flaky else {Outcome.FAILED: 0, Outcome.PASSED: 2, Outcome.INCONCLUSIVE: 3}[result.outcome]


def _result(markup: Markup, result: TestResult) -> str:
    origin = "" if result.test.origin == "project" else f"{result.test.origin} "
    took = f" {duration(result.seconds)}" if result.slow else ""
    named = f"{result_mark(result)} {origin}{markup.code(result.test.name)}{took}"
    if result.outcome is Outcome.PASSED:
        return named
    doubted = "doubted, not obeyed: " if result.suspected else ""
    return f"{named} {doubted}{_detail(markup, result)}".rstrip()


def _detail(markup: Markup, result: TestResult) -> str:
    if result.flaky:
        return ": ".join(filter(None, (markup.text(result.reason), _failure(markup, result))))
    if result.outcome is Outcome.INCONCLUSIVE:
        return markup.text(result.reason)
    return _failure(markup, result) or markup.text(_last_line(result.traceback or result.reason))


def _failure(markup: Markup, result: TestResult) -> str:
    """What was expected, and what came; empty if neither is known."""
    if not (result.expected.strip() or result.actual.strip()):
        return ""
    wanted = f"expected {markup.code(result.expected, VALUE)}, " if result.expected.strip() else ""
    return f"{wanted}got {markup.code(result.actual, VALUE) or 'nothing'}"


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")


def tree(markup: Markup, node: AgentNode | None) -> str:
    """The agents, each below its mother."""
    rows = list(_nodes(markup, node, 0)) if node is not None else []
    return markup.rows(first_rows(rows))


def _nodes(markup: Markup, node: AgentNode, depth: int) -> Iterator[tuple[int, str]]:
    reason = f": {markup.text(node.reason)}" if node.reason and node.status is not Status.VERIFIED else ""
    yield depth, f"{MARKS[node.status]} {node.role} {markup.code(node.address.qualname)}{reason}"
    for child in node.children:
        yield from _nodes(markup, child, depth + 1)


def first_rows(rows: Sequence[tuple[int, str]]) -> Rows:
    """As many agents as there is room for."""
    kept = list(rows[:MOST_AGENTS])
    if len(rows) > MOST_AGENTS:
        kept.append((0, f"… {plural(len(rows) - MOST_AGENTS, 'more agent')}"))
    return kept


def costs(kept: Kept, now: float, seconds: float | None) -> str:
    """Agents, calls, tokens, how long its run took if that is known, and how old it is."""
    proposal = kept.proposal
    agents = plural(proposal.tree.count, "agent") if proposal.tree is not None else ""
    calls, spent = plural(proposal.usage.calls, "call"), tokens(proposal.usage.tokens)
    took = f"a run of {duration(seconds)}" if seconds is not None else ""
    return " · ".join(filter(None, (agents, calls, spent, took, age(max(0.0, now - kept.at)))))
