"""Cutting functions out of source text without changing a character of their strings."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from functools import cached_property
from typing import TYPE_CHECKING, TypeGuard

from attrs import frozen

from soa import syntax_tree
from soa.source import syntax
from soa.source.stubs import NO_STUBS

if TYPE_CHECKING:
    from collections.abc import Iterator

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

_STRING_STARTS = frozenset(
    getattr(tokenize, name) for name in ("FSTRING_START", "TSTRING_START") if hasattr(tokenize, name)
)
_STRING_ENDS = frozenset(getattr(tokenize, name) for name in ("FSTRING_END", "TSTRING_END") if hasattr(tokenize, name))
_INDENTED = re.compile(r"^([ \t]+)(?:@|async[ \t]+def\b|def\b|class\b)", re.MULTILINE)


@frozen
class Block:
    """A piece of a reply that parses; it begins in the first column."""

    source: str
    tree: ast.Module
    closed: bool = False
    """Whether the reply shows where it ends: a fence that was closed."""

    @cached_property
    def lines(self) -> list[str]:
        """The source's lines, without line ends."""
        return self.source.split("\n")

    @cached_property
    def inside(self) -> frozenset[int]:
        """Lines that begin inside a string."""
        return string_lines(self.source)


def parse(source: str) -> ast.Module:
    """The syntax tree of a piece of a reply, with type parameters also where this Python does not know them.

    Raises
    ------
    SyntaxError
        It does not parse, for whatever reason.
    """
    try:
        return syntax_tree.parse(understood(source))
    except (RecursionError, MemoryError):
        raise SyntaxError("it is nested too deeply") from None
    except ValueError as error:
        raise SyntaxError(str(error)) from None


def understood(source: str) -> str:
    """The source without the type parameters that this Python does not know; everything else keeps its place."""
    return source if syntax.KNOWS_TYPE_PARAMETERS else syntax.blank_type_parameters(source)


def read_block(source: str, *, whole: bool = False, closed: bool = False) -> Block | SyntaxError:
    """Read a piece of a reply that may be indented, all of it or all but its first line.

    Parameters
    ----------
    whole
        An indented piece was shifted as a whole, see `unindent`.
    """
    plain = unindent(source, whole=whole)
    try:
        return Block(plain, parse(plain), closed)
    except SyntaxError as error:
        ragged = _with_first_line_indented(plain)
        try:
            return Block(ragged, parse(ragged), closed) if ragged else error
        except SyntaxError:
            return error


def _with_first_line_indented(source: str) -> str:
    """Align a piece that was cut out of a file from its first character on: only the first line is flush."""
    inner = _INDENTED.search(source)
    return unindent(inner.group(1) + source.lstrip("\n")) if inner and source.lstrip().startswith("@") else ""


def unindent(source: str, *, whole: bool = False) -> str:
    """Take the first code line's indentation off all lines that have it.

    Lines inside strings keep theirs, as Python would read them where the piece stands in a file. With `whole` they
    lose it too, unless one of them shows that the piece was not shifted as a whole.
    """
    lines = source.split("\n")
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    indent = first[: len(first) - len(first.lstrip())]
    if not indent:
        return source
    inside = {n - 1 for n in string_lines("if 1:\n" + source)}
    if whole and all(lines[n].startswith(indent) or not lines[n].strip() for n in inside):
        inside = set()
    return "\n".join(line if n in inside else line.removeprefix(indent) for n, line in enumerate(lines))


def string_lines(source: str) -> frozenset[int]:
    """Lines (from 0) that begin inside a string, as far as the source can be split into tokens."""
    inside: set[int] = set()
    opened: list[int] = []
    for token in _tokens(source):
        if token.type == tokenize.STRING:
            inside.update(range(token.start[0], token.end[0]))
        elif token.type in _STRING_STARTS:
            opened.append(token.start[0])
        elif token.type in _STRING_ENDS and opened:
            inside.update(range(opened.pop(), token.end[0]))
    return frozenset(inside)


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(source).readline)
    except (tokenize.TokenError, SyntaxError):
        return


def docstring_node(node: FunctionNode | ast.ClassDef) -> ast.Expr | None:
    """The statement that is a definition's docstring."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first
    return None


def statements(node: FunctionNode) -> list[ast.stmt]:
    """A function's statements without its docstring."""
    return node.body[1:] if docstring_node(node) else node.body


