"""What stands in folders: each is read again only after it has changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_Entries = frozenset[str]
_NOTHING: Final[_Entries] = frozenset()


class Folders:
    """Names of entries of folders, as they were when they were last renewed and asked for."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, _Entries]] = {}
        self._fresh: dict[str, _Entries] = {}

    def renew(self) -> None:
        """From now on look again whether a folder has changed, once for each."""
        self._fresh = {}

    def names(self, folder: str) -> frozenset[str]:
        """The names of a folder's entries, whole and up to their first dot; none if it is no folder."""
        if folder not in self._fresh:
            self._fresh[folder] = self._look(folder)
        return self._fresh[folder]

    def _look(self, folder: str) -> _Entries:
        try:
            changed = Path(folder).stat().st_mtime_ns
            kept = self._kept.get(folder)
            if kept is None or kept[0] != changed:
                kept = self._kept[folder] = (changed, _both([entry.name for entry in os.scandir(folder)]))
        except OSError:
            self._kept.pop(folder, None)
            return _NOTHING
        return kept[1]


def _both(entries: list[str]) -> _Entries:
    return frozenset(entries).union(entry.partition(".")[0] for entry in entries)
