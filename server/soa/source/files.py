"""The Python files of a project: which they are, and their text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from soa.errors import FileProblem
from soa.source.disk import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

SKIPPED = frozenset({"venv", "node_modules", "build", "dist", "__pycache__", "site-packages"})
"""Folders that hold no source of the project, beside hidden ones and virtual environments."""


def python_files(folder: Path) -> Iterator[os.DirEntry[str]]:
    """The Python files below a folder, sorted, a folder's own before its subfolders'; links are not followed."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda e: e.name)
    except OSError:
        return
    if any(e.name == "pyvenv.cfg" for e in entries):
        return
    for entry in entries:
        if entry.name.endswith(".py") and not entry.name.startswith(".") and entry.is_file(follow_symlinks=False):
            yield entry
    for entry in entries:
        if not is_skipped(entry.name) and entry.is_dir(follow_symlinks=False):
            yield from python_files(Path(entry.path))


def is_skipped(folder: str) -> bool:
    """Whether a folder of this name is left out."""
    return folder in SKIPPED or folder.startswith(".") or folder.endswith(".egg-info")


def is_project_file(root: Path, path: Path) -> bool:
    """Whether a path is that of a Python file of the project below `root`, links followed."""
    if path.suffix != ".py" or not path.is_relative_to(root) or not path.resolve().is_relative_to(root.resolve()):
        return False
    return not any(is_skipped(part) for part in path.relative_to(root).parts[:-1])


def stamp(entry: os.DirEntry[str]) -> tuple[int, int]:
    """Time of a file's last change in nanoseconds and its size; zeros if it is gone."""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def decode(path: Path, data: bytes) -> str:
    """The text of a Python file, line ends made LF; empty if it cannot be decoded."""
    try:
        return SourceFile.decode(path, data).text.replace("\r\n", "\n")
    except FileProblem:
        return ""


def read_text(path: Path) -> str:
    """The text of a Python file as `decode` gives it; empty if it cannot be read."""
    try:
        return decode(path, path.read_bytes()) if path.is_file() else ""
    except OSError:
        return ""
