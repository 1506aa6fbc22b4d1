"""The engines in use: one for each workspace and its settings, opened at the first run and shared by those after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from attrs import define, field

from soa.engine.opening import Opened, find_workspace
from soa.errors import SoaError
from soa.settings import Settings
from soa.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

Open = Callable[[Workspace, Settings], Awaitable[Opened]]
Key = tuple[Workspace, Settings]


@define(eq=False)
class _Place:
    """Where an engine stands, or will stand."""

    opened: Opened | None = None
    opening: asyncio.Lock = field(factory=asyncio.Lock)
    runs: int = 0
    outdated: bool = False
    """Nobody is to have it any more: the settings changed, or it did not work as it should."""

    async def close(self) -> None:
        """Close the engine, if there is one."""
        if self.opened is not None:
            await self.opened.engine.__aexit__(None, None, None)


class Engines:
    """Lends engines.

    An engine is closed as soon as no run needs it and the next run would get another one: because the settings of its
    workspace changed, because a run failed as a whole in it, or because it cannot verify anything, which may be mended
    by then.
    """

    def __init__(self, open_one: Open) -> None:
        self._open = open_one
        self._places: dict[Key, _Place] = {}

    @property
    def in_use(self) -> tuple[Opened, ...]:
        """Those in which runs are under way."""
        return tuple(p.opened for p in self._places.values() if p.opened is not None and p.runs)

    @asynccontextmanager
    async def lent(self, root: Path, settings: Settings) -> AsyncIterator[Opened]:
        """An engine for a workspace, for the time of one run.

        Raises
        ------
        SoaError
            It cannot be opened.
        """
        key = (find_workspace(root, settings), settings)
        place = self._places.setdefault(key, _Place())
        place.runs += 1
        try:
            await self._retire(root, place)
            opened = await self._opened(key, place)
            place.outdated |= bool(opened.warning)
            yield opened
        except SoaError:
            place.outdated = True
            raise
        finally:
            place.runs -= 1
            await self._sweep()

    async def close(self) -> None:
        """Close all engines; no run may be under way."""
        places, self._places = self._places, {}
        for place in places.values():
            await place.close()

    async def _retire(self, root: Path, newest: _Place) -> None:
        """A workspace's other engines are for settings that hold no more."""
        for (workspace, _), place in self._places.items():
            place.outdated |= workspace.root == root and place is not newest
        await self._sweep()

    async def _opened(self, key: Key, place: _Place) -> Opened:
        async with place.opening:
            if place.opened is None:
                place.opened = await self._open(*key)
            return place.opened

    async def _sweep(self) -> None:
        gone = {key: place for key, place in self._places.items() if place.outdated and not place.runs}
        for key in gone:
            del self._places[key]
        for place in gone.values():
            await place.close()
