"""Evidence in words: for the model that repairs, and for the person who reads the result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soa.wording import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soa.evidence import Evidence, TestResult

DOUBT = (
    "If a test derived from the contract contradicts the docstring, follow the docstring and leave that test failing."
)
"""Said where a tester's tests fail; the docstring's own examples are to be obeyed."""
SHOWN = 3
"""Failures that are told in full; more of them would hide the first."""
LISTED = 8
"""Sentences or names of tests that are listed at most."""
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
"""Where an object lies is another place each time; without it a resumed run asks the same questions."""
FRAME = re.compile(r'File "(?P<path>[^"\n]*)", line \d+, in (?P<function>.*)\n(?P<code>[ \t].*|)(?:\n|\Z)')
"""A place in a traceback, with its line of code."""
LONGEST = 1200
"""Characters of any one value, traceback or output."""


def report(evidence: Evidence) -> str:
    """What spoke against a candidate, for a model."""
    parts = [f"- {reason}" for reason in evidence.unresolved[:LISTED]]
    if evidence.broken:
        parts.append(f"The module with your code in it could not be run:\n{_short(evidence.broken)}")
    failures = evidence.failures
    parts += [_failure(r) for r in failures[:SHOWN]]
    if len(failures) > SHOWN:
        parts.append(f"{_tests(len(failures) - SHOWN, 'more ')} failed: {_names(failures[SHOWN:])}.")
    if any(r.test.origin == "generated" for r in failures):
        parts.append(DOUBT)
    passed = len(evidence.judged) - len(failures)
    if passed:
        parts.append(f"{_tests(passed)} passed.")
    return "\n\n".join(parts)


def summary(evidence: Evidence) -> str:
    """What spoke against a candidate, in one line."""
    if evidence.unresolved:
        return evidence.unresolved[0]
    if evidence.broken:
        return _last_line(evidence.broken)[:200]
    failures = evidence.failures
    if not failures:
        return ""
    first = failures[0]
    wanted = f"expected {_line(first.expected)}, " if first.expected.strip() else ""
    shown = f"{wanted}got {_line(first.actual)}" if first.expected or first.actual else ""
    detail = shown or _line(_last_line(first.traceback or first.reason))
    told = f"{len(failures)} of {_tests(len(evidence.judged))} failed; {first.test.name}"
    return f"{told}: {detail}" if detail else told


def why_unverified(evidence: Evidence) -> str:
    """Why no test decided, in one line."""
    if evidence.refused:
        return evidence.refused
    for result in evidence.flaky:
        return f"{result.test.name} is {result.reason}"
    for result in evidence.results:
        if result.suspected and result.test.origin == "doctest":
            shown = f"expects {_line(result.expected)}, every candidate gives {_line(result.actual)}"
            return f"{result.test.name} {shown}, and the project's tests agree with these: is the example right?"
    reasons = [r.reason for r in evidence.results if r.reason]
    return reasons[0] if reasons else "there is no test for it"


def _failure(result: TestResult) -> str:
    name = result.test.name
    titles = {"doctest": f"{name} of the docstring", "project": f"the project's test {name}"}
    lines = [f"Failed: {titles.get(result.test.origin, 'a test derived from the contract')}"]
    source = result.test.source or result.source
    rows = (("", source), ("expected: ", result.expected), ("actual:   ", result.actual))
    lines += [label + _short(text) for label, text in rows if text.strip()]
    way = _way(result, source)
    if way:
        lines.append(_short(way))
    elif result.reason:
        lines.append(result.reason)
    if result.output.strip() not in ("", result.actual.strip()):
        lines.append(f"printed: {_short(result.output)}")
    return "\n".join(lines)


def _way(result: TestResult, shown: str) -> str:
    """A traceback without what is said already, and without places in files that nobody but us has seen."""
    text = FRAME.sub(lambda frame: _frame(frame, shown), result.traceback.strip())
    known = result.actual.strip()
    return f"\n{text}".removesuffix(f"\n{known}").strip("\n") if known else text


def _frame(frame: re.Match[str], shown: str) -> str:
    code = frame["code"].strip()
    if frame["path"].startswith("<") and (not code or code in shown):
        return ""
    return f"{frame['path']}, in {frame['function']}: {code}\n"


def _short(text: str) -> str:
    text = _ADDRESS.sub("0x...", text.strip("\n"))
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}\n...\n{text[-LONGEST // 2 :]}"


def _tests(count: int, more: str = "") -> str:
    return plural(count, f"{more}test")


def _names(results: Sequence[TestResult]) -> str:
    rest = ", ..." if len(results) > LISTED else ""
    return ", ".join(r.test.name for r in results[:LISTED]) + rest


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def _line(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= 80 else f"{joined[:77]}..."