def is_empty(node: FunctionNode) -> bool:
    """Whether nothing but placeholders is left of the body."""
    return all(_is_placeholder(s) for s in statements(node))


def _is_placeholder(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant) and statement.value.value is Ellipsis
    if isinstance(statement, ast.Raise) and statement.exc is not None:
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return False


def is_stub(node: ast.AST) -> bool:
    """Whether a node is a function whose body is still to be written; `pass` alone, without a docstring, is a body."""
    if not is_function(node) or not is_empty(node) or _decorator_names(node) & NO_STUBS:
        return False
    return docstring_node(node) is not None or not all(isinstance(s, ast.Pass) for s in node.body)


def is_overload(node: FunctionNode) -> bool:
    """Whether a function only declares one of the ways in which another can be called."""
    return "overload" in _decorator_names(node)


def _decorator_names(node: FunctionNode) -> set[str]:
    """The last part of each decorator's name."""
    names = (d.func if isinstance(d, ast.Call) else d for d in node.decorator_list)
    return {n.attr if isinstance(n, ast.Attribute) else getattr(n, "id", "") for n in names}


def is_function(node: ast.AST) -> TypeGuard[FunctionNode]:
    """Whether a node is a function definition, async or not."""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def definition_source(block: Block, node: ast.stmt) -> str:
    """The text of a definition or an assignment, decorators included, dedented; lines inside strings stay."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return _segment(block.lines, node)
    start = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
    return _dedented(block, range(start, node.end_lineno or node.lineno), node.col_offset)


def body_source(block: Block, node: FunctionNode) -> str:
    """The text of a function's body after its docstring, dedented, comments included, without a final line end.

    Comments that trail the last statement on lines of their own are left out.
    """
    inner = statements(node)
    if not inner:
        return ""
    before = _line_before_body(block, node)
    first, end = inner[0], inner[-1].end_lineno or inner[-1].lineno
    if first.lineno - 1 > before:
        start = next(n for n in range(before + 1, end) if block.lines[n].strip())
        return _dedented(block, range(start, end), first.col_offset)
    opening = _from_column(block.lines[first.lineno - 1], first.col_offset)
    doc = docstring_node(node)
    rest = _dedented(block, range(first.lineno, end), doc.col_offset if doc else 0)
    return "\n".join([opening, rest]) if rest else opening


def _line_before_body(block: Block, node: FunctionNode) -> int:
    """Line (from 0) on which the docstring ends, or the header if there is none."""
    docstring = docstring_node(node)
    if docstring is not None:
        return (docstring.end_lineno or docstring.lineno) - 1
    depth = 0
    for token in _tokens("\n".join(block.lines[node.lineno - 1 : node.body[0].end_lineno])):
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
            if token.string == ":" and depth == 0:
                return node.lineno + token.start[0] - 2
    return node.lineno - 1


def _dedented(block: Block, numbers: range, columns: int) -> str:
    """Lines without so many columns; what stands further left goes flush left, lines inside strings stay.

    White space at the end of a line is kept only where it is part of a string.
    """
    taken = []
    for n in numbers:
        line = block.lines[n] if n in block.inside else _shift(block.lines[n], columns)
        taken.append(line if n + 1 in block.inside else line.rstrip())
    return "\n".join(taken)


def _shift(line: str, columns: int) -> str:
    line = line.lstrip("\f")
    return line[columns:] if not line[:columns].strip() else line.lstrip()


def _segment(lines: list[str], node: ast.stmt) -> str:
    """The text of a statement without what else stands on its lines."""
    taken = lines[node.lineno - 1 : node.end_lineno]
    taken[-1] = _to_column(taken[-1], node.end_col_offset or 0)
    taken[0] = _from_column(taken[0], node.col_offset)
    return "\n".join(taken)


def _from_column(line: str, octets: int) -> str:
    return line.encode("utf-8", "surrogatepass")[octets:].decode("utf-8", "surrogatepass")


def _to_column(line: str, octets: int) -> str:
    return line.encode("utf-8", "surrogatepass")[:octets].decode("utf-8", "surrogatepass")
