"""Asks `ast` whether a slice is the stub it looks like, and reads its contract."""

from __future__ import annotations

import ast
import inspect
import re
from typing import TYPE_CHECKING

from attrs import frozen

from soa.contracts import Contract, Parameter, Span
from soa.source import layout, syntax

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soa.source.outline import Block
    from soa.source.shape import Shape

PlainFunction = ast.FunctionDef | ast.AsyncFunctionDef


@frozen
class _Slice:
    """A parsed slice, kept in its lines so that nodes can be shown as they were written."""

    source: str
    lines: list[str]

    @classmethod
    def of(cls, source: str) -> _Slice:
        return cls(source, layout.LINE_END.split(source))

    def segment(self, node: ast.expr) -> str:
        """The source of an expression."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        lines = self.lines[first : last + 1]
        lines[-1] = _cut(lines[-1], node.end_col_offset or 0)
        return "\n".join(lines)[len(_cut(lines[0], node.col_offset)) :]


def _cut(line: str, octets: int) -> str:
    return line[:octets] if line.isascii() else line.encode("utf-8", "surrogatepass")[:octets].decode("utf-8", "ignore")


def read_contract(page: layout.Page, block: Block, shape: Shape) -> Contract | None:
    """The contract of a stub; None if `ast` does not read its slice as one."""
    text, header = page.text, shape.header.span
    indent = text[layout.line_start(page.code, header.start) : header.start].strip("\ufeff\f")
    opener = f"if 1:\n{indent}" if indent else ""
    source = opener + _without_type_parameters(text, shape)
    function = _only_function(syntax.parse(source))
    docstring = ast.get_docstring(function, clean=False) if function else None
    if function is None or docstring is None or len(function.body) != 1 + len(shape.placeholders):
        return None
    return Contract(
        block.qualname,
        tuple(_normal(text, span, "") for span in block.decorators),
        _normal(text, header, indent),
        inspect.cleandoc(docstring),
        tuple(_parameters(function, _Slice.of(source))),
    )


def _without_type_parameters(text: str, shape: Shape) -> str:
    header, blank = shape.header.span, shape.header.type_parameters
    if blank is None:
        return text[header.start : shape.end]
    return text[header.start : blank.start] + " " + text[blank.end : shape.end]


def _only_function(tree: ast.Module | None) -> PlainFunction | None:
    statements = tree.body if tree else []
    if len(statements) == 1 and isinstance(statements[0], ast.If):
        statements = statements[0].body
    function = statements[0] if len(statements) == 1 else None
    return function if isinstance(function, PlainFunction) else None


def _normal(text: str, span: Span, indent: str) -> str:
    """A piece of source that does not change when the file's line ends or the block's depth do."""
    source = layout.with_line_feeds(text[span.start : span.end])
    return re.sub(rf"\n{re.escape(indent)}", "\n", source) if indent and "\n" in source else source


def _parameters(function: PlainFunction, source: _Slice) -> Iterator[Parameter]:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults)
    for index, argument in enumerate(positional):
        yield _parameter(argument, "positional", index < required, source)
    if arguments.vararg:
        yield _parameter(arguments.vararg, "variadic", False, source)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _parameter(argument, "keyword", default is None, source)
    if arguments.kwarg:
        yield _parameter(arguments.kwarg, "keywords", False, source)


def _parameter(argument: ast.arg, kind: str, required: bool, source: _Slice) -> Parameter:
    annotation = source.segment(argument.annotation) if argument.annotation else ""
    return Parameter(argument.arg, kind, required, annotation)  # type: ignore[arg-type]
