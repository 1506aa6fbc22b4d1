"""What is common to the processes that we start from our own code."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SAFE_PATH = "PYTHONSAFEPATH"
"""Set to anything, it keeps the current folder out of `sys.path` from the first import on."""


@contextlib.contextmanager
def sheltered() -> Iterator[None]:
    """A process started within never sees Ctrl-C, and runs no module that lies in the current folder.

    An editor starts us in its user's project: a `re.py` there would be imported before anything of ours, outside of
    the sandbox.
    """
    _leave_lost_folder()
    with _current_folder_left_out(), _interrupts_blocked():
        yield


def _leave_lost_folder() -> None:
    """What is started needs a current folder; ours may have been removed, with the project."""
    try:
        Path.cwd()
    except FileNotFoundError:
        os.chdir(os.sep)


@contextlib.contextmanager
def _current_folder_left_out() -> Iterator[None]:
    before = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[SAFE_PATH]
        else:
            os.environ[SAFE_PATH] = before


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """What is started within inherits the mask of this thread, from its first instruction."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # it unblocks SIGINT when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
