"""What a project has set for its tests, as far as it matters here."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
_EXAMPLES = re.compile(r"""^[ \t]*doctest_optionflags[ \t]*=([\s\["',A-Z0-9_]*)""", re.MULTILINE)


def texts(root: str) -> Iterator[str]:
    """The files of a project that may configure its tests."""
    for name in _FILES:
        try:
            with open(os.path.join(root, name), encoding="utf-8") as file:
                yield file.read()
        except (OSError, UnicodeDecodeError):
            continue


def example_options(root: str) -> list[str]:
    """The options of doctest that the project sets for all examples."""
    import doctest

    named = {name for text in texts(root) for found in _EXAMPLES.findall(text) for name in re.findall(r"\w+", found)}
    return [name for name in doctest.OPTIONFLAGS_BY_NAME if name in named]
