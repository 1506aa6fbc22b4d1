"""What a candidate needs beside its function, added after an editor has inserted the body by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soa.errors import SpliceError
from soa.source import layout, lexer, tree
from soa.source.bodies import render
from soa.source.definitions import find_blocks
from soa.source.edits import apply
from soa.source.shape import read_docstring, read_header
from soa.source.splice import Splice, splice
from soa.source.stubs import find_stubs

if TYPE_CHECKING:
    from soa.contracts import Candidate, Contract
    from soa.source.outline import Block

PLACEHOLDER = "..."


def add_beside(text: str, contract: Contract, candidate: Candidate) -> Splice:
    """Add a candidate's helpers and imports to a text in which its function has the candidate's body already.

    The text is taken back to the stub that it was and spliced again, so that the same invariants hold: what comes of
    it must be this text with helpers and imports and no other difference.

    Raises
    ------
    SpliceError
        No function has this contract and exactly this body, or a name is bound already.
    """
    page = layout.Page(text)
    for block in find_blocks(page, tree.parse(text)):
        if block.kind == "function" and block.qualname == contract.qualname:
            found = _add(page, block, contract, candidate)
            if found is not None:
                return found
    raise SpliceError(
        f"{contract.qualname} does not have the proposed body any more: its helpers and imports are not added.",
        "Undo the insertion and accept the proposal as a whole.",
    )


def _add(page: layout.Page, block: Block, contract: Contract, candidate: Candidate) -> Splice | None:
    old = _emptied(page, block, candidate)
    stub = next((s for s in find_stubs(old) if s.header.start == block.header), None)
    if stub is None or stub.contract.digest != contract.digest:
        return None
    whole = splice(old, [(stub, candidate)])
    edits = tuple(edit for edit in whole.edits if edit.start <= stub.definition.start)
    new = apply(page.text, edits)
    return Splice(edits, new) if new == whole.text else None


def _emptied(page: layout.Page, block: Block, candidate: Candidate) -> str:
    """The text with a placeholder where the body of the candidate stands; unchanged if it does not stand there."""
    header = read_header(page.code, block.header)
    docstring = read_docstring(page.code, lexer.skip_wide_space(page.code, header.span.end)) if header else None
    if docstring is None:
        return page.text
    span, end = docstring
    indent = page.text[layout.line_start(page.code, span.start) : span.start]
    outer = page.text[layout.line_start(page.code, block.header) : block.header]
    line_end = layout.line_end_at(page.text, block.header)
    body = render(candidate.body, indent, indent.removeprefix(outer), line_end).removeprefix(indent)
    start = lexer.skip_wide_space(page.code, end)
    if not page.text.startswith(body, start):
        return page.text
    return page.text[:start] + PLACEHOLDER + page.text[start + len(body) :]
