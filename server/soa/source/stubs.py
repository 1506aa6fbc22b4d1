"""Finds the stubs of a text: tree-sitter for the structure, `ast` to confirm each one on its own slice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import define, evolve, field, frozen

from soa.contracts import Contract, Span, Stub
from soa.source import layout, lexer, scan, tree
from soa.source.confirm import read_contract
from soa.source.outline import is_protocol
from soa.source.shape import Shape, read_shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node, Parser, Tree

    from soa.source.outline import Block

IGNORE = re.compile(r"#[ \t]*soa:[ \t]*ignore\b")
COMMENT_LINE = re.compile(r"\r?\n(?:[ \t\f]*\r?\n)*(?P<indent>[ \t\f]*)#[^\n\r]*")
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

    Holds the last syntax tree and what was found in each top-level statement, so that an edit costs about as much as
    the statement it is in.
    """

    _parser: Parser = field(factory=tree.make_parser)
    _tree: Tree | None = None
    _encoded: bytes = b""
    _known: dict[str, _Found] = field(factory=dict)
    """What was found in each top-level statement, by its source."""

    def update(self, text: str) -> tuple[Stub, ...]:
        """The stubs of the text as it is now."""
        root, page = self._parse(text), layout.Page(text)
        if root.has_error:
            self._known = {}
            return tuple(_stubs(page, scan.blocks(page), 0))
        found = list(self._found(page, root))
        self._known = {one.source: one for one in found}
        return tuple(stub for one in found for stub in one.stubs)

    def _found(self, page: layout.Page, root: Node) -> Iterator[_Found]:
        """What each top-level statement holds."""
        line = last = 0
        nodes = [node for node in root.children if node.type != "comment"]
        ends = [*(node.start_byte for node in nodes[1:]), len(page.text)]
        for node, end in zip(nodes, ends, strict=False):
            if node.type in tree.DEFINITIONS or node.type in tree.BODIES:
                offset = node.start_byte
                line, last = line + page.code.count("\n", last, offset), offset
                source = page.text[offset:end]
                known = self._known.get(source)
                if known is None or not known.stands_alone:
                    known = _find(page, node, source, line)
                yield known.moved(offset, line)

    def _parse(self, text: str) -> Node:
        encoded = tree.encode(text)
        if self._tree is not None:
            _edit(self._tree, self._encoded, encoded)
        self._tree = self._parser.parse(encoded, self._tree) if self._tree else self._parser.parse(encoded)
        self._encoded = encoded
        return self._tree.root_node


def _edit(tree: Tree, old: bytes, new: bytes) -> None:
    """Tell a tree what changed, as one replaced range."""
    start = _common_prefix(old, new)
    end = _common_prefix(old[start:][::-1], new[start:][::-1])
    old_end, new_end = len(old) - end, len(new) - end
    tree.edit(start, old_end, new_end, _point(old, start), _point(old, old_end), _point(new, new_end))


def _common_prefix(one: bytes, other: bytes) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _point(data: bytes, offset: int) -> tuple[int, int]:
    return data.count(b"\n", 0, offset), offset - (data.rfind(b"\n", 0, offset) + 1)


@frozen
class _Found:
    """The stubs of one top-level statement."""

    source: str
    """Up to the next statement: what follows the last one of a block counts as well."""
    offset: int
    line: int
    stubs: tuple[Stub, ...]

    @property
    def stands_alone(self) -> bool:
        """Whether the rest of the text does not matter; it does for the indentation of one-line definitions."""
        return not any(stub.one_line for stub in self.stubs)

    def moved(self, offset: int, line: int) -> _Found:
        """The same at another place."""
        if (offset, line) == (self.offset, self.line):
            return self
        stubs = tuple(_shift(stub, offset - self.offset, line - self.line) for stub in self.stubs)
        return _Found(self.source, offset, line, stubs)


def _shift(stub: Stub, offset: int, lines: int) -> Stub:
    def move(span: Span) -> Span:
        return Span(span.start + offset, span.end + offset)

    return evolve(
        stub,
        definition=move(stub.definition),
        header=move(stub.header),
        docstring=move(stub.docstring),
        body=move(stub.body),
        line=stub.line + lines,
    )


def _find(page: layout.Page, node: Node, source: str, line: int) -> _Found:
    offset = node.start_byte
    blocks = tree.definition(page, node) if node.type in tree.DEFINITIONS else tree.blocks(page, node)
    return _Found(source, offset, line, tuple(_stubs(page, blocks, offset, line)))


def _stubs(page: layout.Page, blocks: Iterable[Block], offset: int, line: int = 0) -> Iterator[Stub]:
    """The stubs among blocks in document order; `offset` lies before them, on `line`."""
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
    column = layout.width(code[layout.line_start(code, start) : start])
    end = layout.content_end(code, end)
    while match := COMMENT_LINE.match(code, end):
        if layout.width(match["indent"]) <= column:
            break
        end = match.end()
    return end


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
    return Span(end, end)
