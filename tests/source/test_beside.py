"""Helpers and imports added to a text in which an editor has put the body already."""

from __future__ import annotations

import pytest

from soa.contracts import Candidate, Helper
from soa.errors import SpliceError
from soa.source.beside import add_beside
from soa.source.edits import apply
from soa.source.layout import Page
from soa.source.splice import body_edits, splice
from soa.source.stubs import find_stubs

CANDIDATE = Candidate(
    "found = _count(text)\nif found:\n    return sqrt(found)\nreturn 0",
    (Helper("_count", "def _count(text):\n    return len(text)"),),
    ("from math import sqrt",),
)
TEXTS = {
    "nothing": 'import re\n\n\ndef f(text):\n    """Doc."""\n\n\nx = 1\n',
    "placeholder": 'def f(text):\n    """Doc."""\n    ...\n',
    "comment": 'def f(text):\n    """Doc."""  # so\n    # and so\n    pass  # that\n',
    "method": 'class A:\n\tdef f(self, text):\n\t\t"""Doc."""\n\n\tdef g(self):\n\t\treturn 1\n',
    "returns": 'import re\r\n\r\ndef f(text):\r\n    """Doc.\r\n    """\r\n\r\nx = 1\r\n',
    "decorated": '@cache\n@other(1)\nasync def f(text):\n  "Doc."\n  raise NotImplementedError\n',
    "no end": 'def f(text):\n    """Doc."""',
}


def body_only(text):
    stub = find_stubs(text)[0]
    return stub, apply(text, list(body_edits(Page(text), stub, CANDIDATE.body)))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_body_and_the_rest_together_are_the_whole_proposal(text):
    stub, filled = body_only(text)
    found = add_beside(filled, stub.contract, CANDIDATE)
    assert found.text == splice(text, [(stub, CANDIDATE)]).text
    assert apply(filled, found.edits) == found.text
    assert all(edit.start == edit.end for edit in found.edits)


def test_nothing_is_added_where_all_is_there():
    text = 'from math import sqrt\n\n\ndef f(text):\n    """Doc."""\n'
    stub = find_stubs(text)[0]
    plain = Candidate("return sqrt(4)", imports=("from math import sqrt",))
    filled = splice(text, [(stub, plain)]).text
    assert add_beside(filled, stub.contract, plain).edits == ()


def test_the_blank_lines_that_the_user_made_stay():
    text = TEXTS["nothing"]
    stub, filled = body_only(text)
    spread = filled.replace('"""Doc."""\n', '"""Doc."""\n\n    \n')
    assert add_beside(spread, stub.contract, CANDIDATE).text.count('"""Doc."""\n\n    \n    found') == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return 0", "return 1"),
        ("return sqrt(found)", "return sqrt(found )"),
        ("    found = _count(text)\n", ""),
        ('"""Doc."""', '"""Another."""'),
        ("def f(text)", "def f(text, more)"),
        ("def f(text)", "def g(text)"),
        ("return 0", "return 0\n    print(text)"),
    ],
)
def test_whatever_else_was_changed_is_refused(old, new):
    stub, filled = body_only(TEXTS["nothing"])
    assert old in filled
    with pytest.raises(SpliceError, match="does not have the proposed body"):
        add_beside(filled.replace(old, new), stub.contract, CANDIDATE)


def test_a_name_that_is_taken_meanwhile_is_refused():
    stub, filled = body_only(TEXTS["nothing"])
    with pytest.raises(SpliceError, match="_count"):
        add_beside(f"_count = 1\n{filled}", stub.contract, CANDIDATE)


def test_the_right_one_of_two_functions_of_that_name():
    text = 'def f(text):\n    """Other."""\n    return 2\n\n\ndef f(text):\n    """Doc."""\n'
    stub, filled = body_only(text)
    assert add_beside(filled, stub.contract, CANDIDATE).text == splice(text, [(stub, CANDIDATE)]).text


def test_a_text_that_is_broken_elsewhere():
    stub, filled = body_only(TEXTS["nothing"] + "\n\ndef broken(:\n")
    assert "def _count" in add_beside(filled, stub.contract, CANDIDATE).text
