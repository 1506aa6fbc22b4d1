"""What was proposed before this session began: the store, opened at the first need and never waited for by the loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from soa.errors import SoaError
from soa.session.client import Message
from soa.session.views import Kept, Key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from soa.store import Store


class Memory:
    """The store as a session uses it: without it, nothing is remembered, and the session goes on.

    Parameters
    ----------
    open_store
        Called once, in a thread.
    tell
        Is told why there is no store.
    """

    def __init__(self, open_store: Callable[[], Store], tell: Callable[[Message], None]) -> None:
        self._open = open_store
        self._tell = tell
        self._opening: asyncio.Task[Store | None] | None = None
        self._rejecting: set[asyncio.Task[None]] = set()
        self._locked = False

    def lock(self) -> None:
        """Leave the store alone: from now on nothing is known of earlier sessions."""
        self._locked = True

    async def recall(self, root: Path, relative: str, digests: Collection[str]) -> dict[Key, Kept]:
        """The latest proposals for contracts of a file that were not rejected."""
        store = await self.opened()
        if store is None or not digests:
            return {}
        try:
            found = await store.latest(str(root), relative, digests)
        except SoaError as error:
            self._tell(Message("warning", str(error)))
            return {}
        return {Key(root, relative, p.contract.digest): Kept(p, at) for p, at in found}

    def reject(self, key: Key) -> None:
        """Let the proposals for a contract not come back; `close` waits until this is on disk."""
        task = asyncio.create_task(self._reject(key))
        self._rejecting.add(task)
        task.add_done_callback(self._rejecting.discard)

    async def _reject(self, key: Key) -> None:
        store = await self.opened()
        if store is not None:
            try:
                await store.reject(str(key.root), key.relative, key.digest)
            except SoaError as error:
                self._tell(Message("warning", str(error)))

    async def close(self) -> None:
        """Close the store."""
        if self._rejecting:
            await asyncio.wait(self._rejecting)
        if self._opening is not None and (store := await self.opened()) is not None:
            await asyncio.to_thread(store.close)

    async def opened(self) -> Store | None:
        """The store; None if it cannot be had, which the user is told of once."""
        if self._locked:
            return None
        if self._opening is None:
            self._opening = asyncio.create_task(self._try_open())
        return await asyncio.shield(self._opening)

    async def _try_open(self) -> Store | None:
        try:
            return await asyncio.to_thread(self._open)
        except SoaError as error:
            self._tell(Message("warning", f"Proposals are not remembered: {error}"))
            return None
