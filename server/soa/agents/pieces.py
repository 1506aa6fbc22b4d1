"""Cutting functions out of source text without changing a character of their strings."""

from __future__ import annotations

import ast
import io
import textwrap
import tokenize
from typing import TypeGuard

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

_STRING_TOKENS = {tokenize.STRING} | {
    getattr(tokenize, name) for name in ("FSTRING_MIDDLE", "TSTRING_MIDDLE") if hasattr(tokenize, name)
}


def parse_block(source: str) -> tuple[ast.Module | None, str, str]:
    """Parse a piece of a reply: the tree or None, the source it belongs to, and what is wrong with it."""
    try:
        return ast.parse(source), source, ""
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        text = (getattr(error, "text", "") or "").strip()
        where = f" (line {line}: {text[:80]})" if line else ""
        return None, source, f"{getattr(error, 'msg', None) or error}{where}."


def dedent_block(source: str) -> str:
    """Take the first code line's indentation off every line that has it; lines of strings may lack it."""
    lines = source.splitlines()
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    indent = first[: len(first) - len(first.lstrip())]
    return "\n".join(line.removeprefix(indent) for line in lines).strip("\n") + "\n"


def string_lines(source: str) -> frozenset[int]:
    """Lines (from 0) that begin inside a string, whose leading white space is therefore content."""
    inside: set[int] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in _STRING_TOKENS and token.end[0] > token.start[0]:
                inside.update(range(token.start[0], token.end[0]))
    except (tokenize.TokenError, SyntaxError):
        return frozenset()
    return frozenset(inside)


def dedent_code(source: str) -> str:
    """`textwrap.dedent` that leaves the inner lines of strings alone."""
    lines = source.split("\n")
    kept = string_lines(textwrap.dedent(source)) or string_lines("if 1:\n" + source)
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    return "\n".join(line if i in kept else line.removeprefix(indent) for i, line in enumerate(lines))


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


def is_function(node: ast.AST) -> TypeGuard[FunctionNode]:
    """Whether a node is a function definition, async or not."""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def body_source(source: str, node: FunctionNode) -> str:
    """The text of a function's body after its docstring, dedented, comments included, without a final line end.

    A comment that trails the last statement on lines of its own is left out.
    """
    inner = statements(node)
    if not inner:
        return ""
    lines = source.split("\n")
    header_end = _line_before_body(source, node)
    if inner[0].lineno - 1 <= header_end:
        return "\n".join(ast.get_source_segment(source, s) or ast.unparse(s) for s in inner)
    last = inner[-1].end_lineno or inner[-1].lineno
    block = lines[header_end + 1 : last]
    while block and not block[0].strip():
        block.pop(0)
    return _aligned(block, inner[0], header_end, lines)


def _line_before_body(source: str, node: FunctionNode) -> int:
    """Line (from 0) on which the docstring ends, or the header if there is none."""
    docstring = docstring_node(node)
    if docstring is not None:
        return (docstring.end_lineno or docstring.lineno) - 1
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.start < (node.lineno, node.col_offset) or token.type != tokenize.OP:
            continue
        depth += (token.string in "([{") - (token.string in ")]}")
        if token.string == ":" and depth == 0:
            return token.start[0] - 1
    return node.lineno - 1


def _aligned(block: list[str], first: ast.stmt, start: int, lines: list[str]) -> str:
    """Dedent the lines of a body by the column of its first statement; lines inside strings stay."""
    indent = lines[first.lineno - 1][: first.col_offset]
    protected = string_lines("\n".join(lines))
    offset = next(i for i in range(start + 1, len(lines)) if lines[i].strip())
    return "\n".join(line if offset + i in protected else _shift(line, indent) for i, line in enumerate(block))


def _shift(line: str, indent: str) -> str:
    """Take `indent` off a line; what stands further left (comments, continuations in brackets) goes flush left."""
    return (line[len(indent) :] if line.startswith(indent) else line.lstrip()).rstrip()
