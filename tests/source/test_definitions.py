import pytest

from soa.source.definitions import class_names, definitions, module_names

TEXT = '''\
"""Module."""
from __future__ import annotations
import os.path, json as j
from .x import (a, b as c)
from y import *

try:
    import tomllib
except ImportError as error:
    tomllib = None
else:
    ok = True
finally:
    done = True

if TYPE_CHECKING:
    from z import Z

LIMIT: int = 3
first, (second, *rest) = third = 1, 2
obj.attribute = obj[key] = 4
for i, (k, v) in pairs: pass
with open(x) as f, g() as (h, m): inside = 1
print(n := 5, [p for p in q])
match x:
    case [mat, {"k": ched, **more}] as whole if other: case_body = 1
type Alias = int


@decorate(
    1
)  # why
@plain
async def größe(x: int, /) -> int:
    """Wie groß.

        Indented.
    End.
    """
    local = 1


class Ledger(Base[int], mod.Other, metaclass=Meta, key=1):
    \'\'\'Keeps.\'\'\'
    total: int = 0
    x = y = 1

    def __init__(self):
        self.entries = []
        self.size: int = 0
        self.total == 3
        other.no = 1

    if FAST:
        def post(self): "Post."
    else:
        async def post(self): pass

    @property
    def p(self):
        f"no docstring"

    class Inner:
        "In" "ner."
        def m(self): pass
'''


def test_definitions():
    found = [(d.kind, d.qualname, d.scope, d.docstring) for d in definitions(TEXT)]
    assert found == [
        ("function", "größe", "module", "Wie groß.\n\n    Indented.\nEnd."),
        ("class", "Ledger", "module", "Keeps."),
        ("function", "Ledger.__init__", "class", None),
        ("function", "Ledger.post", "class", "Post."),
        ("function", "Ledger.post", "class", None),
        ("function", "Ledger.p", "class", None),
        ("class", "Ledger.Inner", "class", "Inner."),
        ("function", "Ledger.Inner.m", "class", None),
    ]


def test_spans_decorators_and_bases():
    function, ledger, *_ = definitions(TEXT)
    assert TEXT[function.span.start : function.span.end].startswith("@decorate(")
    assert TEXT[function.span.start : function.span.end].endswith("local = 1")
    assert TEXT[function.header.start : function.header.end] == "async def größe(x: int, /) -> int:"
    assert function.decorators == ("decorate(\n    1\n)", "plain")
    assert TEXT.split("\n")[function.line].startswith("async def")
    assert TEXT[ledger.header.start : ledger.header.end].startswith("class Ledger(")
    assert ledger.bases == ("Base[int]", "mod.Other")
    assert ledger.name == "Ledger"
    assert TEXT[ledger.span.end :] == "\n"


def test_module_names():
    names = (
        "annotations os j a c tomllib error ok done Z LIMIT first second rest third i k v f h m inside n mat ched more "
        "whole case_body Alias größe Ledger"
    )
    assert module_names(TEXT) == set(names.split())


def test_class_names():
    assert class_names(TEXT, "Ledger") == {"total", "x", "y", "__init__", "entries", "size", "post", "p", "Inner"}
    assert class_names(TEXT, "Ledger.Inner") == {"m"}
    assert class_names(TEXT, "Nowhere") == frozenset()


@pytest.mark.parametrize("broken", ["x = (\n", 'y = """\n', "def\n"])
def test_names_beside_an_error(broken):
    text = TEXT.replace("@decorate", broken + "@decorate")
    assert {"os", "j", "LIMIT", "größe", "Ledger"} <= module_names(text)
    assert {"__init__", "post", "p", "Inner", "entries"} <= class_names(text, "Ledger")
    assert [d.qualname for d in definitions(text)] == [d.qualname for d in definitions(TEXT)]


def test_half_a_class():
    (found,) = definitions("class A(B, C\n")
    assert (found.qualname, found.bases, found.docstring) == ("A", ("B", "C"), None)


def test_comments_after_a_definition_do_not_belong_to_it():
    text = "def f():\n    return 1  # one\n    # two\n\n# three\n"
    (found,) = definitions(text)
    assert text[found.span.start : found.span.end] == "def f():\n    return 1"


def test_long_and_deep_expressions_do_no_harm():
    text = (
        "x = "
        + " + ".join("abc"[n % 3] for n in range(5000))
        + "\ny = "
        + "(" * 3000
        + "1"
        + ")" * 3000
        + "\nz = [(w := 1)]\n"
    )
    assert module_names(text) == {"x", "y", "z", "w"}
    assert {"x", "z"} <= module_names(text + "(" * 3000)
