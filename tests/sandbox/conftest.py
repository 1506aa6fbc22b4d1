"""Sandboxes, made once."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from soa.sandbox.zygote import Zygote


@pytest.fixture(scope="session")
def zygote():
    made = asyncio.run(Zygote.start(Path(sys.executable)))
    yield made
    asyncio.run(made.close())


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    return tmp_path
