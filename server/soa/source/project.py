"""Where names are used in a project's files: a quick index of identifiers, no inference."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from soa.source.call_sites import CallSite, sites
from soa.source.files import decode, python_files, read_text, stamp
from soa.source.project_tests import Target, files_for, naming
from soa.source.testfile import TestFile, is_test_path, read_test_file
from soa.workspace import module_name

if TYPE_CHECKING:
    from soa.contracts import Contract

MAX_FILE_BYTES = 1_000_000
MAX_FILES = 5_000

_NAME = rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*"
_USED = re.compile(rb"(?<![\w\x80-\xff])(%s)[ \t]*\(|\.[ \t]*(%s)|\b(_*[A-Z]\w*)" % (_NAME, _NAME))
_DEFINED = re.compile(
    rb"^(?:async[ \t]+def|def|class)[ \t]+(%s)|^(%s)[ \t]*(?::[^=\n]+)?=[^=]" % (_NAME, _NAME), re.MULTILINE
)

Place = tuple[Path, int, int]
"""A file with the first and the last of some of its lines."""


@frozen
class IndexedFile:
    """What is kept of a file until it changes."""

    path: Path
    stamp: tuple[int, int]
    """Time of its last change in nanoseconds, and its size."""
    used: frozenset[bytes]
    """Names that are called, names of attributes, and names with a capital."""
    defined: frozenset[bytes]
    """Names that it defines at module level."""
    tests: TestFile | None
    """Its tests, if it is a file of tests."""


class ProjectIndex:
    """An index of a project's Python files, read at first use and again where a file has changed.

    Parameters
    ----------
    root
        The workspace.
    max_age
        Seconds for which the list of files is taken as it was found; longer, where it takes seconds to make.

    Its methods read files: call them in a thread. Several threads may.
    """

    def __init__(self, root: Path, *, max_age: float = 2.0) -> None:
        self.root = root.absolute()
        self.warnings: tuple[str, ...] = ()
        """What was left out, one sentence each."""
        self.version = 0
        """Grows when a file was added, changed or removed."""
        self._max_age = max_age
        self._valid_until = float("-inf")
        self._files: dict[Path, IndexedFile] = {}
        self._lock = threading.Lock()

    def files(self) -> tuple[IndexedFile, ...]:
        """All files as they are now, in the order of their paths."""
        with self._lock:
            start = time.monotonic()
            if start > self._valid_until:
                self._read()
                end = time.monotonic()
                self._valid_until = end + self._max_age * (1 + 10 * (end - start))
            return tuple(self._files.values())

    def has_module(self, top: str) -> bool:
        """Whether the project has a module or a package of this name anywhere."""
        return any(f.path.stem == top or top in f.path.relative_to(self.root).parts[:-1] for f in self.files())

    def defining(self, name: str) -> tuple[Path, ...]:
        """The files, tests aside, that define a name at module level."""
        key = name.encode()
        return tuple(f.path for f in self.files() if key in f.defined and f.tests is None)

    def call_sites(self, name: str, *, exclude: Place, owner: str = "", limit: int = 6) -> tuple[CallSite, ...]:
        """The statements that call a function or use it as an attribute: near ones first, tests last.

        Parameters
        ----------
        name
            The unqualified name.
        exclude
            The stub's own lines, counted from 0.
        owner
            Class of a method: files that name it come first; the others are left out if builtin types have a method
            of the same name.
        limit
            How many at most.
        """
        own, first, last = exclude
        found: list[CallSite] = []
        for file in self._users(name, owner, own):
            relative = file.path.relative_to(self.root).as_posix()
            skip = range(first, last + 1) if file.path == own.absolute() else range(0)
            for site in sites(relative, read_text(file.path), name, skip):
                found.append(site)
                if len(found) == limit:
                    return tuple(found)
        return tuple(found)

    def tests_naming(self, contract: Contract, path: Path, *, limit: int = 30, callers: bool = True) -> tuple[str, ...]:
        """The project's tests that name a stub, as pytest nodes relative to the root, the most specific first.

        A stub that no test names is reached through what calls it: those tests then, and those that name its class,
        unless `callers` do not count.
        """
        target = Target.of(contract, module_name(path))
        found = naming(self._tests(), target)
        return (found or (self._tests_of_callers(contract, path, target) if callers else ()))[:limit]

    def test_files_for(self, path: Path) -> tuple[str, ...]:
        """The test files that import a file's module or its package, the most specific first."""
        return files_for(self._tests(), module_name(path))

    def has_tests(self, path: str) -> bool:
        """Whether a file, relative to the root, is one of tests."""
        return any(f.path == path for f in self._tests())

    def test_source(self, node_id: str) -> str:
        """Source of a test, dedented; empty if there is no such test."""
        file, _, name = node_id.partition("::")
        found = (t for f in self._tests() if f.path == file for t in f.tests if t.name == name)
        return next((t.source for t in found), "")

    def _users(self, name: str, owner: str, near: Path) -> list[IndexedFile]:
        key, absolute = name.encode(), near.absolute()
        strict = bool(owner) and Target(name, owner, "").is_common
        users = [f for f in self.files() if key in f.used and (not strict or owner.encode() in f.used)]
        return sorted(
            users,
            key=lambda f: (f.tests is not None, owner.encode() not in f.used, *_remoteness(f.path, absolute)),
        )

    def _tests(self) -> tuple[TestFile, ...]:
        return tuple(f.tests for f in self.files() if f.tests is not None)

    def _tests_of_callers(self, contract: Contract, path: Path, target: Target) -> tuple[str, ...]:
        tests = self._tests()
        paths = {f.path for f in tests}
        callers = [
            Target.named(site.within, module_name(self.root / site.path))
            for site in self.call_sites(target.name, exclude=(path, 0, -1), owner=target.owner)
            if site.within and site.path not in paths
        ]
        if target.owner:
            callers.append(Target(target.owner, target.owner, target.module))
        return tuple(dict.fromkeys(node for caller in callers for node in naming(tests, caller)))

    def _read(self) -> None:
        before, self._files, self.warnings, left_out = self._files, {}, (), 0
        for entry in python_files(self.root):
            if len(self._files) >= MAX_FILES:
                self.warnings = (f"Only the first {MAX_FILES} Python files of the workspace are looked at.",)
                break
            path, now = Path(entry.path), stamp(entry)
            known = before.get(path)
            file = known if known and known.stamp == now else self._index(path, now)
            if file:
                self._files[path] = file
            else:
                left_out += 1
        if left_out:
            self.warnings += (f"{left_out} Python files are too large or cannot be read.",)
        self.version += {p: f.stamp for p, f in before.items()} != {p: f.stamp for p, f in self._files.items()}

    def _index(self, path: Path, now: tuple[int, int]) -> IndexedFile | None:
        if now[1] > MAX_FILE_BYTES:
            return None
        try:
            data = path.read_bytes()
        except OSError:
            return None
        used = frozenset(a or b or c for a, b, c in _USED.findall(data))
        defined = frozenset(a or b for a, b in _DEFINED.findall(data))
        return IndexedFile(path, now, used, defined, self._read_tests(path, data))

    def _read_tests(self, path: Path, data: bytes) -> TestFile | None:
        relative = path.relative_to(self.root).as_posix()
        if not is_test_path(relative):
            return None
        name = module_name(path)
        return read_test_file(
            relative, decode(path, data), name if path.stem == "__init__" else name.rpartition(".")[0]
        )


def _remoteness(path: Path, other: Path) -> tuple[bool, int]:
    """How far a file is from another: itself, then by the folders they share."""
    shared = sum(a == b for a, b in zip(path.parts, other.parts, strict=False))
    return path != other, -shared
