"""Proposals at hand: what was made for the contracts of this session, and what came back from the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from pathlib import Path

    from soa.session.views import Kept, Key

Place = tuple["Path", str, str]
"""Workspace, file and qualified name."""


@define(eq=False)
class Desk:
    """Proposals by contract; where a contract has changed, the one that was made for the former contract is stale."""

    _kept: dict[Key, Kept] = field(factory=dict)
    _latest: dict[Place, Key] = field(factory=dict)
    _rejected: set[Key] = field(factory=set)
    _inserted: set[Key] = field(factory=set)

    def keep(self, key: Key, kept: Kept) -> None:
        """Lay a proposal on the desk, in the place of an older one for the same contract."""
        self._rejected.discard(key)
        self._inserted.discard(key)
        self._put(key, kept)

    def replace(self, key: Key, before: Kept, kept: Kept) -> bool:
        """Replace a proposal by what its run says of it in the end, if it still lies there; whether it did."""
        if self._kept.get(key) is not before:
            return False
        self._put(key, kept)
        return True

    def recall(self, key: Key, kept: Kept) -> bool:
        """Take a proposal from the store, unless there is one or it was rejected; whether it was taken."""
        if key in self._kept or key in self._rejected:
            return False
        self.keep(key, kept)
        return True

    def get(self, key: Key) -> Kept | None:
        """The proposal for a contract."""
        return self._kept.get(key)

    def former(self, key: Key, qualname: str) -> Kept | None:
        """The proposal that was made for what stood under this name before, if the contract is another now."""
        latest = self._latest.get((key.root, key.relative, qualname))
        return self._kept.get(latest) if latest is not None and latest != key else None

    def latest(self, place: Place) -> Kept | None:
        """The proposal that was made last for what stands under a name, also if it is no stub any more."""
        key = self._latest.get(place)
        return self._kept.get(key) if key is not None else None

    def reject(self, key: Key) -> None:
        """Take a proposal off the desk for good."""
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._let_go(key, kept)
        self._rejected.add(key)

    def note_inserted(self, key: Key) -> None:
        """A proposal went into its file; it stays at hand for an undo, but is never inserted by itself again."""
        kept = self._kept.get(key)
        if kept is not None:
            self._let_go(key, kept)
        self._inserted.add(key)

    def was_inserted(self, key: Key) -> bool:
        """Whether it went into its file before."""
        return key in self._inserted

    def _put(self, key: Key, kept: Kept) -> None:
        self._kept[key] = kept
        if kept.proposal.candidate is not None:
            self._latest[_place(key, kept)] = key

    def _let_go(self, key: Key, kept: Kept) -> None:
        if self._latest.get(_place(key, kept)) == key:
            del self._latest[_place(key, kept)]


def _place(key: Key, kept: Kept) -> Place:
    return key.root, key.relative, kept.proposal.contract.qualname
