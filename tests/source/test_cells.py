"""The cells of a notebook as one module: what is kept, what is left out, and that nothing moves."""

from __future__ import annotations

import ast
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soa.source.cells import compose
from soa.source.stubs import find_stubs

STUB = 'def total(xs):\n    """Add up.\n\n    >>> total([1, 2])\n    3\n    """\n'


def kept(*cells: str) -> str:
    """What is kept of cells, without blank lines."""
    text = compose([textwrap.dedent(cell) for cell in cells])
    ast.parse(text)
    return "\n".join(line for line in text.splitlines() if line.strip())


KEPT = {
    "imports": "import os\nfrom re import compile as c, match\nfrom math import *",
    "definitions": "async def f():\n    return await g()\n@dec\ndef h(x=1): return x\nclass A:\n    x = 1",
    "plain values": 'X = 1\nY: int = -X\nZ: str\nA, (b, *C) = [1, {"k": (X, None)}]\nD = f"{X!r} {Y:>3}"\nX += Y',
    "values of expressions": "X = [1, 2]\nY = X[0] if X else not X\nZ = X[1:] + [i for i in X]\nF = lambda x: print(x)",
    "makers": 'import re, os.path\nfrom collections import namedtuple as n\nP = re.compile("x")\nQ = n("Q", "a b")\n'
    'R = os.path.join("a", "b")\nS = frozenset(range(3))\nT = "a b".split()',
    "a choice of imports": "try:\n    import tomllib\nexcept ImportError:\n    tomllib = None",
    "a choice of values": "import sys\nif sys.version_info > (3,):\n    X = 1\nelse:\n    X = 2",
    "comments": "# why\nX = 1  # because",
}
LEFT_OUT = {
    "calls": "print(1)\nplt.show()\nx = load()\nx.y = 1\nx[0] = 2\nx",
    "blocks": "for i in range(3):\n    X = i\nwhile False:\n    pass\nwith open('f') as f:\n    Y = f",
    "choices that do something": "try:\n    x = load()\nexcept OSError:\n    x = None\nif main():\n    x = 1",
    "what only looks plain": "x = (y := 1)\nx = [print(i) for i in 'ab']\nx = {**load()}\ndel x\nassert True\n'text'",
    "top level await": "await main()\nx = await main()\nasync for i in x: pass",
    "own functions": "import re\nx = re.sub\ndef re(): ...\nopen('f')\nx = eval('1')",
}


@pytest.mark.parametrize("cell", KEPT.values(), ids=KEPT)
def test_what_only_gives_names_is_kept(cell):
    there = "from x import dec\n" if "@dec" in cell else ""
    assert kept(there + cell) == there + cell


@pytest.mark.parametrize("cell", list(LEFT_OUT.values())[:-1], ids=list(LEFT_OUT)[:-1])
def test_what_does_something_is_left_out(cell):
    assert kept(cell) == ""


def test_builtins_that_do_something_are_left_out_too():
    assert kept("F = open('f')\nG = eval('1')\nH = print\nI = __import__('os')") == "H = print"


MAGICS = {
    "line magics": "%matplotlib inline\n%cd ..\nX = 1",
    "shell": "!pip install 'x\nfiles = !ls (\nX = 1",
    "help": "?len\nlen?\nos.path??\nX = 1",
    "assigned": "t = %time f()\nX = 1",
    "inside a block": "for i in range(3):\n    !rm {i}\nX = 1",
    "timing": "%%time\nX = 1",
    "timing with words": "\n%%capture out\nX = 1",
}


@pytest.mark.parametrize("cell", MAGICS.values(), ids=MAGICS)
def test_magics_are_left_out(cell):
    assert kept(cell).replace("pass\n", "") == "X = 1"
    assert compose([cell]).rstrip("\n").count("\n") == cell.count("\n")


@pytest.mark.parametrize("magic", ["bash", "html", "writefile x.py", "sql"])
def test_cells_in_other_languages_are_left_out(magic):
    assert kept(f"%%{magic}\nX = 1\n", "Y = 2") == "Y = 2"


def test_what_looks_like_a_magic_in_a_string_stays():
    cell = f"%cd x\n{STUB.replace('Add up.', 'Add up.{0}    %time it{0}    !ls{0}    len?'.format(chr(10)))}"
    (stub,) = find_stubs(cell)
    assert [s.contract for s in find_stubs(compose([cell]))] == [stub.contract]
    assert "%time it" in stub.contract.docstring


def test_without_magics_nothing_is_taken_for_one():
    cell = 'X = ("%d"\n     %3)\nY = (1\n     != 2)'
    assert kept(cell) == cell


def test_statements_on_one_line_are_told_apart():
    assert compose(["import a; a.run(); X = 1; print(X)\nY = [1,\n 2]; a.run()\nZ = 2"]) == (
        "import a; X = 1\nY = [1,\n 2]\nZ = 2\n"
    )


