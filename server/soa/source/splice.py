"""Turns candidates into edits of the text in which their stubs stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from soa.contracts import Candidate, Span, Stub
from soa.errors import SpliceError
from soa.source import insertions, layout, lexer, tree
from soa.source.bodies import indent_unit, one_liners, render
from soa.source.edits import Edit, apply
from soa.source.invariant import check_splice
from soa.source.shape import Shape, read_shape
from soa.source.stubs import StubFinder, find_stubs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_LINE = 120
"""A one-line definition stays on one line up to this length."""


@frozen
class Splice:
    """Edits that put candidates into a text."""

    edits: tuple[Edit, ...]
    """Against the old text, in order, none touching another."""
    text: str
    """The new text."""


def splice(text: str, items: Sequence[tuple[Stub, Candidate]]) -> Splice:
    """Put candidates into the text in which their stubs stand.

    Bodies, helpers beside them and imports are added in the layout of the file; no other byte changes.

    Raises
    ------
    SpliceError
        A stub is not where it is said to be, a name is bound already, or the byte invariant would not hold.
    """
    page, root = layout.Page(text), tree.parse(text)
    _check_stubs(text, [stub for stub, _ in items])
    edits = [edit for stub, candidate in items for edit in body_edits(page, stub, candidate.body)]
    edits += insertions.insert(page, root, items)
    ordered = tuple(sorted(edits, key=lambda edit: edit.start))
    new = apply(text, ordered)
    check_splice(text, new, ordered, items)
    return Splice(ordered, new)


def fill(source: str, body: str) -> str:
    """The source of a helper that is a stub, with a body.

    Raises
    ------
    SpliceError
        The source holds no stub, or several, or the body does not fit into it.
    """
    stubs = find_stubs(source)
    if len(stubs) != 1:
        raise SpliceError(f"A helper must hold one stub to be filled; this one holds {len(stubs)}.")
    return splice(source, [(stubs[0], Candidate(body))]).text


def _check_stubs(text: str, stubs: Sequence[Stub]) -> None:
    present = StubFinder().at(text, {stub.header.start for stub in stubs})
    seen: set[int] = set()
    for stub in stubs:
        if present.get(stub.header.start) != stub:
            raise SpliceError(f"{stub.contract.qualname} is no longer where it was.", "Locate it again.")
        if stub.header.start in seen:
            raise SpliceError(f"There are two candidates for {stub.contract.qualname}.")
        seen.add(stub.header.start)


def body_edits(page: layout.Page, stub: Stub, body: str) -> Iterator[Edit]:
    """The edits that give a stub its body."""
    shape = read_shape(page.code, stub.header.start)
    if shape is None or not body.strip():
        raise SpliceError(f"There is no body for {stub.contract.qualname}.")
    line_end = layout.line_end_at(page.text, stub.header.start)
    block = render(body, stub.body_indent, indent_unit(stub), line_end)
    if not stub.one_line:
        yield from _in_block(page.code, stub, shape, block, line_end)
    elif edit := _on_the_line(page.code, stub, shape, body):
        yield edit
    else:
        docstring = lexer.skip_space(page.code, shape.header.span.end)
        yield Edit(shape.header.span.end, docstring, line_end + stub.body_indent)
        yield _after_docstring(stub, shape, line_end + block)


def _after_docstring(stub: Stub, shape: Shape, text: str) -> Edit:
    """Puts text after the docstring's line, or in the place of what follows the docstring on that line."""
    start = shape.statement_end if shape.placeholders else stub.body.start
    return Edit(start, stub.body.end, text)


def _in_block(code: str, stub: Stub, shape: Shape, block: str, line_end: str) -> Iterator[Edit]:
    if not shape.placeholders:
        yield _after_docstring(stub, shape, line_end + block)
        return
    first, *others = _groups(code, shape.placeholders)
    if code[layout.line_start(code, first.start) : first.start].strip(" \t\f"):
        yield Edit(shape.statement_end, first.end, line_end + block)
    else:
        yield Edit(first.start, first.end, block.removeprefix(stub.body_indent))
    for group in others:
        yield _removal(code, group)


def _groups(code: str, placeholders: Sequence[Span]) -> list[Span]:
    """Placeholders joined where no comment stands between them."""
    groups = [placeholders[0]]
    for span in placeholders[1:]:
        if "#" in code[groups[-1].end : span.start]:
            groups.append(span)
        else:
            groups[-1] = Span(groups[-1].start, span.end)
    return groups


def _removal(code: str, span: Span) -> Edit:
    """Takes placeholders out, with their line if nothing else stands on it."""
    if code[span.end : layout.content_end(code, span.end)].strip(" \t\f"):
        return Edit(span.start, span.end, "")
    start, end = layout.line_start(code, span.start), layout.next_line(code, span.end)
    if code.endswith("\n", start, end):
        return Edit(start, end, "")
    return Edit(layout.content_end(code, layout.line_start(code, start - 1)), span.end, "")


def _on_the_line(code: str, stub: Stub, shape: Shape, body: str) -> Edit | None:
    """The body after a semicolon, if it can stand there and the line stays short."""
    statements = one_liners(body)
    tail = code[shape.statement_end : stub.body.start]
    if not statements or "#" in tail:
        return None
    joined = "; ".join(statements)
    text = joined if shape.placeholders else f" {joined}" if ";" in tail else f"; {joined}"
    start, end = layout.line_start(code, stub.body.end), layout.content_end(code, stub.body.end)
    removed = stub.body.end - stub.body.start
    return Edit(stub.body.start, stub.body.end, text) if end - start - removed + len(text) <= MAX_LINE else None
