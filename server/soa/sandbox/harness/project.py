"""The project's files: which they are, their text, and the import hook that records calls into them."""

from __future__ import annotations

import ast
import builtins
import importlib.machinery
import os
import sys
from typing import TYPE_CHECKING, Any

from . import failures
from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401
from .marks import EMPTY_MARK, MARK, functions, is_stub, mark, may_hold_stubs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType

PathFinder = importlib.machinery.PathFinder
MOST_CALLS = 100_000
"""Calls of empty stubs in one test; more come from a loop that waits for what a stub does not do."""


class Project:
    """The workspace as the harness sees it."""

    def __init__(self, request: dict[str, Any]) -> None:
        task = request["task"]
        self.root: str = request["root"]
        self.watched: dict[str, list[str]] = task.get("watched", {})
        self.reached: set[str] = set()
        """Addresses of recorded functions that were called since it was last cleared."""
        self.empty: set[str] = set()
        """Addresses of the empty stubs in the files imported so far."""
        self._calls = 0
        """How often empty stubs were called since then."""
        self._real = os.path.realpath(self.root)
        self._outside = tuple(os.path.join(p, "") for p in request["outside"])
        self._overlay: dict[str, bytes] = request["overlay"]
        self._texts: dict[str, list[str]] = {}

    def install(self) -> None:
        """Begin to record; from now on imports of the project's files go through us."""
        setattr(builtins, MARK, self.reached.add)
        setattr(builtins, EMPTY_MARK, self._meet)
        sys.meta_path.insert(0, _Finder(self))

    def forget(self) -> None:
        """Begin anew: nothing has been reached."""
        self.reached.clear()
        self._calls = 0

    def _meet(self, address: str) -> None:
        """Record a call of an empty stub; end a loop of them."""
        self.reached.add(address)
        self._calls += 1
        if self._calls > MOST_CALLS:
            raise failures.OutOfTime

    def owns(self, path: str) -> bool:
        """Whether a file is the project's own and not a package installed inside it."""
        inside = path.startswith((os.path.join(self.root, ""), os.path.join(self._real, "")))
        return inside and not path.startswith(self._outside) and "/site-packages/" not in path

    def relative(self, path: str) -> str:
        """The path as addresses have it."""
        base = self.root if path.startswith(os.path.join(self.root, "")) else self._real
        return os.path.relpath(path, base).replace(os.sep, "/")

    def replaced(self, path: str) -> bool:
        """Whether the overlay holds the file."""
        return path in self._overlay

    def read(self, path: str) -> bytes:
        """The file's content, from the overlay if it is there."""
        if path in self._overlay:
            return self._overlay[path]
        with open(path, "rb") as file:
            return file.read()

    def remember(self, path: str, text: str) -> None:
        """Keep the text of code that has no file, for tracebacks."""
        self._texts[path] = text.splitlines()

    def line(self, path: str, number: int) -> str:
        """One line of a file or a remembered text, stripped; empty if there is none."""
        if path not in self._texts:
            try:
                self._texts[path] = self.read(path).decode("utf-8", "replace").splitlines()
            except OSError:
                return ""
        lines = self._texts[path]
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""

    def knows(self, path: str) -> bool:
        """Whether a frame of this file belongs into a traceback."""
        return path in self._texts or self.owns(path)

    def compile(self, path: str, found: CodeType | None) -> CodeType:
        """Compile a file, with marks at the functions that are recorded.

        `found` is its code as it is; it is returned if there is nothing to mark.
        """
        name = self.relative(path)
        watched = set(self.watched.get(name, ()))
        if found is not None and not watched and not may_hold_stubs(found):
            return found
        source = self.read(path)
        tree = ast.parse(source, path)
        lines = source.decode("utf-8", "replace").splitlines()
        for qualname, node, protocol in list(functions(tree)):
            empty = not protocol and is_stub(node, lines)
            if empty:
                self.empty.add(f"{name}::{qualname}")
            if empty or qualname in watched:
                mark(node, f"{name}::{qualname}", EMPTY_MARK if empty else MARK)
        return compile(tree, path, "exec", dont_inherit=True)


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a file of the project."""

    def __init__(self, fullname: str, path: str, project: Project) -> None:
        super().__init__(fullname, path)
        self._project = project

    def get_data(self, path: str) -> bytes:
        return self._project.read(path) if self._project.replaced(path) else super().get_data(path)

    def get_code(self, fullname: str) -> CodeType | None:
        found = None if self._project.replaced(self.path) else super().get_code(fullname)
        return self._project.compile(self.path, found)


class _Finder:
    """Finds what `sys.path` finds, and takes over where that is a file of the project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or type(spec.loader) is not importlib.machinery.SourceFileLoader:
            return None
        origin = spec.loader.path
        if not self._project.owns(origin):
            return None
        spec.loader = _Loader(fullname, origin, self._project)
        return spec
