"""The functions of the standard library, in every form of a reply: their statements come out as they went in."""

from __future__ import annotations

import argparse
import ast
import configparser
import difflib
import doctest
import functools
import inspect
import json.decoder
import optparse
import pydoc
import tarfile
import textwrap
import zipfile
from pathlib import Path

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from contracting import contract_of
from soa.agents.pieces import is_empty, statements
from soa.agents.replies import Answer, read_reply

MODULES = (argparse, configparser, difflib, doctest, functools, inspect, json.decoder, optparse, pydoc, tarfile,
           textwrap, zipfile)  # fmt: skip


@frozen
class Original:
    """A function of a module, with its own lines."""

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef
    lines: tuple[str, ...]
    """From the first decorator on, as they stand in the file."""
    header: int
    """How many of them are decorators."""
    owner: str


def functions_of(path: Path) -> list[Original]:
    lines = path.read_text(encoding="utf-8").split("\n")
    found = []
    for outer in ast.parse("\n".join(lines)).body:
        for node in outer.body if isinstance(outer, ast.ClassDef) else [outer]:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not is_empty(node):
                start = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
                owner = outer.name if node is not outer else ""
                own = tuple(lines[start : node.end_lineno])
                found.append(Original(node.name, node, own, node.lineno - 1 - start, owner))
    return found


FUNCTIONS = [f for module in MODULES for f in functions_of(Path(module.__file__))]


def stub_of(function: Original) -> str:
    """The stub that such a function leaves when its body is taken out."""
    header = ast.unparse(ast.Module([_emptied(function.node)], []))
    return f"class {function.owner}:\n{textwrap.indent(header, '    ')}\n" if function.owner else header


def _emptied(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt:
    parts = {f: getattr(node, f) for f in node._fields}
    return type(node)(**{**parts, "body": [ast.Expr(ast.Constant("Do."))]}, lineno=1)


def text(function: Original) -> str:
    return "\n".join(function.lines)


def undecorated(function: Original) -> str:
    return "\n".join(function.lines[function.header :])


def undocumented(function: Original) -> str:
    first = function.node.body[0]
    if len(statements(function.node)) == len(function.node.body) or first.lineno == function.node.body[1].lineno:
        return undecorated(function)
    start = function.node.lineno - function.header
    return "\n".join(
        function.lines[function.header : first.lineno - start] + function.lines[first.end_lineno - start + 1 :]
    )


def in_a_list(code: str) -> str:
    return f"1. So:\n\n    ```python\n{textwrap.indent(code, '    ', lambda _: True)}\n    ```\n\n2. Done."


FORMS = {
    "bare": text,
    "without decorators": undecorated,
    "without docstring": undocumented,
    "cut out with decorators": lambda f: text(f).lstrip(),
    "cut out": lambda f: undecorated(f).lstrip(),
    "fenced": lambda f: f"```python\n{text(f)}\n```",
    "tildes": lambda f: f"Yes.\n~~~py\n{undecorated(f)}\n~~~\nNo.",
    "not closed": lambda f: f"It's so:\n```\n{text(f)}",
    "in a list": lambda f: in_a_list(text(f)),
    "between prose": lambda f: f"Here's the (new) function:\n\n{undecorated(f)}\n\nThat's it, don't you think?\n",
    "between code": lambda f: f"import re\n\nclass {f.owner or '_Other'}:\n    x = 1\n"
    + (f"{text(f)}\n" if f.owner else f"\n\n{text(f)}\n\ndef more(): pass\n"),
    "Windows": lambda f: f"```python\n{text(f)}\n```".replace("\n", "\r\n"),
    "shifted": lambda f: text(f) if f.owner else textwrap.indent(text(f), "  ", lambda _: True),
    "thoughts": lambda f: f"<think>\n```\n{text(f)[:200]}\n```\n</think>\n```python\n{text(f)}\n```",
    "draft first": lambda f: f"```\n{text(f)[: len(text(f)) // 2]}\n```\nNo:\n```\n{text(f)}\n```",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=40, deadline=None, database=None)
@given(st.sampled_from(FUNCTIONS))
def test_no_statement_and_no_string_changes(form, function):
    reply = FORMS[form](function)
    answer = read_reply(reply, contract_of(stub_of(function)))
    assert isinstance(answer, Answer), answer.reason
    got = ast.parse(answer.body).body
    assert [ast.dump(s) for s in got] == [ast.dump(s) for s in statements(function.node)]


def test_there_are_enough_of_them():
    assert len(FUNCTIONS) > 800
