"""What lenses, actions, hovers and diagnostics say, in the few words that each has room for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soa.contracts import Status
from soa.evidence import Outcome
from soa.wording import plural, visible, with_flaky, with_where

if TYPE_CHECKING:
    from soa.contracts import Proposal
    from soa.evidence import Evidence, TestResult

MARKS = {
    Status.VERIFIED: "✓",
    Status.UNVERIFIED: "?",
    Status.FAILED: "✗",
    Status.STALE: "~",
    Status.CANCELLED: "-",
}
TESTED = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.INCONCLUSIVE: "?"}
CLAUSE = re.compile(r"[;\n]|\.(?=\s|$)")
REASON = 48
"""Characters of a reason beside a stub."""
LINE = 160
"""Characters of a text that has a line for itself."""
MINUTE, HOUR, DAY = 60, 3600, 86400
THOUSAND, MILLION = 1000, 1_000_000


def one_line(text: str, most: int = LINE) -> str:
    """A text on one line, cut between words if it is longer than `most`."""
    joined = visible(" ".join(text.split()))
    if len(joined) <= most:
        return joined
    head, space, _ = joined[: most - 1].rpartition(" ")
    return f"{(head if space and len(head) > most // 2 else joined[: most - 1]).rstrip()}…"


def few_words(reason: str) -> str:
    """The beginning of a reason that says the most."""
    first = CLAUSE.split(reason.strip(), maxsplit=1)[0]
    return one_line(first, REASON) or "it failed"


def tests(evidence: Evidence) -> str:
    """`7/7 tests`: passed and judged."""
    judged = len(evidence.judged)
    return f"{judged - len(evidence.failures)}/{judged} tests"


def unverified(evidence: Evidence) -> str:
    """`not verified`, and if tests are flaky, how many."""
    return with_flaky("not verified", len(evidence.flaky))


def verdict(proposal: Proposal) -> str:
    """A proposal in a few words, with its mark: `✓ 7/7 tests`, `? not verified`, `✗ 2 of 7 tests failed`."""
    if proposal.skeleton and proposal.writable:
        return with_where("Skeleton", proposal.evidence.sandbox)
    if proposal.status is Status.VERIFIED:
        said = tests(proposal.evidence)
    elif proposal.status is Status.UNVERIFIED:
        said = unverified(proposal.evidence)
    else:
        said = few_words(proposal.reason)
    return with_where(f"{MARKS[proposal.status]} {said}", proposal.evidence.sandbox)


def standing(proposal: Proposal) -> str:
    """A proposal that can be accepted, where no mark tells how good it is: `verified, 7/7 tests`."""
    evidence = proposal.evidence
    said = f"verified, {tests(evidence)}" if proposal.status is Status.VERIFIED else unverified(evidence)
    said = "skeleton" if proposal.skeleton else said
    return with_where(said, proposal.evidence.sandbox)


def result_mark(result: TestResult) -> str:
    """The mark of a test's outcome; one that is not obeyed says nothing."""
    return "?" if result.suspected else TESTED[result.outcome]


def tokens(count: int) -> str:
    """`940 tokens`, `1.2k tokens`, `3.4M tokens`."""
    if count < THOUSAND:
        return plural(count, "token")
    if count < MILLION - THOUSAND // 2:
        return f"{_short(count / THOUSAND)}k tokens"
    return f"{_short(count / MILLION)}M tokens"


def spent(prompt: int, completion: int) -> str:
    """What a call cost: `812 + 1.3k tokens`."""
    return f"{tokens(prompt).removesuffix('s').removesuffix(' token')} + {tokens(completion)}"


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if number < 99.95 else f"{number:.0f}"


def duration(seconds: float) -> str:
    """`4.2 s`, `75 s`, `12 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 2 * MINUTE else f"{seconds / MINUTE:.0f} min"


def age(seconds: float) -> str:
    """`just now`, `2 min ago`, `3 h ago`, `5 days ago`."""
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min ago"
    return f"{seconds // HOUR:.0f} h ago" if seconds < 2 * DAY else f"{seconds // DAY:.0f} days ago"
