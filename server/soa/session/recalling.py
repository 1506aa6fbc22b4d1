"""Proposals that were made before: brought from the store to the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soa.session.desk import Desk
    from soa.session.documents import OpenDocument
    from soa.session.memory import Memory
    from soa.session.runs import Runs
    from soa.session.selection import Selected
    from soa.session.views import Key


@frozen
class Recalling:
    """Lays on the desk what the store remembers."""

    memory: Memory
    desk: Desk
    runs: Runs

    async def for_document(self, document: OpenDocument) -> Sequence[Key]:
        """Bring back what was proposed for a document's contracts; those for which there was something."""
        keys = document.keys
        if not keys:
            return ()
        found = await self.memory.recall(document.root, document.relative, {k.digest for k in keys})
        return [key for key, kept in found.items() if self.desk.recall(key, kept)]

    async def for_wish(self, one: Selected) -> Sequence[Key]:
        """The same for what is wanted now: another window, or the terminal, may have made it."""
        unknown = {k.digest: k for k in one.stubs if self.desk.get(k) is None and self.runs.at(k) is None}
        if not unknown:
            return ()
        key = next(iter(unknown.values()))
        found = await self.memory.recall(key.root, key.relative, unknown)
        return [k for k, kept in found.items() if kept.proposal.writable and self.desk.recall(k, kept)]
