"""A child: writes one function, has it gated and tested, and repairs it with what failed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from attrs import evolve

from soa.agents.briefs import ACCEPTED, Brief, Refused, shown
from soa.agents.ending import Ending
from soa.agents.fences import plain_text
from soa.agents.gate import leftover_stubs
from soa.agents.harvest import harvest
from soa.agents.judge import gate, judge
from soa.agents.replies import Refusal, read_reply
from soa.agents.report import report
from soa.agents.tester import collect_tests, generate_tests
from soa.contracts import Candidate, Status

if TYPE_CHECKING:
    from soa.agents.colony import Colony, Member
    from soa.contracts import Step
    from soa.evidence import Evidence, Outcome, Test, TestResult

INDEPENDENT = 2
"""The attempt (from 0) that starts afresh if only tests that may be wrong speak against the candidates so far."""


class Child:
    """One agent on one entry. Keeps its tests and its last candidate between modifications."""

    def __init__(self, colony: Colony, member: Member) -> None:
        self._colony = colony
        self._member = member
        self._tests: tuple[Test, ...] = ()
        self._candidate: Candidate | None = None
        self._tried: list[Evidence] = []

    async def implement(self) -> Ending:
        """Write, verify, and repair up to the limit of attempts."""
        async with asyncio.TaskGroup() as group:
            tests = group.create_task(collect_tests(self._colony, self._member))
            first = group.create_task(self._draft("write"))
        self._tests = tests.result()
        return await self._refine(first.result(), self._colony.settings.attempts - 1)

    async def modify(self, observation: str, extra: tuple[Test, ...] = ()) -> Ending:
        """Change the last candidate after what a mother or the whole project's tests have shown."""
        self._tests = tuple(dict.fromkeys((*self._tests, *extra)))
        self._tried.clear()
        draft = await self._draft("repair", observation)
        return await self._refine(draft, max(1, self._colony.settings.attempts // 2), observation)

    async def _refine(self, draft: Candidate | Refused, attempts_left: int, feedback: str = "") -> Ending:
        """Judge drafts and ask for better ones; `feedback` is what the first draft was an answer to."""
        ending = Ending(Status.FAILED, refused=True)
        for attempt in range(1, attempts_left + 2):
            if isinstance(draft, Candidate):
                evidence = await self._judge(draft)
                ending = Ending.of(evidence)
                if ending.good:
                    return ending
                feedback, refused = report(evidence), ACCEPTED
            else:
                ending = evolve(ending, reason=f"no usable reply: {draft.reason}" if ending.refused else ending.reason)
                feedback, refused = (feedback, draft) if draft.reply else (draft.reason, ACCEPTED)
            if attempt <= attempts_left:
                draft = await self._draft(self._next_step(attempt, feedback), feedback, refused)
        return ending

    def _next_step(self, attempt: int, feedback: str) -> Step:
        disputed = attempt == INDEPENDENT and self._tried and not any(_disobeyed(e) for e in self._tried)
        return "write" if disputed or self._candidate is None or not feedback else "repair"

    async def _draft(self, step: Step, feedback: str = "", refused: Refused = ACCEPTED) -> Candidate | Refused:
        """Ask once. A candidate that passed the gate, or why there is none; one that only the gate refused is kept."""
        entry, colony = self._member.entry, self._colony
        context = await colony.surroundings.context(entry)
        code = shown(self._candidate, entry.contract) if self._candidate else ""
        brief = Brief.about(entry, "child", step, refused, context=context, code=code, feedback=feedback)
        reply = await colony.ask(self._member, brief)
        answer = read_reply(reply.text, entry.contract, cut=reply.cut)
        if isinstance(answer, Refusal):
            return self._refuse(answer.reason, reply.text)
        view = await colony.surroundings.view(entry)
        candidate = harvest(answer, entry.contract, view.known).candidate
        leftover = leftover_stubs(candidate)
        if leftover:
            return self._refuse(f"The helper `{leftover[0]}` has no body: write it out.", reply.text)
        reasons = await gate(colony, entry, candidate)
        if reasons:
            self._candidate = candidate
            return self._refuse("\n".join(reasons))
        return candidate

    def _refuse(self, reason: str, reply: str = "") -> Refused:
        self._colony.tell(self._member, self._colony.event("refused", reason))
        return Refused(reason, plain_text(reply))

    async def _judge(self, candidate: Candidate) -> Evidence:
        self._candidate = candidate
        evidence = await judge(self._colony, self._member, candidate, self._tests)
        if self._lacks_tests(evidence):
            self._tests += await generate_tests(self._colony, self._member)
            evidence = await judge(self._colony, self._member, candidate, self._tests)
        self._tried.append(evidence)
        return self._without_suspects(evidence)

    def _lacks_tests(self, evidence: Evidence) -> bool:
        """Whether none of the tests at hand says anything, and a tester has not been asked.

        Where an example met an empty stub, a tester's tests would meet it too.
        """
        asked = any(t.origin == "generated" for t in self._tests) or not self._tests
        wanted = self._colony.settings.generate_tests == "missing" and not asked
        blocked = any(r.blocked_by and r.test.origin == "doctest" for r in evidence.results)
        silent = not (evidence.judged or evidence.flaky or evidence.refused or blocked)
        return wanted and evidence.acceptable and silent

    def _without_suspects(self, evidence: Evidence) -> Evidence:
        """Set aside tests that every candidate failed in the same way, once one was written independently.

        Generated tests, and examples with which the project's own tests do not agree. Only candidates that pass
        something else can raise a suspicion: one that fails everything is simply wrong.
        """
        if len(self._tried) <= INDEPENDENT or any(_disobeyed(e) or not _credible(e) for e in self._tried):
            return evidence
        always = set.intersection(*({_kind_of_failure(r) for r in e.failures} for e in self._tried))
        results = tuple(evolve(r, suspected=r.suspected or _kind_of_failure(r) in always) for r in evidence.results)
        return evolve(evidence, results=results)


def _disobeyed(evidence: Evidence) -> bool:
    """Whether something spoke against a candidate that must be obeyed."""
    origins = {r.test.origin for r in evidence.failures}
    supported = any(r.test.origin == "project" for r in evidence.judged)
    return bool(evidence.unresolved or evidence.broken or "project" in origins) or (
        "doctest" in origins and not supported
    )


def _kind_of_failure(result: TestResult) -> tuple[Test, Outcome, str]:
    """What must be the same in all candidates for a test to be suspected; of an example, also what came instead."""
    return result.test, result.outcome, result.actual if result.test.origin == "doctest" else ""


def _credible(evidence: Evidence) -> bool:
    return len(evidence.judged) > len(evidence.failures)
