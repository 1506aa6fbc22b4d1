"""Importing once what many runs import, in the process that they are forked from."""

from __future__ import annotations

import importlib
import importlib.util
import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from .shelf import Shelf
from .traces import Traces, quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

BASE = (
    "array", "asyncio", "bisect", "calendar", "cmath", "collections", "concurrent.futures", "contextlib", "copy", "csv",
    "dataclasses", "datetime", "decimal", "doctest", "enum", "fractions", "functools", "graphlib", "hashlib", "heapq",
    "inspect", "itertools", "json", "logging", "math", "numbers", "operator", "pathlib", "pickle", "pprint", "queue",
    "random", "re", "secrets", "shutil", "statistics", "string", "subprocess", "tempfile", "textwrap", "threading",
    "time", "traceback", "types", "typing", "unittest.mock", "uuid", "weakref",
)  # fmt: skip
"""What nearly every run imports, or we do to test it."""


class _TooLongError(BaseException):
    """The alarm has rung."""


def preload(
    names: list[str], path: list[str], owned: Callable[[str], bool], base: tuple[str, ...] = BASE
) -> dict[str, Any]:
    """Import modules that are there, looked for on `path` without what is the project's own, and put them on a `Shelf`.

    Nothing of what is printed meanwhile is seen. The caller may set an alarm: the module that is being imported when
    it rings is unfit. What modules change on purpose stays: environment variables, filters of warnings.

    Parameters
    ----------
    names
        Dotted; one that cannot be found is passed over.
    path
        `sys.path` of the interpreter.
    owned
        Whether a file or folder is the project's own.
    base
        What is imported besides, from the standard library.

    Returns
    -------
    dict
        `loaded`: names that were imported; `files`: those that all modules outside of the standard library came from;
        `unfit`: the first module that did more than define things, {`module`, `reason`}; None if there is none. After
        it nothing is imported, and this process is of no use any more.
    """
    before, known = (sys.path[:], sys.argv[:]), set(sys.modules)
    sys.path[:] = [p for p in path if not owned(os.path.join(p, ""))]
    sys.argv[:] = [""]
    shelf = Shelf()
    with quiet(), shelf.learning(), _alarm():
        for name in base:
            importlib.import_module(name)
        loaded, unfit = _import_all(names, owned)
    sys.path[:], sys.argv[:] = before
    files = sorted(_files())
    shelf.fill(known)
    return {"loaded": loaded, "files": files, "unfit": unfit}


def refresh() -> None:
    """Make anew, in a fork, what processes must not share: a random state, the temporary folder that was found."""
    shelf = next(finder for finder in sys.meta_path if isinstance(finder, Shelf))
    files, numbers = shelf.peek("tempfile"), shelf.peek("numpy.random")
    if files is not None:
        files.tempdir = None
    if numbers is not None:
        numbers.seed()


@contextmanager
def _alarm() -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, _ring)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


def _ring(number: int, frame: FrameType | None) -> NoReturn:
    raise _TooLongError


def _import_all(names: list[str], owned: Callable[[str], bool]) -> tuple[list[str], dict[str, str] | None]:
    """Import what can be found, up to the first that is unfit; return what was imported, and that one."""
    before = Traces()
    for wanted, name in _in_order(names):
        known = set(sys.modules)
        reason = _import(name) or _trespass(known, owned)
        after = Traces()
        reason = reason or before.difference(after)
        if reason:
            return _loaded(names), {"module": wanted, "reason": f"it {reason} when it is imported"}
        before = after
    return _loaded(names), None


def _loaded(names: list[str]) -> list[str]:
    return [name for name in names if name in sys.modules]


def _in_order(names: list[str]) -> Iterator[tuple[str, str]]:
    """For each name what to import; behind pytest also the parts of it that it imports when it is run."""
    for name in sorted(names):
        yield name, name
        if name == "pytest" and name in sys.modules:
            parts = getattr(sys.modules["_pytest.config"], "default_plugins", ())
            yield from ((name, f"_pytest.{part}") for part in parts)


def _import(name: str) -> str:
    """Import a module if there is one; say what is wrong with it if that fails."""
    try:
        if _is_module(name):
            importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        return "" if f"{name}.".startswith(f"{missing}.") else _failure(error)
    except BaseException as error:
        return _failure(error)
    return ""


def _is_module(name: str) -> bool:
    """Whether `from package import name` would import it: not if the package has something else by that name."""
    package, _, last = name.rpartition(".")
    if package and hasattr(importlib.import_module(package), last):
        return False
    return name not in sys.modules and importlib.util.find_spec(name) is not None


def _failure(error: BaseException) -> str:
    if isinstance(error, _TooLongError):
        return "takes too long"
    return f"fails ({type(error).__name__}: {str(error)[:200]})"


def _trespass(known: set[str], owned: Callable[[str], bool]) -> str:
    files = (file for module in set(sys.modules) - known for file in _file(module))
    return "imports files of the project" if any(map(owned, files)) else ""


def _files() -> Iterator[str]:
    """Where all modules that are loaded came from, but for those of the standard library."""
    standard = os.path.join(os.path.dirname(os.__file__), "")
    for name in list(sys.modules):
        for file in _file(name):
            if not file.startswith(standard) or "/site-packages/" in file:
                yield file


def _file(module: str) -> Iterator[str]:
    file = getattr(sys.modules.get(module), "__file__", None)
    if isinstance(file, str) and os.path.isabs(file):
        yield file
