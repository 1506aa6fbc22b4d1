"""Reading what a run told of its tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from soa.errors import SandboxError
from soa.evidence import Outcome, Test, TestResult
from soa.sandbox.answers import FORGED
from soa.verify.examples import judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from soa.contracts import Example
    from soa.sandbox import Report

_WORST = (Outcome.INCONCLUSIVE, Outcome.PASSED, Outcome.FAILED)


@frozen
class Answer:
    """The harness's answer, in order."""

    results: Mapping[Any, list[Mapping[str, Any]]]
    """By key; several where a test has parameters."""
    running: Any = None
    """Key of the test that was under way when the run died."""
    failure: str = ""
    """Why the run died."""
    broken: str = ""
    """Why the module could not be imported."""
    blocked_by: frozenset[str] = frozenset()
    """Empty stubs that made the import fail."""
    unresolved: tuple[str, ...] = ()
    tampered: str = ""
    """Why nothing of it can be believed."""
    forged: str = ""
    """At what the code under test was caught; what is told after that has failed already."""

    @property
    def keys(self) -> tuple[Any, ...]:
        """Of all tests that were begun, in order."""
        return tuple(dict.fromkeys([*self.results, *([] if self.running is None else [self.running])]))

    @classmethod
    def read(cls, report: Report, examples: Mapping[int, Example] | None = None) -> Answer:
        """Sort what came back, and judge the examples that ran.

        Raises
        ------
        SandboxError
            Nothing came back.
        """
        if report.answer is None:
            raise SandboxError(f"The sandbox {report.failure or 'gave no answer'}.")
        events = list(noticed(judged(report.answer["events"], examples or {})))
        results: dict[Any, list[Mapping[str, Any]]] = {}
        running = None
        for event in events:
            if "started" in event:
                running = None if event["rushed"] else event["started"]
            elif "result" in event:
                results.setdefault(event["result"], []).append(event)
                running = None
        told = {k: v for event in events for k, v in event.items()}
        imported = told.get("imported") or {}
        blocked = frozenset(imported.get("blocked_by", ()))
        return cls(
            results,
            running,
            report.failure,
            "" if blocked or report.tampered else _import_failure(told, imported, report.failure),
            blocked,
            tuple(told.get("unresolved", ())),
            report.tampered,
            next((FORGED + e["noticed"] for e in events if e.get("forged")), ""),
        )


def noticed(events: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The events with results that are worth what can be believed after what was noticed before.

    Whoever was caught at forging has failed; whoever may be able to forge has passed nothing.
    """
    forged = doubt = ""
    for event in events:
        if "noticed" in event:
            forged = forged or (event["noticed"] if event["forged"] else "")
            doubt = doubt or event["noticed"]
            yield event
        elif "result" in event and forged:
            yield {
                **event,
                "outcome": "failed",
                "reason": "",
                "actual": f"the code under test forged results: {forged}",
            }
        elif doubt and event.get("outcome") == "passed":
            reason = f"the result cannot be trusted: the code under test did what may change results: {doubt}"
            yield {**event, "outcome": "inconclusive", "reason": reason, "distrusted": True}
        else:
            yield event


def _import_failure(told: Mapping[str, Any], imported: Mapping[str, Any], failure: str) -> str:
    if imported.get("error"):
        return f"the module cannot be imported: {imported.get('traceback') or imported['error']}"
    died = failure and not imported and "unresolved" not in told
    return f"the module {failure} while it was imported" if died else ""


def result_of(test: Test, answer: Answer, key: object) -> TestResult:
    """The result of one test: the worst of those that were told, or what can be said without any."""
    if answer.tampered:
        return TestResult(test, Outcome.FAILED, source=test.source, actual=answer.tampered)
    if answer.blocked_by:
        reason = f"the module cannot be imported while these stubs are empty: {', '.join(sorted(answer.blocked_by))}"
        return TestResult(test, Outcome.INCONCLUSIVE, reason=reason, blocked_by=answer.blocked_by)
    told = answer.results.get(key, ())
    if key == answer.running or (answer.forged and not told):
        return TestResult(test, Outcome.FAILED, source=test.source, actual=answer.forged or answer.failure)
    if not told:
        return TestResult(test, Outcome.INCONCLUSIVE, reason=f"not run: {answer.failure or 'no result'}")
    return _worst(test, [_told(test, event) for event in told])


def _worst(test: Test, results: Sequence[TestResult]) -> TestResult:
    worst = max(results, key=lambda r: _WORST.index(r.outcome))
    reached = frozenset[str]().union(*(r.reached for r in results))
    distrusted, seconds = any(r.distrusted for r in results), sum(r.seconds for r in results)
    return evolve(worst, reached=reached, distrusted=distrusted, seconds=seconds)


def _told(test: Test, event: Mapping[str, Any]) -> TestResult:
    return TestResult(
        test,
        Outcome(event["outcome"]),
        source=event.get("source", ""),
        expected=event.get("expected", ""),
        actual=event.get("actual", ""),
        traceback=event.get("traceback", ""),
        output=event.get("output", ""),
        reason=event.get("reason", ""),
        reached=frozenset(event["reached"]),
        blocked_by=frozenset(event["blocked_by"]),
        distrusted=event.get("distrusted", False),
        seconds=event["seconds"],
    )
