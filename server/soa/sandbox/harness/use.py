"""What a run uses, all of its processes together: the kernel limits each by itself only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .ending import below

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_FILES = 10_000
FREE_SPACE = 1 << 30
"""How many bytes may vanish from a file system that others write to as well: files without a name are not seen."""


class Use:
    """Watches over what is used.

    Parameters
    ----------
    asked
        `memory` and `disk`: how many bytes of each may be used.
    folders
        Those that can be written to.
    own
        Whether nobody else writes to their file systems, and these are limited in size.
    """

    def __init__(self, asked: dict[str, Any], folders: list[str], own: bool) -> None:
        self._asked = asked
        self._folders = folders
        self._own = own
        self._shared = _memory(os.getpid())
        """What each process of the run has from us."""
        self._free = 0 if own else _free(folders)

    def exceeded(self) -> str:
        """Say what there is too much of; empty if all is well."""
        if sum(max(0, _memory(pid) - self._shared) for pid in below(os.getpid())) > self._asked["memory"]:
            return f"used more than {self._asked['memory'] >> 20} MB of memory"
        if self._own:
            return "made too many files" if any(_files(folder) > MOST_FILES for folder in self._folders) else ""
        return self._exceeded_on_disk()

    def _exceeded_on_disk(self) -> str:
        count = size = 0
        for status in (s for folder in self._folders for s in _statuses(folder)):
            count, size = count + 1, size + status.st_blocks * 512
            if count > MOST_FILES:
                return "made too many files"
            if size > self._asked["disk"]:
                return f"wrote more than {self._asked['disk'] >> 20} MB"
        return "wrote too much" if self._free - _free(self._folders) > FREE_SPACE else ""


def _memory(pid: int) -> int:
    """Bytes that a process has for itself or shares with others of the run; 0 if it is gone."""
    try:
        with open(f"/proc/{pid}/status") as file:
            lines = [line.split() for line in file if line.startswith(("RssAnon:", "RssShmem:"))]
    except OSError:
        return 0
    return sum(int(parts[1]) for parts in lines) << 10


def _files(folder: str) -> int:
    known = os.statvfs(folder)
    return known.f_files - known.f_ffree


def _free(folders: list[str]) -> int:
    known = os.statvfs(folders[0])
    return known.f_bavail * known.f_frsize


def _statuses(folder: str) -> Iterator[os.stat_result]:
    waiting = [folder]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            try:
                yield entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
