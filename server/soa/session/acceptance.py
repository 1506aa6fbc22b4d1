"""Proposals as edits of the text that they go into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from soa.source import joining
from soa.wording import with_flaky, with_where

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from soa.contracts import Candidate, Proposal, Stub
    from soa.session.views import DocumentView, Key, StubView
    from soa.source.splice import Splice


@frozen
class Item:
    """A proposal that is to go into a text."""

    key: Key
    stub: Stub
    candidate: Candidate
    evidence: str = ""
    """In a few words."""


@frozen
class Joined:
    """Proposals put into a text."""

    splice: Splice
    items: tuple[Item, ...]
    left_out: tuple[str, ...] = ()
    """Those that cannot stand beside the others: name and reason."""

    @property
    def evidence(self) -> str:
        """What is known of the proposals, in a few words."""
        if len(self.items) == 1:
            return self.items[0].evidence
        return ", ".join(f"{item.stub.contract.qualname}: {item.evidence}" for item in self.items)


def acceptable(views: Sequence[StubView]) -> tuple[Item, ...]:
    """What of these stubs can go in."""
    return tuple(
        Item(view.key, view.stub, kept.proposal.candidate, _evidence(kept.proposal))
        for view in views
        if (kept := view.kept) is not None and view.state == "ready" and kept.proposal.candidate is not None
    )


def sound(view: DocumentView, stubs: Sequence[StubView]) -> tuple[StubView, ...]:
    """Of these, the verified ones whose tests called no other stub but such as go in with them."""
    found = [s for s in stubs if s.state == "ready" and s.status == "verified"]
    while True:
        names = {stub.name for stub in found}
        kept = [stub for stub in found if all(other.name in names for other in view.rests_on(stub))]
        if kept == found:
            return tuple(found)
        found = kept


def rejectable(views: Sequence[StubView], names: Collection[str]) -> tuple[Key, ...]:
    """The contracts whose proposals can be dropped: of all these stubs, or of those that are named."""
    wanted = [view for view in views if view.state != "running" and (not names or view.name in names)]
    return tuple(dict.fromkeys(key for view in wanted if (key := view.kept_key) is not None))


def _evidence(proposal: Proposal) -> str:
    judged = len(proposal.evidence.judged)
    passed = judged - len(proposal.evidence.failures)
    said = with_flaky(f"{passed}/{judged} tests passed" if judged else "not verified", len(proposal.evidence.flaky))
    return with_where("a skeleton" if proposal.skeleton else said, proposal.evidence.sandbox)


def why_not(view: StubView) -> str:
    """Why a stub's proposal cannot be accepted."""
    reason = view.kept.proposal.reason if view.kept else ""
    return {
        "empty": f"There is no proposal for {view.name} yet: implement it first.",
        "running": f"{view.name} is still being written.",
        "ready": f"The proposal for {view.name} is not verified.",
        "failed": f"{view.name} could not be implemented: {reason}",
        "stale": f"The contract of {view.name} has changed since the proposal was made: implement it again.",
    }[view.state]


def join(text: str, items: Sequence[Item]) -> Joined:
    """Put proposals into a text: all at once, or where they do not go together, as many as do, in order.

    Raises
    ------
    SpliceError
        None of them can stand in it.
    """
    joined = joining.join(text, [(item.stub, item.candidate) for item in items])
    if joined.splice is None:
        raise joined.refused[0][1]
    left_out = tuple(f"{items[index].stub.contract.qualname}: {error}" for index, error in joined.refused)
    return Joined(joined.splice, tuple(items[index] for index in joined.taken), left_out)
