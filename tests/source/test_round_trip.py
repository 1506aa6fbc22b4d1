"""Bodies taken out, put back and taken out again leave a file as it was, byte for byte."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soa.contracts import Candidate
from soa.source.bodies import render
from soa.source.splice import splice
from soa.source.stubs import find_stubs

LINE = re.compile(r"\r\n|\r|\n")
MODULES = (
    "argparse", "bisect", "calendar", "configparser", "csv", "dataclasses", "difflib", "fractions", "functools", "gzip",
    "heapq", "html.parser", "inspect", "ipaddress", "mailbox", "tarfile", "random", "shlex", "statistics", "string",
    "textwrap", "typing", "zipfile",
)  # fmt: skip


def functions(tree):
    """The documented functions that have a body below their docstring and are not inside another one, in order."""
    found = []

    def visit(node):
        for child in ast.iter_child_nodes(node):
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_function and ast.get_docstring(child, clean=False) is not None and has_body(child):
                found.append(child)
            else:
                visit(child)

    visit(tree)
    return found


def has_body(function):
    docstring, *rest = function.body
    names = {ast.unparse(d).rpartition(".")[2] for d in function.decorator_list}
    placeholders = [ast.Pass, ast.Raise]
    real = [s for s in rest if type(s) not in placeholders and ast.unparse(s) != "..."]
    return bool(real) and rest[0].lineno > docstring.end_lineno and not names & {"abstractmethod", "overload"}


def string_lines(tree):
    """Lines, from 0, that begin inside a string."""
    strings = [n for n in ast.walk(tree) if isinstance(n, ast.JoinedStr | ast.Constant)]
    return {line for n in strings for line in range(n.lineno, n.end_lineno)}


def take_out(text):
    """The text without documented bodies, and those bodies, dedented."""
    tree = ast.parse(text)
    lines, ends = LINE.split(text), [*LINE.findall(text), ""]
    inside, gone, bodies = string_lines(tree), set(), []
    for function in functions(tree):
        docstring = function.body[0]
        indent = lines[docstring.lineno - 1][: docstring.col_offset]
        numbers = range(docstring.end_lineno, function.end_lineno)
        gone.update(numbers)
        bodies.append("\n".join(dedented(lines[n], indent, n in inside) for n in numbers).strip("\n"))
    stubbed = "".join(line + end for n, (line, end) in enumerate(zip(lines, ends, strict=True)) if n not in gone)
    return stubbed, bodies


def dedented(line, indent, is_inside):
    if is_inside:
        return line
    return line.removeprefix(indent) if line.startswith(indent) else line.lstrip()


def put_back(stubbed, bodies):
    """Splice the bodies into the stubs that are left where they came from."""
    names = [f.lineno for f in documented_stubs(ast.parse(stubbed))]
    stubs = [s for s in find_stubs(stubbed) if s.line + 1 in names]
    assert len(stubs) == len(bodies)
    return splice(stubbed, [(s, Candidate(b)) for s, b in zip(stubs, bodies, strict=True)]).text


def documented_stubs(tree):
    """Functions that consist of nothing but their docstring, and are no overload or abstract method."""
    nodes = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and len(n.body) == 1]
    return [n for n in nodes if ast.get_docstring(n, clean=False) is not None]


@pytest.mark.parametrize("name", MODULES)
def test_standard_library(name):
    path = Path(inspect.getsourcefile(importlib.import_module(name)))
    text = path.read_bytes().decode()
    original_stubs = len(documented_stubs(ast.parse(text)))
    stubbed, bodies = take_out(text)
    assert bodies
    if original_stubs:
        pytest.skip("has functions that are docstrings only")
    filled = put_back(stubbed, bodies)
    assert ast.dump(ast.parse(filled)) == ast.dump(ast.parse(text))
    assert take_out(filled)[0] == stubbed
    comments = re.findall(r"^#.*", stubbed, re.MULTILINE)
    assert re.findall(r"^#.*", filled, re.MULTILINE) == comments


DOCSTRINGS = (
    '"""Doc."""',
    'r"""Doc \\d.\n\n{0}>>> f(1)\n{0}1\n{0}"""',
    "'Dóc \N{PILE OF POO}'",
    "\"Doc\" \\\n{0}  'more'",
    '("Doc"\n{0} "more")',
    '"""Doc."""  # why',
)
BODIES = (
    "return 1",
    "x = 1\n\n# why\nif x:\n    # deeper\n    return (\n        x\n    )\nreturn {\n  1: 2,\n}",
    's = """\na\n    b\n\tc\n"""\nreturn s',
    "for é in x:\n    while é:\n        yield '\N{PILE OF POO}'\n    else:\n        yield (\n1)",
    "def inner():\n    '''Doc.\n\n    More.\n    '''\n    return f'''\n{x}\n'''\nreturn inner",
    "return 1 + \\\n    2",
    "pass\nreturn",
)
TAILS = ("", "{0}# after\n", "\n", "\n{0}# after\n\n", "# flush\n")
BETWEEN = (
    "", "\n\n", "X = 1\n", "# comment\n", "import os\n\n", "Y = '''\nz\n'''\n", "\x0c\n", "é = {\n'a': 1}\n",
)  # fmt: skip


@st.composite
def module(draw):
    """A module's text with stubs, and a body for each of them."""
    unit = draw(st.sampled_from(["    ", "  ", "\t", " "]))
    text, bodies = draw(st.sampled_from(['"""Module."""\n', "", "#!x\n# coding: utf-8\n\n"])), []
    for number in range(draw(st.integers(1, 4))):
        text += draw(st.sampled_from(BETWEEN))
        opener = draw(st.sampled_from(["", "class A{}:\n", "if x:\n", "try:\n", "@a.b(\n1\n)\nclass A{}(B):\n"]))
        depth = unit if opener else ""
        text += opener.format(number)
        for method in range(draw(st.integers(1, 2)) if opener else 1):
            body = draw(st.sampled_from(BODIES))
            bodies.append(body)
            decorator = draw(st.sampled_from(["", f"{depth}@property\n", f"{depth}@d(\n1)  # x\n"]))
            header = draw(
                st.sampled_from(["def f{}{}(x):", "def f{}{}(\n x,\n):  # y", "async def  f{}{} (x) -> 'a:b' :"])
            )
            docstring = draw(st.sampled_from(DOCSTRINGS)).format(depth + unit)
            text += f"{decorator}{depth}{header.format(number, method)}\n{depth}{unit}{docstring}\n"
            text += draw(st.sampled_from(TAILS)).format(depth + unit)
        text += "except E: pass\n" if opener == "try:\n" else ""
    return text, bodies, unit


