"""Documents and folders: what the client opens, changes, saves and closes goes to the session, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from soa.session.client import Message
from soa.session.documents import TextChange
from soa.session.lines import Place

if TYPE_CHECKING:
    from soa.lsp.server import SoaLanguageServer


def register(server: SoaLanguageServer) -> None:
    """Take part in text synchronisation."""
    server.feature(types.TEXT_DOCUMENT_DID_OPEN)(lambda params: did_open(server, params))
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(lambda params: did_change(server, params))
    server.protocol.on_loss[types.TEXT_DOCUMENT_DID_CHANGE] = lambda params: lose(server, params)
    server.feature(types.TEXT_DOCUMENT_DID_SAVE)(lambda params: did_save(server, params))
    server.feature(types.TEXT_DOCUMENT_DID_CLOSE)(lambda params: server.session.close(params.text_document.uri))
    server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(lambda params: did_change_folders(server, params))


def did_open(server: SoaLanguageServer, params: types.DidOpenTextDocumentParams) -> None:
    """Take in a document; the settings of its workspace are asked for if they are not known."""
    document = params.text_document
    server.session.open(document.uri, document.language_id, document.version, document.text)
    server.configuration.prepare(document.uri)


def did_change(server: SoaLanguageServer, params: types.DidChangeTextDocumentParams) -> None:
    """Take in what was typed."""
    changes = tuple(as_change(change) for change in params.content_changes)
    server.session.change(params.text_document.uri, params.text_document.version, changes)


def lose(server: SoaLanguageServer, params: Any) -> None:  # noqa: ANN401 - JSON that could not be read
    """A change could not be taken in: what is held of the document is wrong now, and is given up."""
    document = params.get("textDocument") if isinstance(params, dict) else None
    uri = document.get("uri") if isinstance(document, dict) else None
    if uri in server.session.documents():
        server.session.close(uri)
        text = f"SoA lost track of {uri}: the editor sent a change that cannot be read. Close it and open it again."
        server.client.tell(Message("error", text))


def as_change(change: types.TextDocumentContentChangeEvent) -> TextChange:
    """A change as the session takes it."""
    if isinstance(change, types.TextDocumentContentChangePartial):
        return TextChange(change.text, as_place(change.range.start), as_place(change.range.end))
    return TextChange(change.text)


def as_place(position: types.Position) -> Place:
    """A position as the session takes it."""
    return Place(position.line, position.character)


def did_save(server: SoaLanguageServer, params: types.DidSaveTextDocumentParams) -> None:
    """Do what a save does, as soon as it is known what the user wants it to do."""
    uri = params.text_document.uri
    server.session.save(uri, lambda: server.configuration.ensure_for(uri))


def did_change_folders(server: SoaLanguageServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Take in changed workspace folders."""
    event = params.event
    server.set_folders((folder.uri for folder in event.added), (folder.uri for folder in event.removed))
