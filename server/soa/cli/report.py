"""What a run gave, in words: the evidence for each stub, the totals; and as one JSON object."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from soa.contracts import Proposal, Status, Usage
from soa.wording import plural, visible, with_flaky, with_where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from soa.events import RunResult
    from soa.evidence import Evidence, TestResult

SLOWEST = 3
"""Slow tests that are named."""
ADVICE = {
    Status.FAILED: "run again with another model, more --attempts, or a clearer docstring",
    Status.STALE: "it is not written; run again",
}


def evidence_lines(result: RunResult) -> Iterator[str]:
    """One line for each stub with its evidence, and more where there is something to say: the reason, slow tests."""
    width = max((len(str(p.address)) for p in result.proposals), default=0)
    for proposal in result.proposals:
        parts = [f"{proposal.status:<10} {proposal.address!s:<{width}}", _judged(proposal.evidence), _work(proposal)]
        yield "  ".join(part for part in parts if part).rstrip()
        if proposal.reason:
            yield f"{'':<10} {visible(' '.join(proposal.reason.split()))}"
        if slow := _slow(proposal.evidence):
            yield f"{'':<10} slow: {visible(slow)}"
        if proposal.status in ADVICE:
            yield f"{'':<10} {ADVICE[proposal.status]}"


def _judged(evidence: Evidence) -> str:
    counts = evidence.counts
    passed, total = sum(c.passed for c in counts), sum(c.passed + c.failed for c in counts)
    origins = ", ".join(f"{c.origin} {c.passed + c.failed}" for c in counts)
    said = f"{passed}/{total} ({origins})" if counts else "" if evidence.flaky else "no test"
    return with_where(with_flaky(said, len(evidence.flaky)), evidence.sandbox)


def _slow(evidence: Evidence) -> str:
    """The tests that took longest, if they took long."""
    slow = sorted((r for r in evidence.results if r.slow), key=lambda r: -r.seconds)
    return ", ".join(f"{r.test.name} {r.seconds:.1f} s" for r in slow[:SLOWEST])


def _work(proposal: Proposal) -> str:
    agents = proposal.tree.count if proposal.tree else 0
    return f"{plural(agents, 'agent')}  {proposal.usage.tokens:,} tokens"


def totals(result: RunResult) -> str:
    """The whole run in one line."""
    statuses = Counter(p.status for p in result.proposals)
    said = ", ".join(f"{statuses[s]} {s}" for s in Status if statuses[s]) or "nothing done"
    agents = sum(p.tree.count for p in result.proposals if p.tree)
    work = f"{plural(agents, 'agent')}, {plural(result.usage.calls, 'call')}, {result.usage.tokens:,} tokens"
    return f"{said}; {work}, {result.seconds:.1f} s"


def named(names: Sequence[str], most: int = 5) -> str:
    """Some names in a sentence."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def succeeded(proposals: Iterable[Proposal]) -> bool:
    """Whether every stub is verified; a skeleton that was asked for counts if it can be written."""
    return all(p.status is Status.VERIFIED or (p.skeleton and p.writable) for p in proposals)


def as_json(result: RunResult) -> dict[str, Any]:
    """The result in the form that `--json` promises."""
    return {
        "run": result.run,
        "stubs": [_stub(p) for p in result.proposals],
        "usage": _usage(result.usage),
        "seconds": round(result.seconds, 3),
    }


def _stub(proposal: Proposal) -> dict[str, Any]:
    tree = proposal.tree
    return {
        "file": proposal.address.path,
        "name": proposal.address.qualname,
        "status": str(proposal.status),
        "agents": tree.count if tree else 0,
        "depth": tree.deepest if tree else 0,
        "evidence": [{"origin": c.origin, "passed": c.passed, "failed": c.failed} for c in proposal.evidence.counts],
        "usage": _usage(proposal.usage),
        "reason": proposal.reason,
        "sandbox": proposal.evidence.sandbox,
        "tests": [_test(r) for r in proposal.evidence.results],
    }


def _test(result: TestResult) -> dict[str, Any]:
    return {
        "origin": result.test.origin,
        "name": result.test.name,
        "outcome": str(result.outcome),
        "flaky": result.flaky,
        "seconds": round(result.seconds, 3),
        "reason": result.reason,
    }


def _usage(usage: Usage) -> dict[str, int]:
    return {
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "max_prompt_tokens": usage.max_prompt_tokens,
    }
