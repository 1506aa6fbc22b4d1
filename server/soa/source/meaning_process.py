"""The process that jedi works in: it is told names and says where the project defines them."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from soa.source.files import is_project_file, read_text
from soa.source.structure import Structure, read_structure
from soa.source.views import cut_lines, module_view, view_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    import jedi

DEFINITION_LINES = 80

Position = tuple[int, int]
"""Line and column, both counted from 0."""


@frozen
class ProjectDefinition:
    """Where a project defines a name, and what an agent may see of it."""

    name: str
    path: str
    """Absolute."""
    line: int
    text: str


@frozen
class Question:
    """What the process is asked."""

    path: str
    text: str
    positions: tuple[Position, ...]
    roots: tuple[str, ...]
    """Folders to import from, beside the workspace."""


Answer = tuple[tuple[ProjectDefinition, ...], ...]
"""The definitions for each position in turn."""


def serve(pipe: Connection[Any, Any], root: Path, folders: tuple[Path, ...], seconds: int) -> None:
    """Answer questions until the pipe is closed, or one takes too long.

    Parameters
    ----------
    pipe
        Brings a `Question`, takes an `Answer`.
    root
        The workspace.
    folders
        Folders of installed packages.
    seconds
        How long one answer may take.
    """
    _be_silent()
    sys.path[:] = [p for p in sys.path if p and Path(p) != root]  # what is imported here is never the project's
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            question: Question = pipe.recv()
            _limit(seconds)
            pipe.send(_answer(question, root, folders))
            _limit(0)


def _be_silent() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


def _limit(seconds: int) -> None:
    """Let the process die by itself, should its parent be gone by then."""
    if sys.platform != "win32":
        signal.alarm(seconds)


def _answer(question: Question, root: Path, folders: tuple[Path, ...]) -> Answer:
    import jedi
    from jedi.api.environment import InterpreterEnvironment

    jedi.settings.auto_import_modules = []
    project = jedi.Project(root, added_sys_path=(root, *question.roots, *folders))
    script = jedi.Script(question.text, path=question.path, project=project, environment=InterpreterEnvironment())
    read = _Reader(script, root)
    return tuple(tuple(read.definitions(*position)) for position in question.positions)


class _Reader:
    """Turns jedi's names into definitions, reading each file once."""

    def __init__(self, script: jedi.Script, root: Path) -> None:
        self.script = script
        self.root = root
        self.structures: dict[Path, Structure] = {}

    def definitions(self, line: int, column: int) -> Iterator[ProjectDefinition]:
        try:
            found = self.script.goto(line + 1, column, follow_imports=True)
        except Exception:  # jedi raises whatever its inference met
            return
        for name in found:
            path, line = name.module_path, (name.line or 1) - 1
            if path is not None and is_project_file(self.root, path):
                text = cut_lines(self._text(path, name.type, name.name, line), DEFINITION_LINES)
                if text:
                    yield ProjectDefinition(name.name, str(path), line, text)

    def _text(self, path: Path, kind: str, name: str, line: int) -> str:
        if path not in self.structures:
            self.structures[path] = read_structure(read_text(path))
        there = self.structures[path]
        return module_view(there) if kind == "module" else view_at(there, name, line)
