"""By what a change of an interpreter's environment, or of files that were loaded from it, is told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from soa.sandbox.belonging import Belonging

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from pathlib import Path

    from soa.sandbox.interpreter import Interpreter

_Stamp = tuple[int, int] | None

LOCKED = frozenset(
    {"uv.lock", "poetry.lock", "pdm.lock", "pixi.lock", "Pipfile.lock", "environment.yml", "environment.yaml"}
)
LOCKED_PATTERNS = (("requirements", ".txt"), ("pylock", ".toml"), ("conda-lock", ".yml"))
"""How the names of other lock files begin and end."""
RECORDS = ("pyvenv.cfg", "conda-meta/history")
"""Files of an environment that are written when it is made or changed as a whole."""
LOOK_SECONDS = 1.0


def environment_stamp(interpreter: Interpreter, root: Path) -> Hashable:
    """What stays equal until a package is installed, removed or replaced, or a lock file of the project changes.

    The project's own folders do not count, though they may be installed in editable mode; nor do edits inside of an
    installed package: for these there is `Watched`. What `pyproject.toml` asks for counts once it is locked or
    installed.
    """
    belonging = Belonging.of(interpreter, root)
    folders = (p for p in interpreter.path if not belonging.owns(p))
    records = (prefix / name for prefix in dict.fromkeys(interpreter.prefixes) for name in RECORDS)
    files = (*map(str, (interpreter.executable, *folders, *records)), *_lock_files(root))
    return tuple((file, _stamp(file)) for file in files)


def _lock_files(root: Path) -> list[str]:
    try:
        return sorted(entry.path for entry in os.scandir(root) if _is_locked(entry.name))
    except OSError:
        return []


def _is_locked(name: str) -> bool:
    return name in LOCKED or any(name.startswith(first) and name.endswith(last) for first, last in LOCKED_PATTERNS)


def _stamp(path: str) -> _Stamp:
    try:
        status = os.stat(path)  # noqa: PTH116 (there are thousands of them)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


class Watched:
    """Files that modules were loaded from; says when any is no longer what it was.

    Parameters
    ----------
    files
        Their paths.
    """

    def __init__(self, files: Iterable[str]) -> None:
        self._stamps = {file: _stamp(file) for file in files}
        self._looked: float | None = None
        self._changed = False

    def changed(self, now: float) -> bool:
        """Whether a file was changed or removed; it is looked at once a second at most, by the caller's clock."""
        if not self._changed and (self._looked is None or now - self._looked >= LOOK_SECONDS):
            self._looked = now
            self._changed = any(_stamp(file) != stamp for file, stamp in self._stamps.items())
        return self._changed
