"""From settings to an engine that is ready to run: the one way, for the terminal and for editors.

`soa.model` names a model as its endpoint knows it, with two exceptions: `recorded:FILE` replays the replies in a file,
relative to the workspace, and `editor` or `editor:NAME` has the editor's own language model answer.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from soa.engine.runs import Engine
from soa.errors import NoModel
from soa.model.discovery import ADVICE, discover, open_model
from soa.model.editor import EditorModel
from soa.model.recorded import RecordedModel, load_records
from soa.sandbox.choose import choose
from soa.sandbox.off import NoSandbox
from soa.workspace import Workspace, find_python

if TYPE_CHECKING:
    from soa.model import Model
    from soa.model.editor import Ask
    from soa.sandbox import Sandbox
    from soa.settings import Settings
    from soa.store import Store

RECORDED = "recorded:"
EDITOR = "editor"

FindModel = Callable[[Path, "Settings"], Awaitable["Model"]]
"""Finds the model for a workspace's root folder and its settings."""


@frozen
class Opened:
    """An engine, and what is to be said about it."""

    engine: Engine
    warning: str = ""
    """Why nothing can be verified; empty if all is well or the user wants it so."""


async def open_engine(workspace: Workspace, settings: Settings, store: Store, find: FindModel) -> Opened:
    """An engine for a workspace; its model and its sandbox are looked for at the same time.

    Raises
    ------
    SoaError
        There is no model, or the sandbox that was named does not work here.
    """
    choosing = asyncio.create_task(open_sandbox(settings, workspace))
    try:
        model = await find(workspace.root, settings)
    except BaseException:
        choosing.cancel()
        await asyncio.wait([choosing])
        if not choosing.cancelled() and choosing.exception() is None:
            await choosing.result().close()
        raise
    try:
        sandbox = await choosing
    except BaseException:
        await model.close()
        raise
    return Opened(Engine(workspace, settings, model, sandbox, store), unverified(sandbox, settings))


def find_workspace(root: Path, settings: Settings) -> Workspace:
    """The workspace with its interpreter as it is now.

    Raises
    ------
    ConfigurationError
        The interpreter that is set does not exist.
    """
    return Workspace(root, find_python(root, settings.python))


async def open_sandbox(settings: Settings, workspace: Workspace) -> Sandbox:
    """The sandbox that is set, for the workspace's interpreter.

    Raises
    ------
    SandboxError
        One was named, and it does not work here.
    """
    return await choose(settings.sandbox, workspace.python)


def unverified(sandbox: Sandbox, settings: Settings) -> str:
    """Why nothing can be verified, in words; empty if it can be, or if the user switched the sandbox off."""
    if not isinstance(sandbox, NoSandbox) or settings.sandbox == "off":
        return ""
    return f"nothing can be verified: {sandbox.reason} {sandbox.advice}".rstrip()


async def find_model(root: Path, settings: Settings, *, ask: Ask | None = None) -> Model:
    """The model that is set or found, ready to answer.

    Parameters
    ----------
    root
        The workspace: files of recorded replies are relative to it.
    settings
        What is set.
    ask
        Puts a question to the editor's model; None where there is no editor.

    Raises
    ------
    NoModel
        There is none.
    FileProblem
        The recorded replies cannot be read.
    SoaError
        The endpoint was asked for its models, and that did not help.
    """
    if settings.model.startswith(RECORDED):
        return await asyncio.to_thread(_recorded, root, settings.model.removeprefix(RECORDED))
    if settings.model.partition(":")[0] == EDITOR:
        return _editors(settings, ask)
    model = open_model(await discover(settings, os.environ), settings)
    await model.warm()
    return model


def model_finder(ask: Ask | None) -> FindModel:
    """Finds models where an editor may answer."""
    return partial(find_model, ask=ask)


def _recorded(root: Path, name: str) -> RecordedModel:
    return RecordedModel(load_records(root / Path(name).expanduser()))


def _editors(settings: Settings, ask: Ask | None) -> EditorModel:
    if ask is None:
        raise NoModel(f"The model {settings.model!r} is an editor's own, and there is no editor here.", ADVICE)
    return EditorModel.of(settings, ask)


def is_special(name: str) -> bool:
    """Whether a model's name stands for recorded replies or for the editor's own model."""
    return name.startswith(RECORDED) or name.partition(":")[0] == EDITOR
