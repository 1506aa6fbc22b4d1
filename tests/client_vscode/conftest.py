"""What the extension carries, and interpreters without anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from starting import Launcher

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PYTHON = "{}.{}".format(*sys.version_info)


@pytest.fixture(scope="session")
def make_bundle(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes what the extension carries, with wheels for this interpreter only."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("extension") / "bundled"
        command = [sys.executable, ROOT / "tools" / "bundle.py", "--into", folder, "--pythons", PYTHON]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return folder

    return make


@pytest.fixture(scope="session")
def bundled(make_bundle: Callable[[], Path]) -> Path:
    """One of them, in use."""
    return make_bundle()


@pytest.fixture(scope="session")
def without_wheels(bundled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without wheels."""
    folder = tmp_path_factory.mktemp("light") / "bundled"
    folder.mkdir()
    for entry in bundled.iterdir():
        if entry.name != "wheels":
            os.link(entry, folder / entry.name) if entry.is_file() else (folder / entry.name).symlink_to(entry)
    return folder


@pytest.fixture(scope="session")
def make_bare(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes interpreters with nothing but their library."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("interpreter") / "bare"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        return folder / "bin" / "python"

    return make


@pytest.fixture(scope="session")
def bare(make_bare: Callable[[], Path]) -> Path:
    """One of them that stays as it is."""
    return make_bare()


@pytest.fixture
def launcher(bundled: Path, bare: Path, tmp_path: Path) -> Launcher:
    """The launcher with a bare interpreter, an empty storage and no index."""
    return Launcher(bare, bundled / "start.py", tmp_path / "storage")


@pytest.fixture(scope="session")
def storage(bundled: Path, bare: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A storage with the natives of that interpreter; to be copied."""
    folder = tmp_path_factory.mktemp("installed") / "storage"
    assert Launcher(bare, bundled / "start.py", folder).install()[0] == 0
    return folder


@pytest.fixture
def installed(launcher: Launcher, storage: Path) -> Launcher:
    """The launcher with its natives installed."""
    shutil.copytree(storage, launcher.storage)
    return launcher


@pytest.fixture
def light(without_wheels: Path, bare: Path, tmp_path: Path) -> Callable[..., Launcher]:
    """Makes a launcher that carries no wheels, with an index or without one."""
    return lambda **options: Launcher(bare, without_wheels / "start.py", tmp_path / "storage", **options)
