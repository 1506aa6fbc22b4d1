"""Where modules stand, looked up as the import system would, without importing anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from soa.sandbox.folders import Folders


class Places:
    """Folders in which modules are looked for, in order."""

    def __init__(self, folders: Folders, roots: Iterable[Path]) -> None:
        self._folders = folders
        self._roots = [str(root) for root in dict.fromkeys(roots)]

    def holds(self, module: str) -> bool:
        """Whether there is a file or folder for a module, by its dotted name."""
        *above, last = module.split(".")
        top = above[0] if above else last
        root = next((r for r in self._roots if top in self._folders.names(r)), None)
        return root is not None and last in self._folders.names("/".join((root, *above)))

    def root(self, top: str) -> str | None:
        """The folder that holds a module or a package that is no namespace."""
        return next((r for r in self._roots if self._is_module(r, top)), None)

    def namespace(self, top: str) -> str | None:
        """The folder that holds another folder of this name."""
        return next((r for r in self._roots if self._folders.names(f"{r}/{top}")), None)

    def files(self, folder: str, parts: Sequence[str], names: Iterable[str]) -> Iterator[Path]:
        """The files that are executed when names are imported from a module in a folder; packages first."""
        for name in ("", *names):
            yield from self._executed(folder, [*parts, name] if name else parts)

    def _executed(self, folder: str, parts: Sequence[str]) -> Iterator[Path]:
        for part in parts:
            entries = self._folders.names(folder)
            below = f"{folder}/{part}"
            if part in entries and "__init__.py" in self._folders.names(below):
                yield Path(below, "__init__.py")
            elif f"{part}.py" in entries:
                yield Path(f"{below}.py")
                return
            folder = below

    def _is_module(self, folder: str, name: str) -> bool:
        entries = self._folders.names(folder)
        return f"{name}.py" in entries or (name in entries and "__init__.py" in self._folders.names(f"{folder}/{name}"))
