"""Brings code that an agent wrote into the layout of the file it goes into."""

from __future__ import annotations

import ast
import io
import tokenize
from typing import TYPE_CHECKING

from attrs import define, field

from soa.errors import SpliceError
from soa.source import layout, syntax

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soa.contracts import Stub

STRING_OPENERS = frozenset(
    getattr(tokenize, name) for name in ("FSTRING_START", "TSTRING_START") if hasattr(tokenize, name)
)
STRING_CLOSERS = frozenset(
    getattr(tokenize, name) for name in ("FSTRING_END", "TSTRING_END") if hasattr(tokenize, name)
)
QUIET = frozenset((tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER))


@define
class _Lines:
    """What tokens say about the lines of a source, counted from 0."""

    inside: set[int] = field(factory=set)
    """Lines that begin inside a string."""
    levels: dict[int, list[str]] = field(factory=dict)
    """The indentations that are open on each line that begins a statement, outermost first."""
    comments: bool = False


def indent_unit(stub: Stub) -> str:
    """One level of indentation where the stub stands."""
    return stub.body_indent.removeprefix(stub.indent)


def render(source: str, indent: str, unit: str, line_end: str, *, docstrings: bool = False) -> str:
    """A dedented source, indented in the style of a file; lines inside strings stay as they are.

    Parameters
    ----------
    source
        Statements, dedented, without a final line end.
    indent
        White space before each of the outermost statements.
    unit
        One level of indentation in the file; it replaces the source's own.
    line_end
        Line end of the file, also within strings: Python reads each as a line feed.
    docstrings
        Whether the lines of a docstring move along with its definition.

    Raises
    ------
    SpliceError
        The source cannot be split into tokens.
    """
    source = layout.with_line_feeds(source).strip("\n")
    lines = source.split("\n")
    known = _read_lines(source)
    kept = known.inside - (_docstring_lines(source, lines) if docstrings else set())
    moved = _Mover(indent, unit, known.levels)
    return line_end.join(line if n in kept else moved.move(n, line) for n, line in enumerate(lines))


@define
class _Mover:
    """Replaces the white space before lines, in their order."""

    indent: str
    unit: str
    levels: dict[int, list[str]]
    _open: list[str] = field(factory=lambda: [""])
    """The indentations open on the statement before."""

    def move(self, number: int, line: str) -> str:
        """The line with its new indentation; nothing for white space alone."""
        code = line.lstrip(" \t\f")
        if not code:
            return ""
        old = line[: len(line) - len(code)]
        self._open = self.levels.get(number, self._open)
        if number not in self.levels and code.startswith("#"):
            return self._shift(old, self._following(number, old)) + code
        return self._shift(old, self._open) + code

    def _following(self, number: int, old: str) -> list[str]:
        """The indentations of the statement after a comment, if it stands as deep as that."""
        after = next((levels for n, levels in self.levels.items() if n > number), self._open)
        return after if after[-1] == old else self._open

    def _shift(self, old: str, levels: list[str]) -> str:
        depth = max(i for i, level in enumerate(levels) if old.startswith(level))
        return self.indent + self.unit * depth + old[len(levels[depth]) :]


def _read_lines(source: str) -> _Lines:
    found, stack, opened, fresh = _Lines(), [""], [], True
    for token in _tokens(source):
        first, last = token.start[0] - 1, token.end[0] - 1
        if token.type == tokenize.INDENT:
            stack.append(token.string)
        elif token.type == tokenize.DEDENT:
            stack.pop()
        elif token.type in STRING_OPENERS:
            opened.append(first)
        elif token.type in STRING_CLOSERS:
            found.inside.update(range(opened.pop() + 1, last + 1))
        elif token.type == tokenize.STRING:
            found.inside.update(range(first + 1, last + 1))
        found.comments = found.comments or token.type == tokenize.COMMENT
        if fresh and token.type not in QUIET:
            found.levels[first] = list(stack)
        fresh = token.type == tokenize.NEWLINE or (fresh and token.type in QUIET)
    return found


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(source + "\n").readline)
    except (tokenize.TokenError, SyntaxError) as error:
        raise SpliceError(f"The code to insert is not Python: {error.args[0]}.") from None


def _docstring_lines(source: str, lines: list[str]) -> set[int]:
    """Lines of docstrings that stand no further left than the docstring itself."""
    found: set[int] = set()
    tree = syntax.parse(source)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(node):
            string = node.body[0]
            inner = range(string.lineno, string.end_lineno or string.lineno)
            if all(lines[n].startswith(" " * string.col_offset) or not lines[n].strip() for n in inner):
                found.update(inner)
    return found


def one_liners(source: str) -> list[str] | None:
    """The statements of a body if each can follow a semicolon: no compound one, no comment, no line break."""
    module = syntax.parse(source)
    lines = layout.with_line_feeds(source).strip("\n").split("\n")
    if module is None or _read_lines(source).comments or not all(_is_one_liner(s) for s in module.body):
        return None
    return [segment for s in module.body if (segment := ast.get_source_segment("\n".join(lines), s))]


def _is_one_liner(statement: ast.stmt) -> bool:
    return statement.lineno == statement.end_lineno and not hasattr(statement, "body")
