"""Notebooks: what the client opens, changes, saves and closes goes to the session; executions do not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from soa.lsp.synchronization import as_change
from soa.session.client import Message
from soa.session.notebooks import Cell, CellChange, NotebookChange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soa.lsp.server import SoaLanguageServer


def register(server: SoaLanguageServer) -> None:
    """Take part in notebook synchronisation."""
    server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)(lambda params: did_open(server, params))
    server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)(lambda params: did_change(server, params))
    server.protocol.on_loss[types.NOTEBOOK_DOCUMENT_DID_CHANGE] = lambda params: lose(server, params)
    server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)(lambda params: did_save(server, params))
    server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)(lambda params: did_close(server, params))


def did_open(server: SoaLanguageServer, params: types.DidOpenNotebookDocumentParams) -> None:
    """Take in a notebook; the settings of its workspace are asked for if they are not known."""
    notebook = params.notebook_document
    server.session.notebooks.open(notebook.uri, as_cells(notebook.cells, params.cell_text_documents))
    server.configuration.prepare(notebook.uri)


def did_change(server: SoaLanguageServer, params: types.DidChangeNotebookDocumentParams) -> None:
    """Take in what was typed, and cells that came, went or moved."""
    if params.change.cells is not None:
        change = as_notebook_change(params.change.cells)
        server.session.notebooks.change(params.notebook_document.uri, change, server.session.encoding)


def lose(server: SoaLanguageServer, params: Any) -> None:  # noqa: ANN401 - JSON that could not be read
    """A change could not be taken in: what is held of the notebook is wrong now, and is given up."""
    notebook = params.get("notebookDocument") if isinstance(params, dict) else None
    uri = notebook.get("uri") if isinstance(notebook, dict) else None
    if isinstance(uri, str) and server.session.notebooks.close(uri):
        text = f"SoA lost track of {uri}: the editor sent a change that cannot be read. Close it and open it again."
        server.client.tell(Message("error", text))


def did_save(server: SoaLanguageServer, params: types.DidSaveNotebookDocumentParams) -> None:
    """Do what a save does, as soon as it is known what the user wants it to do."""
    uri = params.notebook_document.uri
    server.session.save(uri, lambda: server.configuration.ensure_for(uri))


def did_close(server: SoaLanguageServer, params: types.DidCloseNotebookDocumentParams) -> None:
    """Let go of a notebook."""
    server.session.notebooks.close(params.notebook_document.uri)


def as_cells(cells: Iterable[types.NotebookCell], texts: Iterable[types.TextDocumentItem]) -> tuple[Cell, ...]:
    """Cells with the texts that are told of them."""
    told = {item.uri: item for item in texts}
    return tuple(
        as_text(told[cell.document], is_code=_is_code(cell)) if cell.document in told else as_place(cell)
        for cell in cells
    )


def as_place(cell: types.NotebookCell) -> Cell:
    """A cell without its text."""
    return Cell(cell.document, _is_code(cell))


def as_text(item: types.TextDocumentItem, *, is_code: bool = True) -> Cell:
    """A cell with its text."""
    return Cell(item.uri, is_code, str(item.language_id), item.version, item.text)


def as_notebook_change(cells: types.NotebookDocumentCellChanges) -> NotebookChange:
    """A change of cells as the session takes it."""
    typed = tuple(
        CellChange(one.document.uri, one.document.version, tuple(as_change(change) for change in one.changes))
        for one in cells.text_content or ()
    )
    altered = tuple(as_place(cell) for cell in cells.data or ())
    if cells.structure is None:
        return NotebookChange(altered=altered, typed=typed)
    array, opened = cells.structure.array, cells.structure.did_open or ()
    return NotebookChange(
        array.start,
        array.delete_count,
        tuple(as_place(cell) for cell in array.cells or ()),
        tuple(item.uri for item in cells.structure.did_close or ()),
        tuple(as_text(item) for item in opened),
        altered,
        typed,
    )


def _is_code(cell: types.NotebookCell) -> bool:
    return cell.kind is types.NotebookCellKind.Code
