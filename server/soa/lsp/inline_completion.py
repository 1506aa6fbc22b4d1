"""`textDocument/inlineCompletion`: a ready proposal as ghost text in the empty body.

An editor inserts the body alone. Where the candidate needs helpers or imports as well, the item's command adds them.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from lsprotocol import types

from soa.contracts import Span
from soa.errors import SpliceError
from soa.lsp import names
from soa.lsp.positions import offset_at, range_of
from soa.source.edits import Edit
from soa.source.layout import Page
from soa.source.splice import body_edits

if TYPE_CHECKING:
    from soa.contracts import Candidate
    from soa.lsp.server import SoaLanguageServer
    from soa.session.lines import Encoding
    from soa.session.views import DocumentView, StubView

SPACE = " \t\f"
WIDE_SPACE = " \t\f\r\n"


def register(server: SoaLanguageServer) -> None:
    """Answer requests for inline completions."""

    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION)
    def inline_completion(params: types.InlineCompletionParams) -> list[types.InlineCompletionItem]:
        view = server.session.snapshot(params.text_document.uri)
        if view is None:
            return []
        return completions(view, params.position, server.traits.encoding)


def completions(view: DocumentView, position: types.Position, encoding: Encoding) -> list[types.InlineCompletionItem]:
    """What can be inserted at a position: the proposed body, where it belongs, or nothing."""
    offset = offset_at(view.lines, position, encoding)
    stub = _stub_before(view, offset)
    candidate = _candidate(view, stub) if stub is not None else None
    edit = insertion(view, stub, candidate.body, offset) if stub is not None and candidate is not None else None
    if stub is None or candidate is None or edit is None:
        return []
    replaced = view.text[edit.start : edit.end].strip(SPACE)
    arguments = {"uri": view.uri, "name": stub.name, "beside": True}
    beside = types.Command("Add its helpers and imports", names.ACCEPT, arguments=[arguments])
    return [
        types.InlineCompletionItem(
            edit.text,
            filter_text=view.text[edit.start : edit.end] if replaced else None,
            range=range_of(view.lines, Span(edit.start, edit.end), encoding),
            command=beside if candidate.helpers or candidate.imports else None,
        )
    ]


def _stub_before(view: DocumentView, offset: int) -> StubView | None:
    """The stub that an offset is in or directly after."""
    index = bisect_right(view.stubs, offset, key=lambda stub: stub.stub.header.start) - 1
    return view.stubs[index] if index >= 0 else None


def _candidate(view: DocumentView, stub: StubView) -> Candidate | None:
    """What may be offered: no skeleton, nothing that failed or is stale."""
    proposal = stub.kept.proposal if stub.kept is not None and stub.state == "ready" and not view.problem else None
    return proposal.candidate if proposal is not None and proposal.writable and not proposal.skeleton else None


def insertion(view: DocumentView, stub: StubView, body: str, offset: int) -> Edit | None:
    """The edit that puts a body where the cursor is, on one line as the protocol wants it; None if it is elsewhere."""
    if stub.stub.one_line:
        return None
    try:
        edits = list(body_edits(Page(view.text), stub.stub, body))
    except SpliceError:
        return None
    if len(edits) != 1:
        return None
    return _beside_cursor(view, edits[0], offset) or _on_next_line(view, stub, edits[0], offset)


def _beside_cursor(view: DocumentView, edit: Edit, offset: int) -> Edit | None:
    """The edit, made to reach the cursor over white space."""
    start, end = min(offset, edit.start), max(offset, edit.end)
    before, after = view.text[start : edit.start], view.text[edit.end : end]
    removed = view.text[edit.start : edit.end]
    if (before + after).strip(SPACE) or "\n" in removed or "\r" in removed:
        return None
    return Edit(start, end, before + edit.text + after)


def _on_next_line(view: DocumentView, stub: StubView, edit: Edit, offset: int) -> Edit | None:
    """The edit on the white line of the cursor, if it is the first below the docstring or stands inside the block."""
    line = bisect_right(view.lines.starts, offset) - 1
    start, end = view.lines.starts[line], view.lines.ends[line]
    space = view.text[start:end]
    if edit.start != edit.end or offset < edit.end or view.text[edit.end : end].strip(WIDE_SPACE):
        return None
    below = bisect_right(view.lines.starts, edit.end)
    if line != below and not (space != stub.stub.indent and space.startswith(stub.stub.indent)):
        return None
    return Edit(start, end, edit.text.lstrip("\r\n"))
