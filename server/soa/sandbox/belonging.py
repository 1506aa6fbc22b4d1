"""Which files are the project's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from pathlib import Path

    from soa.sandbox.interpreter import Interpreter


@frozen
class Belonging:
    """Tells the project's own files from packages that are installed inside its folder."""

    root: str
    """The workspace, with a separator at its end."""
    outside: tuple[str, ...]
    """Folders of the interpreter inside of it, in the same form."""

    @classmethod
    def of(cls, interpreter: Interpreter, root: Path) -> Belonging:
        """What belongs to a workspace that is run by an interpreter."""
        return cls(_folder(root), tuple(map(_folder, interpreter.inside(root))))

    def owns(self, path: str | Path) -> bool:
        """Whether a file or folder is the project's own, also where it is installed in editable mode."""
        place = _folder(path)
        return place.startswith(self.root) and not place.startswith(self.outside) and "/site-packages/" not in place


def _folder(path: str | Path) -> str:
    return os.path.join(path, "")  # noqa: PTH118 (a path with a separator at its end is none)
