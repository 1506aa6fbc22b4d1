"""How an agent's work ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from soa.agents.report import summary, why_unverified
from soa.contracts import Status
from soa.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence


@frozen
class Ending:
    """How an agent's work on an entry ended."""

    status: Status
    reason: str = ""
    evidence: Evidence = Evidence()
    refused: bool = False
    """No reply could be used at all, so that the other kind of agent may be tried."""

    @property
    def good(self) -> bool:
        """Whether the entry now has a candidate that can be used."""
        return self.status in (Status.VERIFIED, Status.UNVERIFIED)

    @classmethod
    def of(cls, evidence: Evidence, missing: Sequence[str] = ()) -> Ending:
        """The ending that follows from what the tests have shown; `missing`: helpers that were stopped without code."""
        if missing and evidence.acceptable:
            return cls(Status.UNVERIFIED, f"its helper {missing[0]} was stopped and has no body yet", evidence)
        if evidence.verified:
            suspects = [r.test.name for r in evidence.results if r.suspected]
            return cls(
                Status.VERIFIED, f"suspected and not obeyed: {', '.join(suspects)}" if suspects else "", evidence
            )
        if evidence.acceptable:
            return cls(Status.UNVERIFIED, why_unverified(evidence), evidence)
        return cls(Status.FAILED, summary(evidence), evidence)
