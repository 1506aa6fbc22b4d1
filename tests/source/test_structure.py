from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from soa.source.structure import read_structure

WHOLE = '''"""What it is.

More."""
from __future__ import annotations
import os, sys as system
import a.b
from .x import (y,
                z as w)
try:
    from q import *
except ImportError:
    pass
RATE: float = 1.5
LOW, (HIGH, TOP) = 1, (2, 3)

@decorated(
    1)
class Ledger(Base, metaclass=Meta):  # a comment
    """A ledger."""
    name: str
    size = 2

    def __init__(self, first,
                 second=1):  # another
        """Begin."""
        self.first = first
        if second:
            self.second: int = second

    @property
    def total(self): "Sum."; return 1

async def after(x):
    """Später."""
    def inner(): ...
'''


def test_everything_of_a_text_that_parses():
    found = read_structure(WHOLE)
    assert found.docstring == '"""What it is.\n\nMore."""'
    assert [(i.names, i.module) for i in found.imports] == [
        (("annotations",), "__future__"),
        (("os", "system"), "os"),
        (("a",), "a.b"),
        (("y", "w"), ".x"),
        (("*",), "q"),
    ]
    assert [c.name for c in found.constants] == ["RATE", "LOW", "HIGH", "TOP"]
    ledger, after = found.definitions
    assert ledger.header == "@decorated(\n    1)\nclass Ledger(Base, metaclass=Meta):"
    assert (ledger.line, ledger.last_line, ledger.docstring) == (17, 30, '"""A ledger."""')
    assert [a.text for a in ledger.attributes] == ["name: str", "size = 2"]
    begin, total = ledger.children
    assert begin.header == "def __init__(self, first,\n             second=1):"
    assert [a.text for a in begin.attributes] == ["self.first = first", "self.second: int = second"]
    assert total.header == "@property\ndef total(self):"
    assert (after.header, after.docstring) == ("async def after(x):", '"""Später."""')
    assert [c.qualname for c in after.children] == ["after.inner"]
    assert begin.body == "self.first = first\nif second:\n    self.second: int = second"
    assert (total.body, after.body, after.children[0].body) == ("return 1", "def inner(): ...", "...")


def test_windows_line_endings_give_the_same():
    assert read_structure(WHOLE.replace("\n", "\r\n")) == read_structure(WHOLE)


def test_an_open_bracket_or_string_costs_only_its_own_piece():
    for broken in ('    """never closed\n', "    x = (\n", "    if x\n", "    x = [1, {\n"):
        text = f"import os\nRATE = 1\ndef before(): ...\nclass A:\n    def f(self):\n    {broken}"
        text += '    def g(self):\n        """G."""\ndef after():\n    """After."""\n'
        found = read_structure(text)
        assert [i.text for i in found.imports] == ["import os"]
        assert [c.name for c in found.constants] == ["RATE"]
        assert [(d.qualname, d.line) for d in found.definitions] == [("before", 2), ("A", 3), ("after", 8)]
        assert ("A.g", 6, '"""G."""') in [(c.qualname, c.line, c.docstring) for c in found.definitions[1].children]


def test_the_nearest_of_several_definitions_of_a_name():
    text = "class A:\n    @property\n    def p(self): ...\n    @p.setter\n    def p(self, v): ...\n"
    found = read_structure(text)
    assert [found.chain("A.p", line)[-1].line for line in (2, 4)] == [2, 4]
    assert found.chain("A.q", 2) == ()
    assert found.chain("B.p", 2) == ()


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)), st.sampled_from(["", '"""', "(", "\x00", "é\ud800", "\r"])
)
def test_no_text_is_too_broken(start, stop, between):
    read_structure(WHOLE[:start] + between + WHOLE[stop:])
