"""Changes as edits that an editor applies: `workspace/applyEdit`, and what code actions carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol.types import (
    WORKSPACE_APPLY_EDIT,
    AnnotatedTextEdit,
    ApplyWorkspaceEditParams,
    ChangeAnnotation,
    OptionalVersionedTextDocumentIdentifier,
    TextDocumentEdit,
    TextEdit,
    WorkspaceEdit,
)
from pygls.exceptions import JsonRpcException

from soa.contracts import Span
from soa.lsp.positions import range_of
from soa.session.lines import Lines
from soa.source.edits import Edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soa.lsp.server import SoaLanguageServer
    from soa.lsp.traits import Traits
    from soa.session.client import Change
    from soa.session.lines import Encoding

CHANGED = "the document changed meanwhile"
CLOSED = "the document was closed meanwhile"
CANNOT = "this editor takes no edits from a server; use the code action instead"


def workspace_edit(changes: Sequence[Change], traits: Traits) -> WorkspaceEdit:
    """The changes as one edit in the form that the client understands best.

    With `documentChanges` each document's edits carry its version, so that a client refuses them when they come too
    late; with change annotations they also carry a label and the evidence.
    """
    if not traits.document_changes:
        return WorkspaceEdit(changes={c.uri: text_edits(c, traits.encoding) for c in changes})
    if not traits.change_annotations:
        return WorkspaceEdit(document_changes=[_document_edit(c, text_edits(c, traits.encoding)) for c in changes])
    named = {f"soa{number}": change for number, change in enumerate(changes)}
    return WorkspaceEdit(
        document_changes=[_document_edit(c, _annotated(ident, c, traits.encoding)) for ident, c in named.items()],
        change_annotations={ident: _annotation(change) for ident, change in named.items()},
    )


def text_edits(change: Change, encoding: Encoding) -> list[TextEdit]:
    """The edits of a change with their places in its old text."""
    lines = Lines.of(change.before)
    whole = (_whole(change.before, edit) for edit in change.edits)
    return [TextEdit(range_of(lines, Span(e.start, e.end), encoding), e.text) for e in whole]


def _whole(text: str, edit: Edit) -> Edit:
    """The edit without an end between CR and LF, which no place can name."""
    start, end = edit.start - _splits(text, edit.start), edit.end + _splits(text, edit.end)
    if (start, end) == (edit.start, edit.end):
        return edit
    return Edit(start, end, text[start : edit.start] + edit.text + text[edit.end : end])


def _splits(text: str, offset: int) -> int:
    """1 if the offset is between the two characters of a line end, else 0."""
    return int(text[max(offset - 1, 0) : offset + 1] == "\r\n")


def _document_edit(change: Change, edits: Sequence[TextEdit] | Sequence[AnnotatedTextEdit]) -> TextDocumentEdit:
    return TextDocumentEdit(OptionalVersionedTextDocumentIdentifier(change.uri, change.version), list(edits))


def _annotated(ident: str, change: Change, encoding: Encoding) -> list[AnnotatedTextEdit]:
    return [AnnotatedTextEdit(ident, e.range, e.new_text) for e in text_edits(change, encoding)]


def _annotation(change: Change) -> ChangeAnnotation:
    return ChangeAnnotation(change.label, needs_confirmation=False, description=change.detail or None)


async def apply_changes(server: SoaLanguageServer, changes: Sequence[Change]) -> str:
    """Ask the editor to apply changes; the reason if it did not, empty if it did.

    The documents must be those that the changes were made for: a client without versioned edits could not tell.
    """
    if not server.traits.apply_edit:
        return CANNOT
    late = next((why for change in changes if (why := _late(server, change))), "")
    if late:
        return late
    label = changes[0].label if len(changes) == 1 else f"Accept {len(changes)} documents"
    params = ApplyWorkspaceEditParams(workspace_edit(changes, server.traits), label)
    try:
        result = await server.protocol.send_request_async(WORKSPACE_APPLY_EDIT, params)
    except JsonRpcException as error:
        return f"the editor refused the edit: {error.message}"
    return "" if result.applied else result.failure_reason or CHANGED


def _late(server: SoaLanguageServer, change: Change) -> str:
    view = server.session.snapshot(change.uri)
    if view is None:
        return "" if change.version is None else CLOSED
    return "" if (view.version, view.text) == (change.version, change.before) else CHANGED
