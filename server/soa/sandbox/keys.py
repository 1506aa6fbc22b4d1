"""What of a workspace no candidate may see: its history and its keys, wherever they lie."""

from __future__ import annotations

import os
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSED_OVER = frozenset({"node_modules", "site-packages", "__pycache__"})
"""Folders of others' code: many files, and no keys of the project's."""
MOST_FOLDERS = 10_000
"""How many folders are looked into, those near the top first; no project has so many, but a home may."""
LOOK_SECONDS = 1.0
LOOKING_SHARE = 0.05
"""The part of the time that may be spent with looking, in a workspace of very many folders."""


def is_secret(name: str) -> bool:
    """Whether a file or folder is a history or holds keys, by its name."""
    return name in (".git", ".env") or name.startswith(".env.")


def hidden(root: Path, home: Path) -> Iterator[Path]:
    """What is hidden of a workspace; of a home also all that it keeps hidden itself, and a home as a whole."""
    waiting = deque([root])
    for _ in range(MOST_FOLDERS):
        if not waiting:
            return
        folder = waiting.popleft()
        for entry in _entries(folder):
            path = folder / entry.name
            if _is_hidden(path, home):
                yield path
            elif entry.is_dir(follow_symlinks=False) and entry.name not in PASSED_OVER:
                waiting.append(path)


def _is_hidden(path: Path, home: Path) -> bool:
    return is_secret(path.name) or path == home or (path.parent == home and path.name.startswith("."))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(folder))
    except OSError:
        return []


class Keys:
    """Knows what is hidden of workspaces: what lies in the topmost folder as it is, all else as it was a moment ago."""

    def __init__(self) -> None:
        self._deep: dict[Path, tuple[float, frozenset[Path]]] = {}

    def of(self, root: Path, home: Path) -> tuple[Path, ...]:
        """What is hidden of a workspace, sorted."""
        until, deep = self._deep.get(root, (0.0, frozenset()))
        if time.monotonic() >= until:
            deep = self._look(root, home)
        top = {path for path in root.iterdir() if _is_hidden(path, home)}
        return tuple(sorted(top | {path for path in deep if path.parent != root and os.path.lexists(path)}))

    def _look(self, root: Path, home: Path) -> frozenset[Path]:
        began = time.monotonic()
        found = frozenset(hidden(root, home))
        taken = time.monotonic() - began
        self._deep[root] = (time.monotonic() + max(LOOK_SECONDS, taken / LOOKING_SHARE), found)
        return found
