"""What the server offers a client: said at once, before the modules that do it are loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from soa.lsp import names

if TYPE_CHECKING:
    from soa.lsp.traits import Traits

CELLS = types.NotebookDocumentFilterWithCells(cells=[types.NotebookCellLanguage("python")])


def offer(traits: Traits) -> types.ServerCapabilities:
    """What a client with these traits can use."""
    return types.ServerCapabilities(
        position_encoding=types.PositionEncodingKind(traits.encoding),
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True, change=types.TextDocumentSyncKind.Incremental, save=True
        ),
        notebook_document_sync=types.NotebookDocumentSyncOptions([CELLS], save=True) if traits.notebooks else None,
        code_lens_provider=types.CodeLensOptions(resolve_provider=False),
        code_action_provider=types.CodeActionOptions(
            (names.QUICK_FIX, names.REWRITE, names.INSERT_VERIFIED), resolve_provider=True
        ),
        hover_provider=True,
        inline_completion_provider=True if traits.inline_completion else None,
        diagnostic_provider=_diagnostics() if traits.pull_diagnostics else None,
        execute_command_provider=types.ExecuteCommandOptions(names.COMMANDS, work_done_progress=True),
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(supported=True, change_notifications=True),
            text_document_content=types.TextDocumentContentOptions(names.SCHEMES) if traits.text_content else None,
        ),
    )


def _diagnostics() -> types.DiagnosticOptions:
    return types.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=False, identifier=names.SOURCE)
