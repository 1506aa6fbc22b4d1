"""What the code of a job imports from outside of its project: worth loading once for many runs."""

from __future__ import annotations

import sys
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from soa.sandbox.belonging import Belonging
from soa.sandbox.folders import Folders
from soa.sandbox.import_lines import ImportLine, read_imports
from soa.sandbox.places import Places
from soa.workspace import import_root

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

    from soa.sandbox import Job
    from soa.sandbox.interpreter import Interpreter

    Held = Mapping[Path, tuple[ImportLine, ...]]
    """The imports of contents that stand in the place of files."""

HEAVY = frozenset({
    "email", "ftplib", "http", "imaplib", "importlib", "multiprocessing", "poplib", "pydoc", "smtplib", "sqlite3",
    "urllib", "wsgiref", "xml", "xmlrpc",
})  # fmt: skip
"""Packages of the standard library that cost milliseconds beyond what every server loads; others make no set."""
LIGHT = frozenset({
    "email", "http", "importlib", "importlib.abc", "importlib.machinery", "importlib.util", "urllib", "urllib.parse",
    "xml",
})  # fmt: skip
"""Modules in them that do not."""
LOOK_SECONDS = 1.0
FILES, OVERLAYS = 4096, 64
"""How many files' imports are kept, and how many contents' that stand in the place of a file."""


class ImportSets:
    """Tells jobs apart by what they import; remembers what it read of files and folders.

    Parameters
    ----------
    clock
        Seconds; that a file or folder has changed is seen within one of them.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looked = clock()
        self._folders = Folders()
        self._sets: dict[Hashable, frozenset[str]] = {}
        """Those that were asked for in this second."""
        self._of_file = lru_cache(FILES)(_imports)
        self._of_content = lru_cache(OVERLAYS)(read_imports)

    def of(self, job: Job, interpreter: Interpreter) -> frozenset[str]:
        """The dotted names of modules outside of the project that a job's code imports as it is loaded.

        That is: the module under test and the project tests that are asked for, the packages and `conftest.py` files
        above them, and all files of the project that these import. Of the standard library only what is heavy.
        """
        now = self._clock()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._sets.clear()
            self._folders.renew()
        held = {path: self._of_content(content) for path, content in job.overlay.items()}
        named = [str(job.request.get(part)) for part in ("roots", "module", "project", "files")]
        key = (job.root, *named, *held.items(), interpreter.executable, interpreter.path)
        if key not in self._sets:
            self._sets[key] = self._found(job, interpreter, held)
        return self._sets[key]

    def _found(self, job: Job, interpreter: Interpreter, held: Held) -> frozenset[str]:
        tests = list(_tests(job))
        roots = [Path(r) for r in job.request["roots"]]
        belonging = Belonging.of(interpreter, job.root)
        editable = [p for p in interpreter.path if belonging.owns(p)]
        project = Places(self._folders, [*map(import_root, tests), *roots, job.root, *editable])
        installed = Places(self._folders, [p for p in interpreter.path if not belonging.owns(p)])
        names = self._names([*_subject(job), *tests], held, project, installed)
        return frozenset(names | ({"pytest"} if tests and installed.holds("pytest") else set()))

    def _names(self, start: Iterable[Path], held: Held, project: Places, installed: Places) -> set[str]:
        """Follow imports from file to file."""
        names: set[str] = set()
        waiting = list(dict.fromkeys(start))
        seen = set(waiting)
        while waiting:
            path = waiting.pop()
            for line in held[path] if path in held else self._read(path):
                place = _place(line, path, project, installed)
                if place is None:
                    names.update(_outside(line, installed))
                    continue
                found = set(project.files(place, line.parts, line.names)) - seen
                waiting += found
                seen |= found
        return names

    def _read(self, path: Path) -> tuple[ImportLine, ...]:
        """The imports of a file; none if it cannot be read."""
        try:
            status = path.stat()
        except OSError:
            return ()
        return self._of_file(path, status.st_mtime_ns, status.st_size)


def _imports(path: Path, changed_ns: int, size: int) -> tuple[ImportLine, ...]:
    """Read a file; its time and size are there to be remembered by."""
    try:
        return read_imports(path.read_bytes())
    except OSError:
        return ()


def _place(line: ImportLine, path: Path, project: Places, installed: Places) -> str | None:
    """The folder of the project in which an import begins; None: it is none of the project's."""
    if line.level:
        return str(path.parents[min(line.level, len(path.parents)) - 1])
    top = line.parts[0]
    root = project.root(top)
    return root if root or installed.holds(top) else project.namespace(top)


def _outside(line: ImportLine, installed: Places) -> Iterator[str]:
    """The installed modules that a statement imports; of those it may only name, what is there."""
    if not installed.holds(line.parts[0]):
        return
    below = (f"{line.module}.{name}" for name in line.names)
    yield from filter(_counts, (line.module, *(name for name in below if installed.holds(name))))


def _counts(module: str) -> bool:
    top = module.partition(".")[0]
    return top not in sys.stdlib_module_names or (top in HEAVY and module not in LIGHT)


def _subject(job: Job) -> Iterator[Path]:
    """The module under test and the packages it is in."""
    if "module" in job.request:
        yield from _with_packages(Path(job.request["module"]["file"]))


def _tests(job: Job) -> Iterator[Path]:
    """The files of the project tests that are asked for, and all that pytest loads before them."""
    named = [test["name"].partition("::")[0] for test in job.request["project"]]
    for file in dict.fromkeys([*named, *job.request["files"]]):
        path = job.root / file
        yield from _with_packages(path)
        yield from (p / "conftest.py" for p in path.parents if p.is_relative_to(job.root))


def _with_packages(path: Path) -> Iterator[Path]:
    yield path
    root = import_root(path)
    yield from (p / "__init__.py" for p in path.parents if p != root and p.is_relative_to(root))
