"""Sandboxes, made once."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from soa.sandbox.bubblewrap import Bubblewrap


@pytest.fixture(scope="session")
def bubblewrap():
    return asyncio.run(Bubblewrap.start(Path(sys.executable)))


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    return tmp_path
