"""Putting the engine together for one command."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from attrs import frozen

from soa.engine import opening
from soa.model.recorded import Recorder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from soa.cli.screen import Screen
    from soa.engine.runs import Engine
    from soa.model import Model, Query, Reply
    from soa.settings import Settings
    from soa.store import Store


@frozen
class Models:
    """Finds the model for a command.

    Parameters
    ----------
    record
        A file that its replies are kept in.
    late
        Look for it when it is first asked: a run that is resumed may have all its replies already.
    """

    record: Path | None
    late: bool

    async def find(self, root: Path, settings: Settings) -> Model:
        """The model; see `opening.find_model`."""
        return LateModel(root, settings, self.record) if self.late else await find_model(root, settings, self.record)


async def find_model(root: Path, settings: Settings, record: Path | None) -> Model:
    """Find the model to ask; its replies are kept in a file if one is named.

    Raises
    ------
    NoModel
        There is none.
    """
    model = await opening.find_model(root, settings)
    return Recorder(model, record) if record else model


class LateModel:
    """Finds the model when it is first asked."""

    def __init__(self, root: Path, settings: Settings, record: Path | None) -> None:
        self.name = settings.model
        self._root = root
        self._settings = settings
        self._record = record
        self._model: Model | None = None
        self._finding = asyncio.Lock()

    async def answer(self, query: Query) -> Reply:
        """Answer one query, as the model that is found does."""
        async with self._finding:
            if self._model is None:
                self._model = await find_model(self._root, self._settings, self._record)
                self.name = self._model.name
        return await self._model.answer(query)

    async def close(self) -> None:
        """Release its connections, if there are any."""
        if self._model is not None:
            await self._model.close()


@frozen
class Plan:
    """The parts of an engine."""

    root: Path
    settings: Settings
    models: Models
    store: Store


@asynccontextmanager
async def open_engine(plan: Plan, screen: Screen) -> AsyncIterator[Engine]:
    """An engine, closed at the end; says so if nothing can be verified."""
    workspace = opening.find_workspace(plan.root, plan.settings)
    opened = await opening.open_engine(workspace, plan.settings, plan.store, plan.models.find)
    if opened.warning:
        screen.note(f"warning: {opened.warning}")
    async with opened.engine as engine:
        yield engine
