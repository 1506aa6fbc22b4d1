"""What a project has set for its tests, as far as it matters here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


def texts(root: str) -> Iterator[str]:
    """The files of a project that may configure its tests."""
    for name in _FILES:
        try:
            with open(os.path.join(root, name), encoding="utf-8") as file:
                yield file.read()
        except (OSError, UnicodeDecodeError):
            continue
