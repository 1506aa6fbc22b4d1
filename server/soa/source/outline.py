"""The functions and classes of a text and how they are nested, also while parts of the text do not parse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from soa.contracts import Scope, Span
from soa.source import layout, lexer

if TYPE_CHECKING:
    from collections.abc import Iterator

CLASS_HEAD = re.compile(r"class(?:[ \t\f]|\\\r?\n)+[^\W\d]\w*(?:[ \t\f]|\\\r?\n)*")


@frozen
class Block:
    """A function or class."""

    kind: Literal["function", "class"]
    name: str
    qualname: str
    start: int
    """Where its first decorator begins, or else its header."""
    header: int
    """Where `def`, `async def` or `class` begins."""
    end: int
    """Where its last statement ends."""
    decorators: tuple[Span, ...] = ()
    """Each without its `@`."""
    parent: Block | None = None
    """What encloses it directly."""

    @property
    def scope(self) -> Scope:
        """The kind of what encloses it directly."""
        return self.parent.kind if self.parent else "module"

    @property
    def ancestors(self) -> Iterator[Block]:
        """What encloses it, from the inside out."""
        block = self.parent
        while block:
            yield block
            block = block.parent


def qualify(parent: Block | None, name: str) -> str:
    """The qualified name of something called `name` inside `parent`."""
    return f"{parent.qualname}.{name}" if parent else name


def class_header(code: str, start: int) -> tuple[Span, Span | None]:
    """The header of the class at `start`, to after its colon, and what stands between its parentheses."""
    head = CLASS_HEAD.match(code, start)
    offset, arguments = (head.end() if head else start), None
    if code.startswith("[", offset):
        offset = lexer.skip_space(code, max(offset, lexer.close_bracket(code, offset)))
    if code.startswith("(", offset):
        close = lexer.close_bracket(code, offset)
        end = close if close >= 0 else layout.content_end(code, offset)
        arguments, offset = Span(offset + 1, close - 1 if close >= 0 else end), end
    colon = lexer.find_on_line(code, offset, "colon")
    return Span(start, colon + 1 if colon >= 0 else layout.content_end(code, offset)), arguments


def bases(page: layout.Page, block: Block) -> tuple[str, ...]:
    """The source of each positional base of a class; keyword arguments such as `metaclass=` are left out."""
    arguments = class_header(page.code, block.header)[1] if block.kind == "class" else None
    if arguments is None:
        return ()
    parts = split_at_commas(page.code, arguments)
    sources = (page.text[p.start : p.end].strip() for p in parts)
    return tuple(s for s in sources if s and not re.match(r"\w+\s*=[^=]|\*\*", s))


def split_at_commas(code: str, span: Span) -> list[Span]:
    """The parts of an argument list."""
    parts, start, depth = [], span.start, 0
    for token in re.finditer(
        rf"{lexer.STRING_BODY}|\#[^\n]*|[(\[{{]|[)\]}}]|,", code[span.start : span.end], re.DOTALL
    ):
        if token[0] in "([{":
            depth += 1
        elif token[0] in ")]}":
            depth -= 1
        elif token[0] == "," and depth == 0:
            parts.append(Span(start, span.start + token.start()))
            start = span.start + token.end()
    return [*parts, Span(start, span.end)]


def is_protocol(page: layout.Page, block: Block) -> bool:
    """Whether a class says itself that it is a protocol."""
    return any(base.partition("[")[0].rpartition(".")[2].strip() == "Protocol" for base in bases(page, block))
