"""Documents as the editor holds them: texts kept exactly, stubs found again after each change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field, frozen

from soa.errors import FileProblem
from soa.session.lines import Encoding, Lines, Place
from soa.session.views import Key
from soa.source.disk import read_source
from soa.source.stubs import StubFinder
from soa.workspace import relative_to

if TYPE_CHECKING:
    from pathlib import Path

    from soa.contracts import Stub


LARGEST = 4_000_000
"""Characters of the longest text in which stubs are looked for: some 100,000 lines."""


@frozen
class TextChange:
    """A replacement in a document; without places, of all of it."""

    text: str
    start: Place | None = None
    end: Place | None = None


@define(eq=False)
class OpenDocument:
    """A file, or one cell of a notebook."""

    uri: str
    path: Path
    """Of the file; of the notebook, for a cell."""
    root: Path
    version: int | None
    text: str
    notebook: str = ""
    problem: str = ""
    """Why nothing can be implemented in it, for people."""
    saved: frozenset[str] = frozenset()
    """Digests of the contracts at the last save."""
    unsaved: bool = False
    """Whether the text differs from what is on disk."""
    _finder: StubFinder = field(factory=StubFinder)
    _lines: Lines | None = None
    _relative: tuple[Path, str] | None = None
    _stubs: tuple[Stub, ...] | None = None

    @property
    def relative(self) -> str:
        """The path as addresses name it."""
        if self._relative is None or self._relative[0] != self.root:
            self._relative = (self.root, relative_to(self.path, self.root))
        return self._relative[1]

    @property
    def lines(self) -> Lines:
        """The lines of the text as it is now."""
        if self._lines is None:
            self._lines = Lines.of(self.text)
        return self._lines

    @property
    def stubs(self) -> tuple[Stub, ...]:
        """The stubs of the text as it is now."""
        if self._stubs is None:
            self._stubs = self._finder.update(self.text) if len(self.text) <= LARGEST else ()
        return self._stubs

    @property
    def digests(self) -> frozenset[str]:
        """The contracts that stand there now."""
        return frozenset(stub.contract.digest for stub in self.stubs)

    def names_of(self, digests: frozenset[str]) -> tuple[str, ...]:
        """Qualified names of the stubs with these contracts."""
        return tuple(stub.contract.qualname for stub in self.stubs if stub.contract.digest in digests)

    @property
    def keys(self) -> frozenset[Key]:
        """Identities of the contracts that stand there now."""
        return frozenset(self.key(stub) for stub in self.stubs)

    def key(self, stub: Stub) -> Key:
        """Identity of a stub's contract."""
        return Key(self.root, self.relative, stub.contract.digest)

    def compare_with_disk(self) -> None:
        """Take what is on disk as the last save: what stands there is not new.

        Where the text differs, one of the two is newer, and only what stands in both is known to be old.
        """
        try:
            held = read_source(self.path).text
        except FileProblem:
            self.unsaved = True
            return
        self.unsaved = held != self.text
        before = frozenset(stub.contract.digest for stub in self._finder.update(held))  # what is the same is read once
        self.saved = before & self.digests

    def change(self, version: int | None, changes: tuple[TextChange, ...], encoding: Encoding) -> None:
        """Take in changes, each against the text that the one before it left."""
        for change in changes:
            self._replace(change, encoding)
        self.version, self.unsaved, self._stubs = version, True, None

    def note_save(self) -> frozenset[str]:
        """Take the text as saved; digests of the contracts that are new or changed since the last save."""
        new = self.digests - self.saved
        self.saved, self.unsaved = self.digests, False
        return new

    def _replace(self, change: TextChange, encoding: Encoding) -> None:
        if change.start is None or change.end is None:
            self.text = change.text
        else:
            start = self.lines.offset(change.start, encoding)
            end = max(start, self.lines.offset(change.end, encoding))
            self.text = self.text[:start] + change.text + self.text[end:]
        self._lines = None
