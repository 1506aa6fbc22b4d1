"""What names mean, as jedi finds it, in a process of its own that is kept warm."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soa.source.meaning_process import Answer, Position, Question, serve
from soa.spawning import sheltered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

STARTS = 2
"""How often the process is started before it is done without."""


class Meaning:
    """Asks jedi about names; without an answer it gives none, and never an error.

    Parameters
    ----------
    root
        The workspace: only definitions inside of it are told.
    python
        The project's interpreter. It is not run: only the folders are read that it imports from.
    seconds
        How long to wait for an answer; the first one has three times as long.

    The process is started by `warm` or the first question, and ends with `close`, with this process, or when it takes
    too long; then it is started once more.
    """

    def __init__(self, root: Path, python: Path, *, seconds: float = 5.0) -> None:
        self._root = root.absolute()
        self._folders = site_folders(python)
        self._seconds = seconds
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="meaning")
        self._lock = threading.Lock()
        self._closed = False
        self._started = 0
        self._answered = False
        self._process: SpawnProcess | None = None
        self._pipe: Connection[Any, Any] | None = None

    @property
    def pid(self) -> int | None:
        """The process, if it runs."""
        return self._process.pid if self._process and self._process.is_alive() else None

    async def warm(self) -> None:
        """Start the process and let it load what it needs; returns when it is ready or cannot be had."""
        await self.definitions(self._root / "warm.py", "import json\n", [(0, 7)])

    async def definitions(
        self, path: Path, text: str, names: Sequence[Position], *, roots: Sequence[Path] = ()
    ) -> Answer:
        """Where the project defines the names at some positions of a text, for each position in turn.

        Parameters
        ----------
        path
            Where the text stands, absolute; relative imports start from there. It is not read.
        text
            The text.
        names
            Positions inside of names.
        roots
            Folders to import from, beside the workspace.
        """
        nothing: Answer = ((),) * len(names)
        if self._closed or not names:
            return nothing
        question = Question(str(path), text, tuple(names), tuple(map(str, roots)))
        answer = await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, question)
        return answer if answer and len(answer) == len(names) else nothing

    def close(self) -> None:
        """End the process at once; questions under way or waiting get no answer."""
        with self._lock:
            self._closed = True
            self._end()
        self._thread.shutdown(wait=False)

    def _ask(self, question: Question) -> Answer | None:
        while (pipe := self._running()) is not None:
            with contextlib.suppress(OSError, EOFError, ValueError):
                pipe.send(question)
                if not pipe.poll(self._seconds * (1 if self._answered else 3)):
                    self._give_up()
                    return None
                answer: Answer = pipe.recv()
                self._answered = True
                return answer
            self._give_up()
        return None

    def _running(self) -> Connection[Any, Any] | None:
        with self._lock:
            if self._closed or (self._pipe is None and self._started >= STARTS):
                return None
            if self._pipe is None:
                self._start()
            return self._pipe

    def _start(self) -> None:
        self._started += 1
        self._answered = False
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        limit = int(self._seconds * 3) + 1
        process = spawn.Process(
            target=serve, args=(theirs, self._root, self._folders, limit), daemon=True, name="soa-meaning"
        )
        try:
            with sheltered():
                process.start()
        except OSError:
            ours.close()
        else:
            self._process, self._pipe = process, ours
        theirs.close()

    def _give_up(self) -> None:
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.join()
        self._process = self._pipe = None  # not closed: a thread may still read it


def site_folders(python: Path) -> tuple[Path, ...]:
    """The folders of installed packages of a virtual environment, and those its `.pth` files name."""
    prefix = python.parent.parent
    if not (prefix / "pyvenv.cfg").exists():
        return ()
    sites = [*prefix.glob("lib/python3*/site-packages"), *prefix.glob("Lib/site-packages")]
    return (*sites, *(Path(line) for site in sites for pth in site.glob("*.pth") for line in _folders(pth)))


def _folders(pth: Path) -> list[str]:
    try:
        lines = pth.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [line for line in lines if Path(line).is_absolute() and Path(line).is_dir()]
