"""Where a file belongs: its workspace, its import root, its module's name, its interpreter."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from attrs import frozen

from soa.errors import ConfigurationError

MARKERS = ("pyproject.toml", "setup.py", ".git")
NOTEBOOK = ".ipynb"


@frozen
class Workspace:
    """A project's root folder and the interpreter that runs its code."""

    root: Path
    python: Path
    """An executable; never resolved through its links, or a virtual environment would be lost."""

    def relative(self, path: Path) -> str:
        """The path as shown to people and models: relative to the root, with forward slashes."""
        return relative_to(path, self.root)


def relative_to(path: Path, root: Path) -> str:
    """A path as addresses name it: relative to a workspace, with forward slashes."""
    return Path(os.path.relpath(path.absolute(), root)).as_posix()


def is_marked(folder: Path) -> bool:
    """Whether a folder holds a project marker; one that cannot be looked at holds none."""
    try:
        return any((folder / marker).exists() for marker in MARKERS)
    except OSError:
        return False


def current_folder() -> Path:
    """The folder that we were started in; the topmost if it is gone."""
    try:
        return Path.cwd()
    except OSError:
        return Path(os.sep)


def find_root(path: Path) -> Path:
    """The nearest folder from `path` upward that holds a project marker, else the current folder."""
    start = path.absolute()
    for folder in (start, *start.parents):
        if is_marked(folder):
            return folder
    return Path.cwd() if start.is_relative_to(Path.cwd()) else (start if start.is_dir() else start.parent)


def find_python(root: Path, chosen: str = "") -> Path:
    """The project's interpreter: the chosen one, the workspace's `.venv`, `VIRTUAL_ENV`, the server's own.

    Raises
    ------
    ConfigurationError
        The chosen interpreter does not exist.
    """
    if chosen:
        path = Path(chosen).expanduser()
        path = path.parent.resolve() / path.name  # the name itself may be a link, by which a venv is told
        if not os.access(path, os.X_OK) or path.is_dir():
            raise ConfigurationError(f"There is no interpreter at {path}.", "Give --python the path of one.")
        return path
    folders = [root / ".venv", *(Path(v) for v in [os.environ.get("VIRTUAL_ENV", "")] if v)]
    candidates = (folder / sub for folder in folders for sub in ("bin/python", "Scripts/python.exe"))
    return next((c for c in candidates if os.access(c, os.X_OK)), Path(sys.executable))


def import_root(path: Path) -> Path:
    """The first folder above a module without `__init__.py`: what stands on `sys.path` when it is imported.

    A notebook belongs to no package: it imports from its own folder.
    """
    folder = path.absolute().parent
    while path.suffix != NOTEBOOK and (folder / "__init__.py").exists() and folder.parent != folder:
        folder = folder.parent
    return folder


def module_name(path: Path) -> str:
    """The dotted name by which a module is imported from its import root; one that is no other's, for a notebook."""
    if path.suffix == NOTEBOOK:
        return re.sub(r"\W", "_", path.stem) + "_ipynb"
    parts = path.absolute().relative_to(import_root(path)).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def package_name(path: Path) -> str:
    """The dotted name of the package that a module belongs to, empty if none: where its relative imports start."""
    name = module_name(path)
    return name if path.name == "__init__.py" else name.rpartition(".")[0]
