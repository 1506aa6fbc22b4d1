"""The least that a pygls server can do: every answer is ready. What its users wait for is pygls."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "1")
ANYWHERE = types.Range(types.Position(0, 0), types.Position(0, 0))
NOTHING = types.Command("Nothing", "bare.nothing")


@server.feature(types.TEXT_DOCUMENT_HOVER)
def hover(params: types.HoverParams) -> types.Hover:
    """The same for every place."""
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, "Nothing to say."))


@server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
    """One action that does nothing."""
    return [types.CodeAction("Nothing", types.CodeActionKind.QuickFix, command=NOTHING)]


@server.feature(types.TEXT_DOCUMENT_CODE_LENS)
def code_lens(params: types.CodeLensParams) -> list[types.CodeLens]:
    """One lens that does nothing."""
    return [types.CodeLens(ANYWHERE, NOTHING)]


if __name__ == "__main__":
    server.start_io()
