"""Other content in the place of some files: for whoever opens them to read, also in Python processes started from here.

Who runs such a file as a program would meet the file itself, and is refused.
"""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import sys
import tokenize
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STARTING = {"subprocess.Popen", "os.posix_spawn", "os.exec", "os.system", "os.fork", "os.forkpty"}
"""Audit events before a process is started. Those of `multiprocessing` import its modules first."""
SPAWNING = "multiprocessing.popen_"
FOR_OTHERS = """
import builtins, importlib.machinery, importlib.util, io, json, os, sys

place, plain = os.path.dirname(os.path.abspath(__file__)), builtins.open
with plain(os.path.join(place, "files.json")) as file:
    shown = json.load(file)

class Loader(importlib.machinery.SourceFileLoader):
    def get_data(self, path):
        return super().get_data(shown.get(path, path))
    def get_code(self, name):
        return self.source_to_code(self.get_data(self.path), self.path)

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin not in shown:
            return None
        spec.loader = Loader(name, spec.origin)
        return spec

def opened(file, mode="r", *arguments, **named):
    if not isinstance(file, int) and not set(mode) - set("rbtU"):
        file = shown.get(os.path.abspath(os.fsdecode(file)), file)
    return plain(file, mode, *arguments, **named)

builtins.open = io.open = opened
sys.meta_path.insert(0, Finder)
sys.path[:] = [p for p in sys.path if p != place]
spec = importlib.machinery.PathFinder.find_spec(__name__)
if spec is not None:
    sys.modules[__name__] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[__name__])
"""
"""What each Python process runs first: the same for its imports and what it opens, then the `sitecustomize` it has."""


class Overlay:
    """What stands in the place of files.

    Parameters
    ----------
    files
        Content by absolute path; a file that does not exist cannot be opened nevertheless.
    home
        A folder where the content can be written to.
    """

    def __init__(self, files: Mapping[str, bytes], home: str) -> None:
        self.folder = os.path.join(home, ".overlay")
        """What comes first in `PYTHONPATH`."""
        self._files = {path: content for path, content in files.items() if os.path.exists(path)}
        self._places = {path: os.path.join(self.folder, str(n)) for n, path in enumerate(self._files)}
        self._open: Callable[..., Any] = builtins.open
        self._is_shared = False

    def lay(self) -> None:
        """Have all ways to open a file by its name find the content, and nothing that was compiled from the file."""
        opened: Any = self._opened
        builtins.open = io.open = opened
        tokenize._builtin_open = opened  # type: ignore[attr-defined]
        sys.addaudithook(self._before)

    def _opened(self, file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 (as `open`)
        if isinstance(file, int) or set(mode) - set("rbtU"):
            return self._open(file, mode, *arguments, **named)
        path = os.path.abspath(os.fsdecode(file))
        if self._is_outdated(path):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), file)
        return self._open(self._written(path) if path in self._files else file, mode, *arguments, **named)

    def _is_outdated(self, path: str) -> bool:
        """Whether a file was compiled from one that has other content now."""
        folder, name = os.path.split(path)
        if not name.endswith(".pyc") or os.path.basename(folder) != "__pycache__":
            return False
        return os.path.join(os.path.dirname(folder), name.partition(".")[0] + ".py") in self._files

    def _written(self, path: str) -> str:
        """The place where a file's content is."""
        place = self._places[path]
        if not os.path.exists(place):
            self._write(os.path.basename(place), self._files[path])
        return place

    def _write(self, name: str, content: bytes) -> None:
        os.makedirs(self.folder, exist_ok=True)
        with self._open(os.path.join(self.folder, name), "wb") as file:
            file.write(content)

    def _before(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Get ready for a process that is about to be started."""
        if event in STARTING:
            self._refuse_programs(arguments)
            self._share()
        elif event == "import" and arguments[0].startswith(SPAWNING):
            self._share()

    def _refuse_programs(self, arguments: tuple[Any, ...]) -> None:
        command = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], (list, tuple)) else ()
        words = [word for word in command if isinstance(word, (str, bytes, os.PathLike))]
        if any(os.path.abspath(os.fsdecode(word)) in self._files for word in words):
            raise PermissionError(errno.EPERM, "what is under test cannot be run as a program here")

    def _share(self) -> None:
        """Have Python processes that are started from now on find the content as well."""
        if self._is_shared:
            return
        self._is_shared = True
        for path in self._files:
            self._written(path)
        self._write("files.json", json.dumps(self._places).encode("ascii"))
        self._write("sitecustomize.py", FOR_OTHERS.encode("ascii"))
