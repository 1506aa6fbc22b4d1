import pytest

from soa.contracts import Candidate, Helper
from soa.errors import SpliceError
from soa.source.edits import Edit, apply
from soa.source.invariant import check_splice
from soa.source.splice import splice
from soa.source.stubs import find_stubs

TEXT = '''\
"""Module."""

import os  # keep


@cache
def f(x):
    """Doc."""
    # comment
    ...


class A:
    def g(self): "Doc"
'''
CANDIDATE = Candidate("return _h(x)", (Helper("_h", "def _h(x):\n    return x"),), ("import re",))


def before(line, new, text=TEXT):
    """An edit that inserts something at the beginning of a line."""
    return Edit(text.index(line), text.index(line), new)


def refuse(*edits, text=TEXT, body="return _h(x)"):
    stub = next(s for s in find_stubs(text) if s.contract.name == "f")
    all_edits = sorted([*edits, Edit(stub.body.start, stub.body.end, body)], key=lambda e: e.start)
    with pytest.raises(SpliceError) as caught:
        check_splice(text, apply(text, all_edits), all_edits, [(stub, CANDIDATE)])
    return str(caught.value)


def test_what_splice_does_is_accepted():
    stub = find_stubs(TEXT)[0]
    result = splice(TEXT, [(stub, CANDIDATE)])
    check_splice(TEXT, result.text, result.edits, [(stub, CANDIDATE)])


CHANGES = {
    "comment of the body goes": ("# comment\n    ", ""),
    "comment elsewhere goes": ("  # keep", ""),
    "docstring changes": ('"""Doc."""', '"""Dob."""'),
    "decorator changes": ("@cache", "@cached"),
    "header changes": ("f(x)", "f(x, y)"),
    "blank line goes": ("\n\n\nclass", "\n\nclass"),
    "other stub is filled": ('def g(self): "Doc"', 'def g(self): "Doc"; return 1'),
    "import changes": ("import os", "import os, re"),
    "docstring of the module changes": ("Module", "Modules"),
}


@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_change_elsewhere_is_refused(old, new):
    start = TEXT.index(old)
    refuse(Edit(start, start + len(old), new))


INSERTED = {
    "import above the docstring": ('"""Module', "import re\n"),
    "other code": ("class A", "print(1)\n"),
    "other import": ("class A", "import sys\n"),
    "other helper": ("class A", "def _other(): pass\n"),
    "helper and more": ("class A", "def _h(x):\n    return x\nprint(1)\n"),
    "open string": ("class A", '"""\n'),
    "helper that does not parse": ("class A", "def _h(x\n"),
    "in the middle of a line": ("(x):", "import re\n"),
    "no line end": ("class A", "import re;"),
    "comment": ("class A", "x = 1  # soa\n"),
}


@pytest.mark.parametrize(("place", "new"), INSERTED.values(), ids=INSERTED)
def test_insertion_is_refused(place, new):
    refuse(before(place, new))


BODIES = {
    "placeholder": "pass",
    "two placeholders": "pass\n    ...",
    "nothing": "",
    "no Python": "return (",
    "leaves the function": "return 1\nx = 2",
    "opens a string": '"""',
    "ends the class below": "return 1\n\nclass A:\n    x = 1\n    y = '''",
    "another function": "return 1\ndef other(): pass",
    "wrong indentation": "x = 1\n  return x",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_body_is_refused(body):
    refuse(body=body)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_body_is_refused_beside_a_syntax_error(body):
    refuse(body=body, text=TEXT + "x = (\n")


def test_helper_that_moves_a_decorator_is_refused():
    refuse(before("def f", "def _h(x):\n    return x\n"))


def test_helper_that_takes_over_a_statement_is_refused():
    text = TEXT + "class B:\n    z = 1\n    y = 1\n"
    refuse(before("    y = 1", "class _h:\n    x = 1\n", text), text=text)


def test_import_that_splits_a_statement_is_refused():
    text = 'x = """\n"""\nif x:\n    y = 1\nelse:\n    y = 2\n' + TEXT
    refuse(before('"""\nif', "import re\n", text), text=text)
    refuse(before("else", "import re\n", text), text=text)


def test_text_that_differs_from_the_edits_is_refused():
    stub = find_stubs(TEXT)[0]
    result = splice(TEXT, [(stub, CANDIDATE)])
    for new in (result.text + "\n", result.text.replace("# keep", "# kept"), result.text.replace("_h", "_i"), TEXT):
        with pytest.raises(SpliceError):
            check_splice(TEXT, new, result.edits, [(stub, CANDIDATE)])


def test_edits_out_of_order_are_refused():
    stub = find_stubs(TEXT)[0]
    result = splice(TEXT, [(stub, CANDIDATE)])
    with pytest.raises(SpliceError):
        check_splice(TEXT, result.text, result.edits[::-1], [(stub, CANDIDATE)])
