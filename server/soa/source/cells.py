"""The Python cells of a notebook as one module: what would run when it is imported is left out, line by line.

Kept are imports, definitions, and assignments of plain values. What is left out leaves blank lines, so that every line
stays where it is in its cell; contracts stay as they are.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from attrs import define, frozen

from soa.source import layout, lexer, outline, plain_values, scan, syntax
from soa.source.stubs import body_end, find_stubs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soa.contracts import Stub
    from soa.source.outline import Block

CELL_MAGIC = re.compile(r"\s*%%(?P<name>\w+)[^\n]*")
PYTHON_MAGICS = frozenset(("capture", "prun", "time", "timeit"))
"""Cell magics whose cells are Python all the same."""
MAGIC = re.compile(
    rf"{lexer.STRING_BODY}|\#[^\n]*|(?P<magic>^[ \t]*"
    r"(?:%[%\w]|!(?!=)|\?|[\w, \t]+=[ \t]*(?:%\w|!(?!=))|[\w.]+\?{1,2}[ \t]*$)[^\n]*)",
    re.DOTALL | re.MULTILINE,
)
"""Lines that IPython reads and Python does not, outside of strings: `%cd x`, `!ls`, `files = !ls`, `?len`, `len?`."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@define
class _Piece:
    """A statement of a cell."""

    node: ast.stmt
    first: int
    last: int
    """Its lines, from 0; the last one included."""
    holds_stub: bool
    kept: bool = True


@frozen
class _Cell:
    """A cell as Python, with as many lines as it has."""

    lines: list[str]
    pieces: list[_Piece]


def compose(sources: Sequence[str]) -> str:
    """One module of the Python cells of a notebook, given in order; lines end in line feeds.

    Imports from `__future__` move to a line of their own above everything else. A cell that does not parse keeps its
    stubs only. Where cells define what is a stub in another way too, the stub stays; what needs a name that is not
    there is left out, stubs excepted.
    """
    cells = [_read(source) for source in sources]
    pieces = [piece for cell in cells for piece in cell.pieces]
    future = {name for piece in pieces for name in _future_names(piece.node)}
    _choose(pieces)
    head = [f"from __future__ import {', '.join(sorted(future))}"] if future else []
    return "".join(f"{line}\n" for line in (*head, *(line for cell in cells for line in _rendered(cell))))


def _choose(pieces: Sequence[_Piece]) -> None:
    """Decide of each statement whether it is kept."""
    imported = plain_values.imported(piece.node for piece in pieces)
    stubs = frozenset(name for p in pieces if p.holds_stub for name in plain_values.bound(p.node))
    there: set[str] = set()
    for piece in pieces:
        names = plain_values.bound(piece.node)
        replaced = bool(names) and names <= stubs
        complete = "*" in there or plain_values.needed(piece.node) <= there
        plain = plain_values.is_plain(piece.node, imported) and not _future_names(piece.node)
        piece.kept = piece.holds_stub or (plain and complete and not replaced)
        there |= names if piece.kept else frozenset()


def _future_names(node: ast.stmt) -> tuple[str, ...]:
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return tuple(alias.name for alias in node.names)
    return ()


def _rendered(cell: _Cell) -> list[str]:
    """The lines of a cell, blank where nothing is kept."""
    lines = list(cell.lines)
    for group in _on_common_lines(cell.pieces):
        if all(piece.kept for piece in group):
            continue
        first, last = group[0].first, group[-1].last
        whole = "\n".join(cell.lines)
        kept = "; ".join(filter(None, (ast.get_source_segment(whole, p.node) for p in group if p.kept)))
        lines[first : last + 1] = [*kept.split("\n"), *[""] * (last - first - kept.count("\n"))]
    return lines


def _on_common_lines(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """Statements, those together that share a line."""
    group: list[_Piece] = []
    for piece in pieces:
        if group and piece.first > group[-1].last:
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _read(text: str) -> _Cell:
    """A cell as the first of its readings that parses: as it is, without magics, its stubs only."""
    source = layout.with_line_feeds(text)
    source = source.removesuffix("\n")
    magic = CELL_MAGIC.match(source)
    if magic and magic["name"] not in PYTHON_MAGICS:
        source = _blank(source)
    elif magic:
        source = _blank(magic[0]) + source[magic.end() :]
    for reading in _readings(source):
        tree = syntax.parse(reading)
        if tree is not None:
            return _Cell(reading.split("\n"), _pieces(tree, reading))
    return _Cell(_blank(source).split("\n"), [])


def _readings(source: str) -> Iterator[str]:
    yield source
    yield MAGIC.sub(lambda found: _quiet(found[0]) if found["magic"] else found[0], source)
    stubs = find_stubs(source)
    yield _only(source, stubs)
    yield _only(source, [stub for stub in stubs if not stub.indent])


def _quiet(magic: str) -> str:
    """A statement that does nothing where a magic stood."""
    return magic[: len(magic) - len(magic.lstrip())] + "pass"


def _blank(text: str) -> str:
    return "\n" * text.count("\n")


def _pieces(tree: ast.Module, source: str) -> list[_Piece]:
    stubs = {stub.line for stub in find_stubs(source)}
    found = []
    for node in tree.body:
        decorators = node.decorator_list if isinstance(node, Definition) else []
        first = min([node.lineno, *(d.lineno for d in decorators)]) - 1
        last = (node.end_lineno or node.lineno) - 1
        found.append(_Piece(node, first, last, any(first <= line <= last for line in stubs)))
    return found


def _only(source: str, stubs: Sequence[Stub]) -> str:
    """The lines of stubs, and of the headers of the classes around them."""
    page = layout.Page(source)
    blocks = {block.header: block for block in scan.blocks(page)}
    kept: set[int] = set()
    for stub in stubs:
        end = body_end(page.code, stub.header.start, stub.definition.end)
        spans = [(stub.definition.start, end), *_class_headers(page, blocks.get(stub.header.start))]
        for start, stop in spans:
            kept.update(range(source.count("\n", 0, start), source.count("\n", 0, stop) + 1))
    return "\n".join(line if number in kept else "" for number, line in enumerate(source.split("\n")))


def _class_headers(page: layout.Page, block: Block | None) -> Iterator[tuple[int, int]]:
    for around in block.ancestors if block else ():
        if around.kind == "class":
            yield around.start, outline.class_header(page.code, around.header)[0].end
