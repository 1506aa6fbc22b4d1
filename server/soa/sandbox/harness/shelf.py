"""Modules that are loaded, but not imported: a process that has them looks as if it had not.

Each appears when it is imported, with those that it imports itself and no others. So what was loaded for one file, or
for the tests, hides no import that another file has forgotten: `import xml` alone brings no `xml.dom`.
"""

from __future__ import annotations

import builtins
import sys
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType, ModuleType

    Names = Sequence[str] | None
    Space = Mapping[str, object] | None


class Shelf:
    """Learns which modules import which while they are loaded, puts them away, and hands them out again.

    It stands in `sys.meta_path`; what finds files of the project has to stand before it.
    """

    def __init__(self) -> None:
        self._brings: dict[str, set[str]] = {}
        """By module what is imported while it is executed."""
        self._modules: dict[str, Any] = {}
        self._bound: dict[str, Any] = {}
        """By module the package that it stands in once it is handed out: a package that does not bring it itself."""
        self._learning = False
        self._outside = ""
        """The module that asks for all this; it brings nothing."""

    @contextmanager
    def learning(self) -> Iterator[None]:
        """Note who imports what; whatever was there before is left alone for ever."""
        original = builtins.__import__

        def noted(
            name: str, globals: Space = None, locals: Space = None, fromlist: Names = (), level: int = 0
        ) -> ModuleType:
            module = original(name, globals, locals, fromlist or (), level)
            self._note(_imported(module.__name__ if level else name, module, fromlist or ()))
            return module

        sys.meta_path.insert(0, self)
        builtins.__import__ = noted
        self._learning, self._outside = True, _importer()
        try:
            yield
        finally:
            self._learning = False
            builtins.__import__ = original

    def _note(self, names: list[str]) -> None:
        self._brings.setdefault(_importer(), set()).update(names)

    def fill(self, known: set[str]) -> None:
        """Put away all modules but those that are known.

        One that nobody imported, because another made it, comes with its package, if it is in one.
        """
        new = {name: module for name, module in sys.modules.items() if name not in known and module is not None}
        imported = set().union(*self._brings.values())
        self._brings.pop(self._outside, None)
        for name in new.keys() - imported:
            self._brings.setdefault(name.rpartition(".")[0], set()).add(name)
        brought = {package: self._closure(package) for package in {name.rpartition(".")[0] for name in new}}
        for name, module in new.items():
            package, _, last = name.rpartition(".")
            above = sys.modules.get(package)
            if name not in brought[package] and getattr(above, "__dict__", {}).get(last) is module:
                self._bound[name] = above
                delattr(above, last)
        for name in new:
            self._modules[name] = sys.modules.pop(name)

    def _closure(self, name: str) -> set[str]:
        """The modules that are there once one is imported, itself and its packages included."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current and current not in found:
                found.add(current)
                waiting += [current.rpartition(".")[0], *self._brings.get(current, ())]
        return found

    def peek(self, name: str) -> Any:  # noqa: ANN401 (a module's names are its own)
        """A module that is loaded, imported or not; None if it is not."""
        return sys.modules.get(name) or self._modules.get(name)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module that was put away."""
        if self._learning:
            self._note([name])
        if name not in self._modules:
            return None
        module = self._modules[name]
        known = getattr(module, "__spec__", None)
        folders = getattr(module, "__path__", None)
        handing: Any = _Handing(self, known)
        spec = ModuleSpec(name, handing, origin=getattr(known, "origin", None), is_package=folders is not None)
        spec.has_location = getattr(known, "has_location", False)
        if folders is not None:
            spec.submodule_search_locations = folders
        return spec

    def hand_out(self, name: str) -> Any:  # noqa: ANN401 (some packages put other things than modules there)
        """Take a module from the shelf, and with it those that it imports."""
        for other in self._closure(name) & self._modules.keys() - {name}:
            sys.modules.setdefault(other, self._modules.pop(other))
            self._bind(other)
        return self._modules.pop(name)

    def _bind(self, name: str) -> None:
        if name in self._bound:
            setattr(self._bound[name], name.rpartition(".")[2], sys.modules[name])


class _Handing:
    """Loads a module by taking it from the shelf."""

    def __init__(self, shelf: Shelf, spec: ModuleSpec | None) -> None:
        self._shelf = shelf
        self._spec = spec

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the module's own loader has)
        return getattr(self._spec and self._spec.loader, name)

    def create_module(self, spec: ModuleSpec) -> Any:  # noqa: ANN401 (see there)
        return self._shelf.hand_out(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Undo what the import system has written into it; it was executed long ago."""
        with suppress(AttributeError):
            module.__spec__ = self._spec


def _imported(name: str, module: ModuleType, names: Sequence[str]) -> list[str]:
    """The modules that one import statement is about, by their full names."""
    if "*" in names:
        names = getattr(module, "__all__", ())
    below = (f"{name}.{part}" for part in names)
    return [name, *(full for full in below if full in sys.modules)]


def _importer() -> str:
    """The module whose import is under way: the innermost, wherever the import statement itself stands."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "<module>":
            return str(frame.f_globals.get("__name__", ""))
        frame = frame.f_back
    return ""
