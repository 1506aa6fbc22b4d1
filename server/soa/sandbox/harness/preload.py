"""Importing once what many runs import, in the process that they are forked from."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import TYPE_CHECKING, Any

from .traces import Traces, quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BASE = (
    "array", "bisect", "calendar", "cmath", "collections", "contextlib", "copy", "csv", "dataclasses", "datetime",
    "decimal", "enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "inspect", "itertools", "json",
    "math", "numbers", "operator", "pathlib", "pickle", "pprint", "queue", "random", "re", "secrets", "shutil",
    "statistics", "string", "subprocess", "tempfile", "textwrap", "threading", "time", "traceback", "types", "typing",
    "uuid", "weakref",
)  # fmt: skip
"""What nearly every run needs; a few milliseconds together."""


def preload(names: list[str], path: list[str], owned: Callable[[str], bool]) -> dict[str, Any]:
    """Import modules that are there, looked for on `path` without what is the project's own.

    Parameters
    ----------
    names
        Dotted; one that cannot be found is passed over.
    path
        `sys.path` of the interpreter.
    owned
        Whether a file or folder is the project's own.

    Returns
    -------
    dict
        `loaded`: names that were imported; `files`: those that all modules outside of the standard library came from;
        `unfit`: the first module that did more than define things, {`module`, `reason`}; None if there is none. After
        it nothing is imported, and this process is of no use any more.
    """
    before = sys.path[:], sys.argv[:]
    sys.path[:] = [p for p in path if not owned(os.path.join(p, ""))]
    sys.argv[:] = [""]
    loaded: list[str] = []
    unfit = None
    with quiet():
        for name in (*BASE, *sorted(names)):
            if _exists(name):
                reason = _import(name, owned)
                if reason:
                    unfit = {"module": name, "reason": reason}
                    break
                loaded.append(name)
    sys.path[:], sys.argv[:] = before
    return {"loaded": loaded, "files": sorted(_files()), "unfit": unfit}


def refresh() -> None:
    """Make anew, in a fork, what processes must not share: a random state, the temporary folder that was found."""
    files: Any = sys.modules.get("tempfile")
    if files is not None:
        files.tempdir = None
    numbers: Any = sys.modules.get("numpy.random")
    if numbers is not None:
        numbers.seed()


def _exists(name: str) -> bool:
    """Whether a module can be found; the packages above it are imported for that, as they would be anyway."""
    package, _, last = name.rpartition(".")
    if package and hasattr(sys.modules.get(package), last):
        return False
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _import(name: str, owned: Callable[[str], bool]) -> str:
    """Import a module; say what it did besides, in the words that follow its name."""
    known, before = set(sys.modules), Traces()
    try:
        importlib.import_module(name)
    except BaseException as error:
        return f"it fails when it is imported: {type(error).__name__}: {error}"
    if any(owned(file) for module in set(sys.modules) - known for file in _file(module)):
        return "it imports files of the project"
    return before.difference(Traces())


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
