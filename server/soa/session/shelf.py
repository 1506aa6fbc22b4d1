"""The open documents of a session, found by URI and by file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from soa.engine.request import Target, Unsaved
from soa.session.documents import OpenDocument
from soa.session.uris import path_of, scheme_of
from soa.session.views import DocumentView, Key, State, StubView
from soa.workspace import current_folder, relative_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from soa.contracts import Stub
    from soa.session.desk import Desk
    from soa.session.folders import Folders
    from soa.session.notebooks import OpenNotebook
    from soa.session.runs import Run, Runs
    from soa.session.views import RunView

UNSAVED = "Save the file first: its functions are tested as a module of the project."


@define(eq=False)
class Shelf:
    """Open documents, and views of them that are made once for each version and state."""

    folders: Folders
    desk: Desk
    runs: Runs
    notebooks: dict[str, OpenNotebook] = field(factory=dict)
    _documents: dict[str, OpenDocument] = field(factory=dict)
    _views: dict[str, DocumentView] = field(factory=dict)

    def get(self, uri: str) -> OpenDocument | None:
        """An open document."""
        return self._documents.get(uri)

    def parts(self, uri: str) -> tuple[OpenDocument, ...]:
        """A document, or the cells of a notebook, if something can be implemented there."""
        document, notebook = self._documents.get(uri), self.notebooks.get(uri)
        found = notebook.documents if notebook is not None else (document,) if document is not None else ()
        return tuple(part for part in found if not part.problem)

    def all(self) -> Iterator[OpenDocument]:
        """All open documents, cells included."""
        yield from self._documents.values()

    def open(self, uri: str, version: int | None, text: str) -> OpenDocument | None:
        """Take in a document; None if it is nothing that could hold stubs."""
        path = path_of(uri)
        if path is None and scheme_of(uri) != "untitled":
            return None
        if path is not None and path.suffix == ".pyi":
            return None
        problem = "" if path is not None else UNSAVED
        place = path or (self.folders.open or (current_folder(),))[0] / "untitled"
        document = OpenDocument(uri, place, self.folders.root_of(place), version, text, problem=problem)
        document.compare_with_disk()
        return self.put(document)

    def put(self, document: OpenDocument) -> OpenDocument:
        """Hold a document, in the place of one with its URI."""
        self._documents[document.uri] = document
        self._views.pop(document.uri, None)
        return document

    def remove(self, uri: str) -> OpenDocument | None:
        """Let go of a document."""
        self._views.pop(uri, None)
        return self._documents.pop(uri, None)

    def touch(self, uris: Iterable[str]) -> None:
        """Forget the views of documents that changed."""
        for uri in uris:
            self._views.pop(uri, None)

    def rehome(self) -> tuple[OpenDocument, ...]:
        """Look again where documents belong, as the folders or the settings have changed; those that moved."""
        before = {uri: document.root for uri, document in self._documents.items()}
        for document in self._documents.values():
            document.root = self.folders.root_of(document.path)
        self._views.clear()
        return tuple(d for d in self._documents.values() if d.root != before[d.uri])

    def holding(self, keys: Iterable[Key]) -> frozenset[str]:
        """URIs of the documents that may hold these contracts."""
        files = {(key.root, key.relative) for key in keys}
        return frozenset(d.uri for d in self._documents.values() if (d.root, d.relative) in files)

    def at(self, path: Path) -> OpenDocument | None:
        """The open document of a file."""
        found = (d for d in self._documents.values() if d.path == path and not d.notebook and not d.problem)
        return next(found, None)

    def unsaved(self, root: Path) -> tuple[Unsaved, ...]:
        """The files of a workspace that differ from what is on disk."""
        return tuple(
            Unsaved(d.path, d.text)
            for d in self._documents.values()
            if d.unsaved and d.root == root and not d.notebook and not d.problem
        )

    def target(self, document: OpenDocument) -> Target:
        """A document for the engine, without names of stubs; for a cell, all of its notebook."""
        notebook = self.notebooks.get(document.notebook)
        return notebook.target if notebook is not None else Target(document.path, text=document.text)

    def view(self, uri: str) -> DocumentView | None:
        """A document as it is now."""
        if uri not in self._views:
            document = self._documents.get(uri)
            if document is None:
                return None
            self._views[uri] = self._make_view(document)
        return self._views[uri]

    def relative(self, path: Path) -> str:
        """A file that is not open, as addresses name it."""
        return relative_to(path, self.folders.root_of(path))

    def stub_view(self, path: Path, stub: Stub) -> StubView:
        """A stub of a file that is not open."""
        key = Key(self.folders.root_of(path), self.relative(path), stub.contract.digest)
        return self._stub_view(key, stub, {}, frozenset())

    def _make_view(self, document: OpenDocument) -> DocumentView:
        resolved = self.folders.resolve(document.root)
        running: dict[str, RunView] = {}
        standing = document.digests
        stubs = tuple(self._stub_view(document.key(stub), stub, running, standing) for stub in document.stubs)
        return DocumentView(
            document.uri,
            document.path,
            document.relative,
            document.root,
            document.version,
            document.text,
            document.lines,
            stubs,
            resolved.settings,
            (document.problem if self.folders.trusted else "") or resolved.problem,
            document.notebook,
            self.folders.trusted,
        )

    def _stub_view(self, key: Key, stub: Stub, running: dict[str, RunView], standing: frozenset[str]) -> StubView:
        run = self.runs.at(key)
        kept = self.desk.get(key)
        if run is not None:
            return StubView(stub, key, "running", kept, _viewed(run, running))
        if kept is not None:
            state: State = "ready" if kept.proposal.writable else "failed"
            return StubView(stub, key, state, kept)
        former = self.desk.former(key, stub.contract.qualname)
        if former is not None and former.proposal.contract.digest in standing:
            former = None  # it belongs to another stub of this name: a property's setter, a branch of an `if`
        return StubView(stub, key, "stale" if former else "empty", former)


def _viewed(run: Run, seen: dict[str, RunView]) -> RunView:
    if run.ident not in seen:
        seen[run.ident] = run.view()
    return seen[run.ident]
