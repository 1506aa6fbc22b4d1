"""The end of a run: every process of it is killed, and the folders it could write to are emptied."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def below(pid: int) -> Iterator[int]:
    """Yield all processes that a process started, and those that they did."""
    for child in _children(pid):
        yield child
        yield from below(child)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            found += map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
    return found


def _read(path: str) -> bytes:
    """Read a file with as few system calls as there can be: while we look, those that we look for go on."""
    said, number = [], os.open(path, os.O_RDONLY)
    try:
        while part := os.read(number, 1 << 16):
            said.append(part)
    finally:
        os.close(number)
    return b"".join(said)


def end_everything_of(user: int | None) -> None:
    """Kill all processes of a user but this one, in a process namespace of our own; None: this user's own."""
    if _none_left():
        return
    if user is None:
        _kill(-1)
    else:
        as_user(user, _kill_the_rest)
    _reap()


def end_everything_below() -> None:
    """Kill all that this process started, where others run besides.

    They are stopped first: then they take up the places that there are for processes, and no more can be started.
    """
    while not _none_left():
        stopped: set[int] = set()
        while True:
            found = set(below(os.getpid()))
            if found <= stopped:
                break
            for pid in found - stopped:
                _send(pid, signal.SIGSTOP)
            stopped |= found
        for pid in stopped:
            _kill(pid)
        _reap_those_of(stopped)


def _none_left() -> bool:
    """Reap those that have ended; tell whether there are no others."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _reap_those_of(killed: set[int]) -> None:
    """Wait for the children among those that were killed; theirs become ours and are waited for as well."""
    with contextlib.suppress(ChildProcessError):
        while killed.intersection(_children(os.getpid())):
            os.waitpid(-1, 0)


def _kill(pid: int) -> None:
    _send(pid, signal.SIGKILL)


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _kill_the_rest() -> None:
    _kill(-1)


def as_user(user: int, work: Callable[[], None]) -> bool:
    """Do something as another user, in a process of its own; tell whether it was done."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgid(user)
            os.setuid(user)
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


class Scratch:
    """The folders that a run may write to.

    What cannot be removed stays; whoever made it so is the reason that no other run comes here.

    Parameters
    ----------
    folders
        Their paths. What is in them now stays; what is mounted below them is left alone.
    user
        Who writes to them; None: we ourselves.
    """

    def __init__(self, folders: list[str], user: int | None) -> None:
        self._folders = folders
        self._user = user
        self._kept: set[str] = set()
        while found := set(self._new()):
            self._kept |= found
        self._rights = self._modes()

    def empty(self) -> bool:
        """Remove all that has come; tell whether nothing of it is left, and all is open as it was."""
        if self._modes() != self._rights:
            return False
        if not self._new():
            return True
        if self._user is None:
            self._remove()
        else:
            as_user(self._user, self._remove)
        return not self._new()

    def _modes(self) -> list[int]:
        """What may be done with all that stays; what has been taken away has none."""
        return [os.lstat(p).st_mode if os.path.lexists(p) else 0 for p in [*self._folders, *sorted(self._kept)]]

    def _new(self) -> list[str]:
        return [path for folder in self._folders for path in self._below(folder, os.stat(folder).st_dev)]

    def _below(self, folder: str, device: int) -> Iterator[str]:
        """Yield what is new in a folder; what is kept is looked into, unless it is mounted."""
        for entry in _entries(folder):
            if entry.path not in self._kept:
                yield entry.path
            elif entry.is_dir(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_dev == device:
                yield from self._below(entry.path, device)

    def _remove(self) -> None:
        for path in self._new():
            remove(path)


def remove(path: str) -> None:
    """Remove a file, or a folder with all that is in it, as far as that can be done."""
    with contextlib.suppress(OSError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            _remove_folder(path)
        else:
            os.unlink(path)


def _remove_folder(folder: str) -> None:
    """Bring up what lies deep, step by step: paths to it might be too long, and so might be the way down."""
    _open_up(folder)
    while entries := os.listdir(folder):
        for name in entries:
            _dissolve(os.path.join(folder, name), folder)
    os.rmdir(folder)


def _dissolve(path: str, folder: str) -> None:
    """Remove a file, or a folder, whose own folders get new names in another one."""
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        os.unlink(path)
        return
    _open_up(path)
    for entry in list(os.scandir(path)):
        if entry.is_dir(follow_symlinks=False):
            _open_up(entry.path)
            os.rename(entry.path, os.path.join(folder, os.urandom(16).hex()))
        else:
            os.unlink(entry.path)
    os.rmdir(path)


def _open_up(folder: str) -> None:
    """Let us into a folder that was closed; who is held by Landlock alone cannot do that."""
    if stat.S_IMODE(os.lstat(folder).st_mode) & stat.S_IRWXU != stat.S_IRWXU:
        os.chmod(folder, stat.S_IRWXU)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(folder))
    except OSError:
        return []
