"""Stubs are found while the text around them does not parse."""

import pytest

from soa.source.definitions import definitions
from soa.source.stubs import find_stubs

FIRST = '''\
"""Module."""

import os


def first(a: int) -> int:
    """First."""


'''
LAST = '''\

class Ledger:
    """Keeps entries."""

    @property
    def total(self) -> int:
        """Sum of all.

        def no():
            "No stub."
        """

    async def post(
        self,
        entry: "Entry",
    ) -> None:
        """Post."""
        raise NotImplementedError("soon")


def outer():
    x = [
  1,
]
    def inner():
        """Inner."""

    return inner


@cache
def last(): "Last."
'''
NAMES = ["first", "Ledger.total", "Ledger.post", "outer.inner", "last"]
BROKEN = {
    "open parenthesis": "x = foo(\n",
    "open brace": "x = {'a': 1,\n",
    "open bracket in a call": "def g():\n    return foo(bar[1, \n",
    "open triple quote": 'x = """\n',
    "open triple quote with text": 'x = """Some text, (and a bracket) and it\'s open\n',
    "open docstring": 'def g(x):\n    """Half a docstring\n\n',
    "open docstring in a class": 'class G:\n    def g(x):\n        """\n\n        Half a docstring\n',
    "open single triple quote": "x = '''\n",
    "open quote": "x = 'abc\n",
    "half a definition": "def g(\n",
    "less than half": "def\n",
    "half a class": "class G(\n",
    "class without a name": "class \n",
    "definition without body": "def g(x):\n",
    "half a line": "for x in\n",
    "half an import": "from os import (\n",
    "unexpected indent": "x = 1\n        y = 2\n",
    "stray bracket": "x = 1)]}\n",
    "merge conflict": "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n",
    "Python 2": "print 'x'\nexec 'y' in z\nraise E, 'x'\n",
    "half a decorator": "@foo(\n",
    "question": "what is this? It isn't Python.\n",
    "prose with a bracket": "Now (see above comes text: with colon\n",
    "two open triple quotes": "x = \"\"\"\ny = '''\n",
    "backslash": "x = \\\n\n",
    "zero byte": "x = '\0'\n",
}


def names(text):
    return [stub.contract.qualname for stub in find_stubs(text)]


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
class TestBroken:
    def check(self, text, line_end):
        text = text.replace("\n", line_end)
        assert [n for n in names(text) if n in NAMES] == NAMES
        for stub in find_stubs(text):
            if stub.contract.name != "g":
                assert stub.contract.docstring
                assert text[stub.header.start : stub.header.end].endswith(":")

    def test_between(self, broken, line_end):
        self.check(FIRST + broken + LAST, line_end)

    def test_before(self, broken, line_end):
        self.check(broken + "\n" + FIRST + LAST, line_end)

    def test_after(self, broken, line_end):
        self.check(FIRST + LAST + "\n\n" + broken, line_end)

    def test_inside_a_class(self, broken, line_end):
        deeper = "".join("    " + line for line in broken.splitlines(True))
        text = LAST.replace("    async def", deeper + "\n    async def", 1)
        self.check(FIRST + text, line_end)


@pytest.mark.parametrize("broken", ["x = foo(\n", "def g(\n", "x = 'abc\n", "for x in\n", "x = 1)\n"])
def test_inside_a_function(broken):
    text = FIRST + LAST.replace("    x = [\n", f"    {broken}\n    x = [\n")
    assert names(text) == NAMES


def test_conflict_markers_inside_a_class():
    text = LAST.replace("    async", "<<<<<<< HEAD\n    x = 1\n=======\n    x = 2\n>>>>>>> other\n    async")
    assert names(FIRST + text) == NAMES


def test_strings_that_hold_code_are_no_stubs_while_something_else_is_broken():
    text = 'TEMPLATE = """\\\ndef no():\n    \'Doc\'\n"""\n\ndef f():\n    "Doc"\n\nx = (\n'
    assert names(text) == ["f"]


def test_the_broken_stub_itself_is_found_as_soon_as_it_is_whole():
    text = "def g():\n    '''Doc.\n"
    assert names(text) == []
    assert names(text + "    '''\n") == ["g"]


def test_definition_under_an_unfinished_header_is_not_lost():
    assert names("def g(\n\ndef f():\n    'Doc'\n") == ["f"]
    assert names("class G\n    def f(self):\n        'Doc'\n") == ["G.f"]


def test_every_definition_is_listed_with_its_extent():
    text = FIRST + "x = (\n" + LAST
    found = {d.qualname: text[d.span.start : d.span.end] for d in definitions(text)}
    assert list(found) == ["first", "Ledger", "Ledger.total", "Ledger.post", "outer", "outer.inner", "last"]
    assert found["first"] == 'def first(a: int) -> int:\n    """First."""'
    assert found["Ledger"].startswith("class")
    assert found["Ledger"].endswith('raise NotImplementedError("soon")')
    assert found["outer"].endswith("return inner")
    assert found["last"] == '@cache\ndef last(): "Last."'


def test_many_open_brackets_do_not_take_forever():
    text = "def g(\n" * 3000 + 'def f(): "Doc"\n' + "@a(\n" * 3000
    assert names(text) == ["f"]
