"""Open notebooks: cells in order, those in Python held as documents, and one module of them all for runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from soa.engine.request import Target
from soa.session.documents import OpenDocument
from soa.session.shelf import UNSAVED
from soa.session.uris import path_of, scheme_of
from soa.source.cells import compose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from soa.session.documents import TextChange
    from soa.session.lines import Encoding
    from soa.session.shelf import Shelf


@frozen
class Cell:
    """A cell, as an editor tells of it."""

    uri: str
    is_code: bool = True
    language: str = ""
    version: int | None = None
    text: str | None = field(default=None, repr=False)
    """None: not told here; a cell that only moves is the same as before."""


@frozen
class CellChange:
    """What was typed in a cell."""

    uri: str
    version: int | None
    changes: tuple[TextChange, ...]


@frozen
class NotebookChange:
    """What happened to a notebook, in the order of the fields."""

    start: int = 0
    deleted: int = 0
    inserted: tuple[Cell, ...] = ()
    """They take the place of `deleted` cells from `start` on."""
    closed: tuple[str, ...] = ()
    """Cells whose text is gone."""
    opened: tuple[Cell, ...] = ()
    """Cells whose text is told from now on, inserted ones among them."""
    altered: tuple[Cell, ...] = ()
    """Cells that may be of another kind now."""
    typed: tuple[CellChange, ...] = ()


@frozen
class Effect:
    """What a change means for documents."""

    added: tuple[OpenDocument, ...] = ()
    gone: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    closed: str = ""
    """URI of the notebook, if it is gone itself."""


@define(eq=False)
class OpenNotebook:
    """A notebook as the editor holds it."""

    uri: str
    path: Path
    root: Path
    problem: str = ""
    """Why nothing can be implemented in it, for people."""
    _order: list[str] = field(factory=list)
    _code: set[str] = field(factory=set)
    _texts: dict[str, OpenDocument] = field(factory=dict)
    _module: str | None = None

    @classmethod
    def open(cls, uri: str, path: Path, root: Path, cells: Iterable[Cell], problem: str = "") -> OpenNotebook:
        """Take in a notebook; what stands in it is not new."""
        notebook, cells = cls(uri, path, root, problem), tuple(cells)
        notebook._arrange(NotebookChange(inserted=cells, opened=cells))
        for document in notebook.documents:
            document.saved = document.digests
        return notebook

    @property
    def documents(self) -> tuple[OpenDocument, ...]:
        """The Python cells, in order."""
        return tuple(self._texts[uri] for uri in self._order if uri in self._texts and uri in self._code)

    @property
    def target(self) -> Target:
        """All of it as one module, without names of stubs."""
        if self._module is None:
            self._module = compose([document.text for document in self.documents])
        return Target(self.path, text=self._module)

    def change(self, change: NotebookChange, encoding: Encoding) -> Effect:
        """Take in a change; what is said of cells that are not there is passed over."""
        before = {document.uri: document for document in self.documents}
        self._arrange(change)
        typed = [one for one in change.typed if one.uri in self._texts]
        for one in typed:
            self._texts[one.uri].change(one.version, one.changes, encoding)
        after = {document.uri: document for document in self.documents}
        self._module = None
        return Effect(
            tuple(document for uri, document in after.items() if before.get(uri) is not document),
            tuple(uri for uri in before if uri not in after),
            tuple(one.uri for one in typed if one.uri in before and one.uri in after),
        )

    def _arrange(self, change: NotebookChange) -> None:
        self._order[change.start : change.start + change.deleted] = [cell.uri for cell in change.inserted]
        for cell in (*change.inserted, *change.altered):
            (self._code.add if cell.is_code else self._code.discard)(cell.uri)
        for uri in change.closed:
            self._texts.pop(uri, None)
        for cell in change.opened:
            if cell.language == "python" and cell.text is not None:
                self._texts[cell.uri] = self._document(cell, cell.text)

    def _document(self, cell: Cell, text: str) -> OpenDocument:
        return OpenDocument(
            cell.uri, self.path, self.root, cell.version, text, notebook=self.uri, problem=self.problem, unsaved=True
        )


@define(eq=False)
class Notebooks:
    """What an editor does to notebooks; their Python cells lie on the shelf as other documents do.

    Parameters
    ----------
    follow
        Is told what each step means for documents.
    """

    _shelf: Shelf
    _follow: Callable[[Effect], None]

    def open(self, uri: str, cells: Iterable[Cell]) -> None:
        """Take in a notebook, unless it is neither a file nor about to become one."""
        self.close(uri)
        path = path_of(uri)
        if path is None and scheme_of(uri) != "untitled":
            return
        folders = self._shelf.folders
        place = path or (folders.open or (Path.cwd(),))[0] / "untitled.ipynb"
        problem = UNSAVED if path is None else ""
        notebook = OpenNotebook.open(uri, place, folders.root_of(place), cells, problem)
        self._shelf.notebooks[uri] = notebook
        self._lay_out(Effect(notebook.documents))

    def change(self, uri: str, change: NotebookChange, encoding: Encoding) -> None:
        """Take in a change of a notebook."""
        if (notebook := self._shelf.notebooks.get(uri)) is not None:
            notebook.root = self._shelf.folders.root_of(notebook.path)
            self._lay_out(notebook.change(change, encoding))

    def close(self, uri: str) -> bool:
        """Let go of a notebook; whether it was open."""
        notebook = self._shelf.notebooks.pop(uri, None)
        if notebook is not None:
            self._lay_out(Effect(gone=tuple(document.uri for document in notebook.documents), closed=uri))
        return notebook is not None

    def _lay_out(self, effect: Effect) -> None:
        for uri in effect.gone:
            self._shelf.remove(uri)
        for document in effect.added:
            self._shelf.put(document)
        self._shelf.touch(effect.typed)
        self._follow(effect)
