"""Putting the engine together for one command."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from attrs import frozen

from soa.engine.runs import Engine
from soa.model.discovery import discover, open_model
from soa.model.recorded import Recorder
from soa.sandbox.choose import choose
from soa.sandbox.off import NoSandbox
from soa.workspace import Workspace, find_python

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from soa.cli.screen import Screen
    from soa.model import Model, Query, Reply
    from soa.sandbox import Sandbox
    from soa.settings import Settings
    from soa.store import Store


async def find_model(settings: Settings, record: Path | None) -> Model:
    """Find the model to ask; its replies are kept in a file if one is named.

    Raises
    ------
    NoModel
        There is none.
    """
    model = open_model(await discover(settings, os.environ), settings)
    await model.warm()
    return Recorder(model, record) if record else model


class LateModel:
    """Finds the model when it is first asked: a run that is resumed may have all its replies already."""

    def __init__(self, settings: Settings, record: Path | None) -> None:
        self.name = settings.model
        self._settings = settings
        self._record = record
        self._model: Model | None = None
        self._finding = asyncio.Lock()

    async def answer(self, query: Query) -> Reply:
        """Answer one query, as the model that is found does."""
        async with self._finding:
            if self._model is None:
                self._model = await find_model(self._settings, self._record)
                self.name = self._model.name
        return await self._model.answer(query)

    async def close(self) -> None:
        """Release its connections, if there are any."""
        if self._model is not None:
            await self._model.close()


@frozen
class Plan:
    """The parts of an engine."""

    workspace: Workspace
    settings: Settings
    model: Model
    store: Store


@asynccontextmanager
async def open_engine(plan: Plan, screen: Screen) -> AsyncIterator[Engine]:
    """An engine, closed at the end; says so if nothing can be verified."""
    sandbox = await open_sandbox(plan.settings, plan.workspace)
    if isinstance(sandbox, NoSandbox) and plan.settings.sandbox != "off":
        screen.note(f"warning: nothing can be verified: {sandbox.reason} {sandbox.advice}".rstrip())
    async with Engine(plan.workspace, plan.settings, plan.model, sandbox, plan.store) as engine:
        yield engine


def find_workspace(root: Path, settings: Settings) -> Workspace:
    """The workspace with its interpreter."""
    return Workspace(root, find_python(root, settings.python))


async def open_sandbox(settings: Settings, workspace: Workspace) -> Sandbox:
    """The sandbox that is set, for the workspace's interpreter.

    Raises
    ------
    SandboxError
        One was named, and it does not work here.
    """
    return await choose(settings.sandbox, workspace.python)
