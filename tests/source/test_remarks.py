"""What users ask for in comments, and that these stay where they are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soa.contracts import Candidate
from soa.source.remarks import remark_of
from soa.source.splice import splice
from soa.source.stubs import find_stubs

PLACES = {
    "behind the header": ('def f():  # soa: be quick\n    "Doc"\n', "be quick"),
    "before the docstring": ('def f():\n    # soa: be quick\n    "Doc"\n', "be quick"),
    "on the docstring's line": ('def f():\n    "Doc"  # soa: be quick\n', "be quick"),
    "inside the docstring's parentheses": ('def f():\n    (\n        "Doc"  # soa: be quick\n    )\n', "be quick"),
    "alone": ('def f():\n    "Doc"\n    # soa: be quick\n\nx = 1\n', "be quick"),
    "alone, after a blank line": ('def f():\n    "Doc"\n\n    # soa: be quick\n', "be quick"),
    "before a placeholder": ('def f():\n    "Doc"\n    # soa: be quick\n    ...\n', "be quick"),
    "behind a placeholder": ('def f():\n    "Doc"\n    pass  # soa: be quick\n', "be quick"),
    "after a placeholder": ('def f():\n    "Doc"\n    pass\n    # soa: be quick\n', "be quick"),
    "between placeholders": ('def f():\n    "Doc"\n    pass\n    # soa: be quick\n    ...\n', "be quick"),
    "at the end of the text": ('def f():\n    "Doc"\n    # soa: be quick', "be quick"),
    "on one line": ('def f(): "Doc"  # soa: be quick\n', "be quick"),
    "on one line, with a placeholder": ('def f(): "Doc"; ...  # soa: be quick\n', "be quick"),
    "several": (
        'def f():  # soa: be quick\n    # other words\n    "Doc"\n    # soa: use no list\n    ...  #soa:and sort\n',
        "be quick\nuse no list\nand sort",
    ),
    "windows": ('def f():\r\n    "Doc"\r\n    # soa: be quick\r\n    pass\r\n', "be quick"),
    "old mac": ('def f():\r    "Doc"\r    # soa: be quick\r', "be quick"),
    "tabs": ('class A:\n\tdef f():\n\t\t"Doc"\n\t\t# soa: be quick\n', "be quick"),
    "not ascii": (
        'x = "é漢"\ndef f():\n    "Döc"\n    # soa: sei schnell, größer als 漢 🙂\n',
        "sei schnell, größer als 漢 🙂",
    ),
    "a hash in the words": ('def f():\n    "Doc"\n    # soa: see #12\n', "see #12"),
}
NONE = {
    "no comment": 'def f():\n    "Doc"\n    ...\n',
    "another comment": 'def f():\n    "Doc"\n    # so a: word\n    # soa\n    # soap: word\n',
    "no words": 'def f():\n    "Doc"\n    # soa:\n    # soa:   \n',
    "in the docstring": 'def f():\n    """Doc.\n\n    # soa: be quick\n    """\n',
    "in a string": 'def f():\n    "Doc"\n    raise NotImplementedError("# soa: be quick")\n',
    "above": '# soa: be quick\ndef f():\n    "Doc"\n',
    "on a decorator": '@cache  # soa: be quick\ndef f():\n    "Doc"\n',
    "below": 'def f():\n    "Doc"\n\n# soa: be quick\n',
    "of the next function": 'def f():\n    "Doc"\n    ...\ndef g():\n    # soa: be quick\n    return 1\n',
    "of the class": 'class A:\n    def f():\n        "Doc"\n    # soa: be quick\n',
}


def first(text):
    return find_stubs(text)[0]


@pytest.mark.parametrize(("text", "words"), PLACES.values(), ids=PLACES)
def test_the_words_are_found(text, words):
    assert remark_of(text, first(text)) == words


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_other_words_are_not(text):
    assert remark_of(text, first(text)) == ""


def test_a_comment_that_says_ignore_is_no_remark_but_makes_it_no_stub():
    assert find_stubs('def f():\n    "Doc"\n    # soa: ignore\n') == ()


@pytest.mark.parametrize(("text", "words"), PLACES.values(), ids=PLACES)
def test_a_remark_is_no_part_of_the_contract_and_stays_in_the_file(text, words):
    stub = first(text)
    bare = "".join(line.partition("#")[0].rstrip() + "\n" for line in text.splitlines())
    assert first(bare).contract.digest == stub.contract.digest or "Döc" in text
    new = splice(text, [(stub, Candidate("a = 1\nif a:\n    return a"))]).text
    assert [c for c in words.split("\n") if c not in new] == []
    assert new.count("#") == text.count("#")
    assert find_stubs(new) == ()


comments = st.sampled_from(("", "# soa: be quick", "# other", "# soa: 'quoted", '# soa: """'))


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.lists(comments, min_size=5, max_size=5), st.sampled_from(("...", "pass", "")), st.sampled_from(("\n", "\r\n"))
)
def test_comments_in_all_places_at_once(comments, placeholder, end):
    header, above, beside, below, last = comments
    lines = [
        f"def f(x):  {header}",
        f"    {above}",
        f'    "Doc"  {beside}',
        f"    {below}",
        f"    {placeholder}  {last}",
    ]
    text = end.join(lines) + end
    (stub,) = find_stubs(text)
    words = [c.removeprefix("# soa: ") for c in comments if c.startswith("# soa:")]
    assert remark_of(text, stub) == "\n".join(words)
    new = splice(text, [(stub, Candidate("return x"))]).text
    assert [c for c in comments if new.count(c) < text.count(c)] == []
