"""Which of the installed pytest plugins the project's tests need; loading all of them can take a second."""

from __future__ import annotations

import os
import re
from importlib.metadata import distributions
from typing import TYPE_CHECKING

from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_CONFIGURATIONS = (
    "pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg", "setup.py",
    "requirements-dev.txt",
)  # fmt: skip


def options(root: str, files: list[str]) -> list[str]:
    """The options of pytest that load the plugins which the project or its tests mention, and no others."""
    told = "\n".join(_texts(root, files)).lower()
    return [part for name, words in _installed() if any(w in told for w in words) for part in ("-p", name)]


def _texts(root: str, files: list[str]) -> list[str]:
    paths = [os.path.join(root, name) for name in _CONFIGURATIONS]
    for file in dict.fromkeys(f.partition("::")[0] for f in files):
        path = os.path.join(root, file)
        paths.append(path)
        while len(path) > len(root):
            path = os.path.dirname(path)
            paths.append(os.path.join(path, "conftest.py"))
    return [_read(path) for path in dict.fromkeys(paths)]


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _installed() -> list[tuple[str, set[str]]]:
    """Each plugin with the words that speak of it: `pytest-mock` is meant where `mock` or `mocker` stands."""
    found: dict[str, set[str]] = {}
    for distribution in distributions():
        for entry in distribution.entry_points:
            if entry.group == "pytest11":
                names = (entry.name, entry.value.partition(":")[0], distribution.metadata["Name"] or "")
                words = {w for name in names for w in re.split(r"[-_.\W]+", name.lower())}
                found[_option(entry)] = {w for w in words if len(w) > 2} - {"pytest", "plugin", "extra"}
    return sorted(found.items())


def _option(entry: EntryPoint) -> str:
    """What `-p` is given: the module, where that is all of a plugin.

    pytest rewrites what has the name it is given, and `asyncio` is not only a plugin's name.
    """
    module, _, attribute = entry.value.partition(":")
    return entry.name if attribute else module
