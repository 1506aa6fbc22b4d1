"""The stage for real editors, as a fixture."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from e2e.stage import Project, build

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Project]:
    """Makes the project, as `project(url)` with the root of the model's API."""
    return partial(build, tmp_path)