def test_every_line_stays_where_it_is():
    cells = ["import math\nprint(1)\n", "", "x = load()\n\n\n" + STUB, "# last"]
    text = compose(cells)
    lines = "\n".join(c.removesuffix("\n") for c in cells).split("\n")
    assert len(text.splitlines()) == len(lines)
    assert all(new in ("", old) for old, new in zip(lines, text.splitlines(), strict=True))


def test_future_imports_come_first():
    text = compose(["import math", "from __future__ import annotations\nX = 1", "from __future__ import division"])
    assert text == "from __future__ import annotations, division\nimport math\n\nX = 1\n\n"
    compile(text, "m", "exec")


def test_what_needs_what_is_left_out_is_left_out_too():
    cells = (
        "df = load()",
        "df = df[df.x > 0]\ncolumns = df.columns\nN = len(columns)\nX = 1",
        "@app.route('/')\ndef index(): return df\ndef plain(): return df\nclass Model(Base):\n    pass",
        "def late(x=Y): return x\nY = X",
    )
    assert kept(*cells) == "X = 1\ndef plain(): return df\nY = X"


def test_names_inside_classes_and_comprehensions_are_their_own():
    cell = "i = load()\nx = load()\nY = [i for i in 'ab']\nclass A:\n    x = 1\n    y = x"
    assert kept(cell).startswith("Y = [i")
    assert "class A:" in kept(cell)


def test_a_star_import_may_bring_everything():
    assert kept("from numpy import *\nE = array_like\n") == "from numpy import *\nE = array_like"


def test_what_else_a_stub_s_name_stands_for_is_left_out():
    assert kept(STUB, "def total(xs): return 1", "total = 3\nX = 1") == kept(STUB) + "\nX = 1"


def test_a_stub_stays_wherever_it_is():
    inner = textwrap.indent(STUB, "    ")
    for cell in (f"if main():\n{inner}", f"@app.route('/')\n{STUB}", f"class A(Base):\n{inner}    x = run()\n"):
        contracts = [s.contract for s in find_stubs(textwrap.dedent(cell))]
        assert [s.contract for s in find_stubs(compose([cell]))] == contracts
        assert contracts


BROKEN = (
    "def half(\n\n",
    "x = load('\n",
    "class Half:\n    def f(self)\n        pass\n\n",
    "foo(\n",
)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_cell_that_does_not_parse_keeps_its_stubs(broken):
    method = textwrap.indent(STUB.replace("(xs)", "(self, xs)"), "    ")
    cell = f"X = 1\n{STUB}    # soa: be quick\n\nclass A(object):\n    '''Doc.'''\n    y = 2\n\n{method}\n{broken}"
    text = compose([cell, "Y = 1"])
    ast.parse(text)
    assert [s.contract for s in find_stubs(text)] == [s.contract for s in find_stubs(cell)]
    assert len(find_stubs(text)) == 2
    assert "# soa: be quick" in text
    assert "X = 1" not in text
    assert text.splitlines()[-1] == "Y = 1"
    assert text.splitlines()[cell.count("\n", 0, cell.index("class A"))] == "class A(object):"


def test_a_stub_that_cannot_stand_alone_spoils_nothing():
    cell = f"if x:\n{textwrap.indent(STUB, '    ')}\n{STUB.replace('total', 'mean')}\nfoo(\n"
    assert [s.contract.name for s in find_stubs(compose([cell]))] == ["mean"]


def test_line_ends_do_not_matter():
    cell = f"import math\r\nprint(1)\r\n{STUB}".replace("\n", "\r\n").replace("\r\r", "\r")
    assert compose([cell]) == compose([cell.replace("\r\n", "\n")]) == compose([cell.replace("\r\n", "\r")])


def test_nothing_makes_nothing():
    assert compose([]) == ""
    assert compose([""]) == "\n"


lines = st.sampled_from(
    (
        "import math", "X = 1", "print(X)", "%time X", "!ls 'x", "x = !ls", "foo(", ")", '"""', "# soa: word", "",
        "    y = 2", "class A:", "def g(x): return x", "for i in x:", "\tz", "🙂 = 1", "df = df[x]", "    '''", "@dec",
    )
)  # fmt: skip


@settings(max_examples=200, deadline=None, database=None)
@given(st.lists(st.lists(lines, max_size=8), max_size=4))
def test_whatever_is_in_the_cells_the_module_parses_and_lines_stay(cells):
    texts = ["\n".join(cell) for cell in cells]
    whole = [*texts, STUB]
    text = compose(whole)
    ast.parse(text)
    assert text.count("\n") == sum(t.removesuffix("\n").count("\n") + 1 for t in whole)
    assert "total" in {s.contract.qualname for s in find_stubs(text)}
