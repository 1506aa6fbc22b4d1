"""Noticing what was replaced: each thing under its name must be the same object as before."""

from __future__ import annotations

import builtins
import sys
from operator import is_
from types import FunctionType
from typing import TYPE_CHECKING, Any

from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Broken = Callable[[], str]
    """The name of the first thing that was replaced; empty if nothing was."""

    Part = tuple[str, Callable[[str], Any], list[str], list[Any]]
    """A name, how to look something up in it, what there is, and what that was."""


def sealed_builtins() -> Broken:
    """Seal the builtins; names may be added."""
    names = [name for name in vars(builtins) if not name.startswith("_") or name in ("__import__", "__build_class__")]
    return _watching([_part("builtins", vars(builtins), names)])


def sealed_modules(prefixes: tuple[str, ...]) -> Broken:
    """Seal the functions and classes of the modules that are loaded below some packages, and the classes' functions."""
    parts: list[Part] = []
    for module, values in _modules(prefixes):
        names = [name for name, value in values.items() if isinstance(value, (FunctionType, type))]
        parts.append(_part(module, values, names))
        for value in map(values.get, names):
            if isinstance(value, type) and value.__module__ == module:
                held = [name for name, member in vars(value).items() if _judges(member)]
                parts.append(_part(f"{module}.{value.__qualname__}", vars(value), held))
    return _watching(parts)


def _modules(prefixes: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in prefixes and module is not None:
            yield name, vars(module)


def _judges(member: object) -> bool:
    return isinstance(member, (FunctionType, classmethod, staticmethod, property))


def _part(label: str, values: Mapping[str, Any], names: list[str]) -> Part:
    return label, values.get, names, [values[name] for name in names]


def _watching(parts: list[Part]) -> Broken:
    same, every, each = is_, all, map

    def broken() -> str:
        for label, get, names, values in parts:
            if not every(each(same, each(get, names), values)):
                return f"{label}.{names[list(each(same, each(get, names), values)).index(False)]}"
        return ""

    return broken
