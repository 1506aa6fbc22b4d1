"""The example project and its recorded replies."""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).parent
REPLIES = HERE / "replies.txt"
"""What a model answered, as `soa.model.recorded` reads it."""


def copy_project(folder: Path) -> None:
    """Copy the example project into a folder that is not there yet, or is empty."""
    left_out = shutil.ignore_patterns("__pycache__", ".pytest_cache", ".hypothesis")
    shutil.copytree(HERE / "project", folder, dirs_exist_ok=True, ignore=left_out)
