"""Texts that an editor holds: candidates are tested with these, not with what was last saved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from soa.errors import FileProblem
from soa.source.disk import SourceFile, read_source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soa.engine.request import Target, Unsaved


def source_of(target: Target) -> tuple[SourceFile, bytes | None]:
    """A target's text, and the bytes that stand for its file where the disk has others.

    Raises
    ------
    FileProblem
        It cannot be read, or cannot be a file of its encoding.
    """
    if target.text is None:
        return read_source(target.path), None
    file = SourceFile.held(target.path, target.text)
    data = file.encode(file.text)
    return file, None if data == _on_disk(target.path) else data


def unsaved_files(files: Iterable[Unsaved], root: Path) -> dict[Path, bytes]:
    """The bytes of unsaved files; those outside of the workspace, not on disk or not encodable are left out."""
    found: dict[Path, bytes] = {}
    base = Path(os.path.realpath(root))
    for unsaved in files:
        real = Path(os.path.realpath(unsaved.path))
        if real.is_file() and real.is_relative_to(base):
            try:
                found[unsaved.path] = SourceFile.held(unsaved.path, unsaved.text).encode(unsaved.text)
            except FileProblem:
                continue
    return found


def _on_disk(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
