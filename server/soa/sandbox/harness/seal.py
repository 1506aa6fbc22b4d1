"""Noticing what was replaced: each thing under its name must be the same object as before."""

from __future__ import annotations

import builtins
import sys
from functools import cache
from operator import is_
from types import FunctionType
from typing import TYPE_CHECKING, Any

from .kept import own
from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Broken = Callable[[], str]
    """The name of the first thing that was replaced; empty if nothing was."""

    Part = tuple[str, Mapping[str, Any], list[str], bool]
    """Something that has names, which of them must stay what they are, and whether none may be added."""

OWN = __name__.partition(".")[0]
DONE = {
    "capabilities",
    "confine",
    "ending",
    "forkserver",
    "landlock",
    "preload",
    "seccomp",
    "syscalls",
    "traces",
    "use",
}
"""Modules of the harness whose work is done when the project's code begins."""


def sealed_builtins() -> Broken:
    """Seal the builtins, those that the harness keeps for itself as well; names may be added."""
    names = [name for name in vars(builtins) if not name.startswith("_") or name in ("__import__", "__build_class__")]
    return _watching([("builtins", vars(builtins), names, False), (f"{OWN}.builtins", own, names, False)])


@cache
def sealed_package(name: str) -> Broken:
    """Seal a package that is whole already: in the fork server, for all runs."""
    return sealed_modules((name,))


def sealed_modules(packages: tuple[str, ...]) -> Broken:
    """Seal the functions and classes of all modules that are loaded below some packages, and the classes' functions.

    Of the harness's own modules everything is sealed, and nothing may be added to its classes.
    """
    return _watching([part for package in packages for part in _parts(package)])


def _parts(package: str) -> Iterator[Part]:
    for module, values in _modules(package):
        if package == OWN:
            names = [name for name in values if not name.startswith("__") or name == "__builtins__"]
        else:
            names = [name for name, value in values.items() if isinstance(value, (FunctionType, type))]
        yield module, values, names, False
        for value in map(values.__getitem__, names):
            if isinstance(value, type) and value.__module__ == module:
                held = [name for name, member in vars(value).items() if package == OWN or _judges(member)]
                yield f"{module}.{value.__qualname__}", vars(value), held, package == OWN


def _modules(package: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, module in list(sys.modules.items()):
        top, _, rest = name.partition(".")
        if top == package and module is not None and not (package == OWN and rest in DONE):
            yield name, vars(module)


def _judges(member: object) -> bool:
    return isinstance(member, (FunctionType, classmethod, staticmethod, property))


def _watching(parts: list[Part]) -> Broken:
    """A function that uses nothing but what it was made with."""
    same, every, each, size = is_, all, map, len
    looked = [
        (label, v, v.get, names, [v[n] for n in names], len(v) if closed else 0) for label, v, names, closed in parts
    ]

    def broken() -> str:
        for label, values, get, names, found, count in looked:
            if not every(each(same, each(get, names), found)):
                return f"{label}.{names[list(each(same, each(get, names), found)).index(False)]}"
            if count and size(values) != count:
                return f"what {label} has"
        return ""

    return broken
