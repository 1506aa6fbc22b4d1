"""Fork servers that are kept: one for each run at a time, those that were used last for those to come."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from soa.sandbox.forkserver import ForkServer

SLOTS = os.cpu_count() or 1
"""How many runs go on at once."""
KEPT = 2 * SLOTS + 2
"""How many fork servers there are at most, those at work included."""
IDLE_SECONDS = 300.0

Start = Callable[[], Awaitable["ForkServer"]]


@frozen(eq=False)
class _Idle:
    key: Hashable
    server: ForkServer
    since: float


class Pool:
    """Lends fork servers by key; what a key stands for is the same for all runs that may share one.

    A server belongs to no event loop: the loop may be another one at each run.

    Parameters
    ----------
    kept
        How many servers there are at most, those at work included.
    idle_seconds
        How long one waits for work before it is stopped.
    """

    def __init__(self, kept: int = KEPT, idle_seconds: float = IDLE_SECONDS) -> None:
        self._kept = kept
        self._idle_seconds = idle_seconds
        self._turns = asyncio.Semaphore(SLOTS)
        self._idle: list[_Idle] = []
        """Those used last come last."""
        self._at_work = 0
        self._looking: asyncio.AbstractEventLoop | None = None
        """The loop that will look for those that have waited too long."""
        self._leaving: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> tuple[ForkServer, ...]:
        """Those that wait for work, the one used last at the end."""
        return tuple(one.server for one in self._idle)

    @asynccontextmanager
    async def borrow(self, key: Hashable, start: Start) -> AsyncIterator[ForkServer]:
        """Have a server for one run; it is started if none of the key is there.

        Raises
        ------
        SandboxError
            None can be started.
        """
        async with self._turns:
            self._at_work += 1
            try:
                server = self._take(key) or await start()
                try:
                    yield server
                finally:
                    self._give_back(key, server)
            finally:
                self._at_work -= 1

    def _take(self, key: Hashable) -> ForkServer | None:
        now = asyncio.get_running_loop().time()
        for one in [one for one in self._idle if not one.server.serves(now)]:
            self._let_go(one)
        for one in reversed(self._idle):
            if one.key == key:
                self._idle.remove(one)
                return one.server
        for one in self._idle[: max(0, len(self._idle) + self._at_work - self._kept)]:
            self._let_go(one)
        return None

    def _give_back(self, key: Hashable, server: ForkServer) -> None:
        loop = asyncio.get_running_loop()
        if not server.usable:
            self._dismiss(server)
            return
        self._idle.append(_Idle(key, server, loop.time()))
        if self._looking is not loop:
            self._look_later(loop)

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        self._looking = loop
        loop.call_at(self._idle[0].since + self._idle_seconds, self._let_old_ones_go, loop)

    def _let_old_ones_go(self, loop: asyncio.AbstractEventLoop) -> None:
        self._looking = None
        for one in [one for one in self._idle if loop.time() - one.since >= self._idle_seconds]:
            self._let_go(one)
        if self._idle:
            self._look_later(loop)

    def _let_go(self, one: _Idle) -> None:
        self._idle.remove(one)
        self._dismiss(one.server)

    def _dismiss(self, server: ForkServer) -> None:
        task = asyncio.get_running_loop().create_task(server.stop())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def close(self) -> None:
        """Stop all servers that have nothing to do, and wait until they are gone."""
        while self._idle:
            self._dismiss(self._idle.pop().server)
        if self._leaving:
            await asyncio.wait(self._leaving)
