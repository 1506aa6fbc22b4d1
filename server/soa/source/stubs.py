"""Finds the stubs of a text: tree-sitter for the structure, `ast` to confirm each one on its own slice."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from soa.contracts import Contract, Span, Stub
from soa.source import layout, lexer, parts, scan, tree
from soa.source.confirm import read_contract
from soa.source.outline import is_protocol
from soa.source.shape import Shape, read_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from tree_sitter import Parser

    from soa.source.outline import Block

IGNORE = re.compile(r"#[ \t]*soa:[ \t]*ignore\b")
REMARK = re.compile(r"#[ \t]*soa:")
COMMENT_LINE = re.compile(r"\r?\n(?:[ \t\f]*\r?\n)*(?P<indent>[ \t\f]*)(?P<comment>#[^\n\r]*)")
NO_STUBS = frozenset(("overload", "abstractmethod", "abstractproperty", "abstractclassmethod", "abstractstaticmethod"))


def find_stubs(text: str) -> tuple[Stub, ...]:
    """The stubs of a Python text in document order, also while other parts of it do not parse.

    A stub is a function or method whose body is its docstring, optionally followed by `...`, `pass` or
    `raise NotImplementedError`. Overloads, abstract methods, members of a protocol and bodies with a comment
    `# soa: ignore` are none.
    """
    return StubFinder().update(text)


def locate(text: str, contract: Contract, nth: int = 0) -> Stub | None:
    """Where the stub with this contract stands now; `nth` counts stubs whose contracts are the same."""
    digest = contract.digest
    same = [stub for stub in find_stubs(text) if stub.contract.digest == digest]
    return same[nth] if 0 <= nth < len(same) else None


@define
class StubFinder:
    """Finds stubs again and again in a text that changes a little each time.

    Holds what was found in each part of the text, so that an edit costs about as much as the part it is in.
    """

    _parser: Parser = field(factory=tree.make_parser)
    _known: dict[str, _Part] = field(factory=dict)
    """The parts of the text, by their source."""

    def update(self, text: str) -> tuple[Stub, ...]:
        """The stubs of the text as it is now."""
        page = layout.Page(text)
        starts = parts.cuts(page.code)
        found = seen = self._read(page, starts)
        doubtful = next((part.offset for part in found if not part.closed), None)
        if doubtful is not None:
            found = self._read(page, parts.uncut_strings(page.code, starts, doubtful))
            seen = [*seen, *found]
        self._known = {part.source: part for part in seen}
        return tuple(stub for part in found for stub in part.stubs)

    def at(self, text: str, places: Collection[int]) -> dict[int, Stub]:
        """The stubs whose `def` stands at one of some places; only the parts around these are read."""
        page = layout.Page(text)
        starts = parts.uncut_strings(page.code, parts.cuts(page.code))
        found = self._read(page, starts, lambda start, end: any(start <= place < end for place in places))
        stubs = (stub for part in found for stub in part.stubs)
        return {stub.header.start: stub for stub in stubs if stub.header.start in places}

    def _read(
        self, page: layout.Page, starts: list[int], wanted: Callable[[int, int], bool] = lambda start, end: True
    ) -> list[_Part]:
        found: list[_Part] = []
        line = last = 0
        for start, end in pairwise((*starts, len(page.text))):
            if not wanted(start, end):
                continue
            line, last = line + page.code.count("\n", last, start), start
            source = page.text[start:end]
            known = self._known.get(source) or self._find(source)
            self._known[source] = part = known.moved(page, start, line)
            found.append(part)
        return found

    def _find(self, source: str) -> _Part:
        page = layout.Page(source)
        root = self._parser.parse(tree.encode(source)).root_node
        blocks = scan.blocks(page) if root.has_error else tree.blocks(page, root)
        return _Part(source, not root.has_error or scan.closes(page.code), tuple(_stubs(page, blocks)))


@frozen
class _Part:
    """The stubs of a part of a text, where it stood last."""

    source: str
    closed: bool
    """Whether every string that begins in it ends in it."""
    stubs: tuple[Stub, ...]
    offset: int = 0
    line: int = 0

    def moved(self, page: layout.Page, offset: int, line: int) -> _Part:
        """The same at another place; the text around it matters to the indentation of one-line definitions."""
        by, lines = offset - self.offset, line - self.line
        if by == lines == 0 and not any(stub.one_line for stub in self.stubs):
            return self
        return _Part(self.source, self.closed, tuple(_moved(s, page, by, lines) for s in self.stubs), offset, line)


def _moved(stub: Stub, page: layout.Page, by: int, lines: int) -> Stub:
    return Stub(
        stub.contract,
        stub.scope,
        _shift(stub.definition, by),
        _shift(stub.header, by),
        _shift(stub.docstring, by),
        _shift(stub.body, by),
        stub.indent,
        stub.indent + page.unit if stub.one_line else stub.body_indent,
        stub.line + lines,
        stub.one_line,
    )


def _shift(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def _stubs(page: layout.Page, blocks: Iterable[Block]) -> Iterator[Stub]:
    """The stubs among blocks in document order."""
    offset = line = 0
    for block in blocks:
        shape = read_shape(page.code, block.header) if block.kind == "function" else None
        if shape is None or _is_excluded(page, block, shape):
            continue
        contract = read_contract(page, block, shape)
        if contract:
            line, offset = line + page.code.count("\n", offset, block.header), block.header
            yield _place(page, block, shape, contract, line)


def _is_excluded(page: layout.Page, block: Block, shape: Shape) -> bool:
    if any(_last_name(page.text[d.start : d.end]) in NO_STUBS for d in block.decorators):
        return True
    if block.parent and block.parent.kind == "class" and is_protocol(page, block.parent):
        return True
    return _is_ignored(page.code, shape)


def _last_name(decorator: str) -> str:
    """`overload` of `typing.overload`."""
    return decorator.partition("(")[0].rpartition(".")[2].strip()


def _is_ignored(code: str, shape: Shape) -> bool:
    """Whether a comment of the definition says so; what the docstring says does not count."""
    header = IGNORE.search(code, shape.header.span.start, shape.docstring.start)
    return bool(header or IGNORE.search(code, shape.docstring.end, body_end(code, shape.header.span.start, shape.end)))


def body_end(code: str, start: int, end: int) -> int:
    """Where the last comment ends that still belongs to a function's body, in a plain text.

    Parameters
    ----------
    code
        The text.
    start, end
        Of the definition, from `def` to its last statement.
    """
    end = layout.content_end(code, end)
    return max((match.end() for match in _comments(code, start, end)), default=end)


def _comments(code: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The comment lines after the line that ends at `end`, as far as they stand deeper than the `def` at `start`."""
    column = layout.width(code[layout.line_start(code, start) : start])
    while match := COMMENT_LINE.match(code, end):
        if layout.width(match["indent"]) <= column:
            break
        yield match
        end = match.end()


def _place(page: layout.Page, block: Block, shape: Shape, contract: Contract, line: int) -> Stub:
    header = shape.header.span
    indent = page.code[layout.line_start(page.code, header.start) : header.start]
    first = layout.line_start(page.code, lexer.skip_wide_space(page.code, header.end))
    body_indent = page.code[first : lexer.skip_space(page.code, first)]
    return Stub(
        contract,
        block.scope,
        Span(block.start, shape.end),
        header,
        shape.docstring,
        _body(page.code, shape),
        indent.replace("\f", ""),
        indent.replace("\f", "") + page.unit if shape.one_line else body_indent.replace("\f", ""),
        line,
        shape.one_line,
    )


def _body(code: str, shape: Shape) -> Span:
    if shape.placeholders:
        return Span(shape.placeholders[0].start, shape.placeholders[-1].end)
    end = layout.content_end(code, shape.statement_end)
    if not shape.one_line:
        comments = _comments(code, shape.header.span.start, end)
        end = max((m.end() for m in comments if REMARK.match(m["comment"])), default=end)
    return Span(end, end)
