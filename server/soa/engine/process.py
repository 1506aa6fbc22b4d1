"""The engine's process: how the server starts it and sees to its end, and where it begins.

It has children of its own, so it is no daemon in the sense of `multiprocessing`; it ends when its pipe is closed.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from attrs import frozen

from soa.errors import SoaError
from soa.spawning import sheltered

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess
    from pathlib import Path

PATIENCE = 2.0
"""Seconds that the process has to end by itself."""


@frozen(eq=False)
class EngineProcess:
    """A process that has been started, and our end of its pipe. Its methods may block: call them in a thread."""

    pipe: Connection[Any, Any]
    _process: SpawnProcess

    @classmethod
    def start(cls, store: Path | None, *, editor: bool) -> EngineProcess:
        """Start the process; see `serve`.

        Raises
        ------
        SoaError
            The system does not let us.
        """
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=serve, args=(theirs, store, editor), name="soa-engine")
        try:
            with sheltered():
                process.start()
        except OSError as error:
            ours.close()
            raise SoaError(
                f"The engine's process cannot be started: {error.strerror}.", "Is the system out of memory?"
            ) from None
        finally:
            theirs.close()
        started = cls(ours, process)
        atexit.register(started.end)  # before `multiprocessing` waits for it, for ever
        return started

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid or 0

    def end(self) -> None:
        """Have it end everything and leave, by force if it does not obey; returns when it is gone."""
        self._process.terminate()
        self.bury()

    def kill(self) -> None:
        """End it by force."""
        self._process.kill()

    def bury(self) -> str:
        """Wait a little until it is gone, by force if need be; what is to be said of its end."""
        self._process.join(PATIENCE)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join(PATIENCE)
        atexit.unregister(self.end)
        return _in_words(self._process.exitcode)


def _in_words(code: int | None) -> str:
    if code is not None and code < 0:
        return f"it was killed by signal {-code} ({signal.strsignal(-code) or 'unknown'})"
    return f"it ended with status {code}"


def serve(pipe: Connection[Any, Any], store: Path | None, editor: bool) -> None:
    """Carry out orders until the pipe is closed: where the process begins.

    Parameters
    ----------
    pipe
        Brings `messages.ToEngine`, takes `messages.Batch`.
    store
        The store's file; None: the usual one.
    editor
        Whether the editor has a model of its own that can be asked.
    """
    _leave_standard_streams()
    _ignore_interrupts()
    from soa.engine.service import work

    work(pipe, store, editor=editor)


def _leave_standard_streams() -> None:
    """The server's input and output are its protocol: nothing here may read or write them."""
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)


def _ignore_interrupts() -> None:
    """Ctrl-C is the server's affair. A handler, unlike a mask, is not passed on to what is started from here."""
    signal.signal(signal.SIGINT, lambda number, frame: None)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