@settings(deadline=None, max_examples=200)
@given(
    module(),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "\ufeff"]),
    st.booleans(),
    st.sampled_from(["", "\nx = (\n", "\ndef\n"]),
)
def test_random_modules(made, line_end, mark, final, broken):
    text, bodies, unit = made
    text = text + broken
    text = mark + (text if final or broken else text.rstrip("\n")).replace("\n", line_end)
    stubs = find_stubs(text)
    assert len(stubs) == len(bodies)
    result = splice(text, [(s, Candidate(b)) for s, b in zip(stubs, bodies, strict=True)])
    assert find_stubs(result.text) == ()
    again = result.text
    for stub, body in reversed(list(zip(stubs, bodies, strict=True))):
        at = stub.body.start + sum(len(e.text) for e in result.edits if e.start < stub.body.start)
        inserted = line_end + render(body, stub.body_indent, unit, line_end)
        assert again[at : at + len(inserted)] == inserted
        again = again[:at] + again[at + len(inserted) :]
    assert again == text
    if not broken:
        ast.parse(result.text.removeprefix("\ufeff"))


@settings(deadline=None, max_examples=100)
@given(module(), st.data())
def test_bodies_come_back_from_the_syntax_tree(made, data):
    text, bodies, _ = made
    stubs = find_stubs(text)
    chosen = data.draw(st.integers(0, len(stubs) - 1))
    after = splice(text, [(stubs[chosen], Candidate(bodies[chosen]))]).text
    nodes = [n for n in ast.walk(ast.parse(after)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    name = stubs[chosen].contract.name
    node = next(n for n in nodes if n.name == name)
    header = "async def" if stubs[chosen].contract.is_async else "def"
    indented = re.sub(r"^", " ", bodies[chosen], flags=re.MULTILINE)
    if '"""' not in indented and "'''" not in indented:
        expected = ast.parse(f"{header} f():\n{indented}").body[0].body
        assert [ast.dump(n) for n in node.body[1:]] == [ast.dump(n) for n in expected]
