"""Evidence in words: for the model that repairs, and for the person who reads the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soa.contracts import Evidence, TestResult

SHOWN = 3
"""Failures that are told in full; more of them would hide the first."""
LONGEST = 1200
"""Characters of any one value, traceback or output."""


def report(evidence: Evidence) -> str:
    """What spoke against a candidate, for a model."""
    parts = [f"- {reason}" for reason in evidence.unresolved]
    if evidence.broken:
        parts.append(f"The module with your code in it could not be run:\n{_short(evidence.broken)}")
    failures = evidence.failures
    parts += [_failure(r) for r in failures[:SHOWN]]
    if len(failures) > SHOWN:
        parts.append(f"{len(failures) - SHOWN} more tests failed: {', '.join(r.test.name for r in failures[SHOWN:])}.")
    passed = len(evidence.judged) - len(failures)
    if passed:
        parts.append(f"{passed} tests passed.")
    return "\n\n".join(parts)


def summary(evidence: Evidence) -> str:
    """What spoke against a candidate, in one line."""
    if evidence.unresolved:
        return evidence.unresolved[0]
    if evidence.broken:
        return evidence.broken.strip().splitlines()[-1][:200]
    failures = evidence.failures
    if not failures:
        return ""
    first = failures[0]
    shown = f"expected {_line(first.expected)}, got {_line(first.actual)}" if first.expected or first.actual else ""
    detail = shown or _line((first.traceback or first.reason).strip().splitlines()[-1:] or "")
    return f"{len(failures)} of {len(evidence.judged)} tests failed; {first.test.name}: {detail}".rstrip(": ")


def why_unverified(evidence: Evidence) -> str:
    """Why no test decided, in one line."""
    if evidence.refused:
        return evidence.refused
    for result in evidence.results:
        if result.suspected and result.test.origin == "doctest":
            shown = f"expects {_line(result.expected)}, every candidate gives {_line(result.actual)}"
            return f"{result.test.name} {shown}, and the project's tests agree with these: is the example right?"
    reasons = [r.reason for r in evidence.results if r.reason]
    return reasons[0] if reasons else "there is no test for it"


def _failure(result: TestResult) -> str:
    kind = {"doctest": "docstring", "project": "project test", "generated": "derived from the contract"}
    lines = [f"Failed: {result.test.name} ({kind[result.test.origin]})"]
    rows = (("", result.source), ("expected: ", result.expected), ("actual:   ", result.actual))
    lines += [label + _short(text) for label, text in rows if text.strip()]
    if result.traceback.strip():
        lines.append(_short(result.traceback))
    elif result.reason:
        lines.append(result.reason)
    if result.output.strip():
        lines.append(f"printed: {_short(result.output)}")
    return "\n".join(lines)


def _short(text: str) -> str:
    text = text.strip("\n")
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}\n...\n{text[-LONGEST // 2 :]}"


def _line(text: str | list[str]) -> str:
    joined = " ".join((text if isinstance(text, str) else " ".join(text)).split())
    return joined if len(joined) <= 80 else f"{joined[:77]}..."
