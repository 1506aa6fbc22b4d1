"""An incremental finder sees what a fresh one sees."""

from hypothesis import given, settings
from hypothesis import strategies as st

from soa.source.stubs import StubFinder, find_stubs

PIECES = (
    'def f(x):\n    """Doc."""\n',
    'class A:\n    y = 1\n    def m(a):\n        """Dóc."""\n        pass\n\n    @property\n    def p(self): "Doc"\n',
    "def g():\n    'Doc'\n    return [\n        1,\n    ]\n",
    "if x:\n    def f(x):\n        '''Doc'''\n",
    "x = '\N{PILE OF POO}'\n",
    "# soa: ignore\n",
    "\n",
    "import os\r\n",
    "@overload\n",
    "@cache(\n1,\n)\n",
    'TEMPLATE = """\\\ndef no():\n    \'Doc\'\n"""\n',
)
NOISE = (
    "(",
    ")",
    '"""',
    "'",
    "\n",
    "    ",
    "def ",
    "é",
    "\N{PILE OF POO}",
    "\r",
    "pass",
    ":",
    "#",
    "x = 1\n",
    "\t",
    "class A:\n",
)

texts = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


@st.composite
def edited(draw):
    """A text and what it becomes edit by edit."""
    text = draw(texts)
    states = [text]
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 40)))
        text = text[:start] + draw(st.sampled_from((*NOISE, *PIECES, ""))) + text[end:]
        states.append(text)
    return states


@settings(deadline=None, max_examples=150)
@given(edited())
def test_same_as_a_fresh_look(states):
    finder = StubFinder()
    for text in states:
        assert finder.update(text) == find_stubs(text)


@settings(deadline=None, max_examples=60)
@given(texts)
def test_a_look_at_some_places_finds_what_stands_there(text):
    everything = {stub.header.start: stub for stub in find_stubs(text)}
    for place in (*everything, 3):
        assert StubFinder().at(text, {place}) == {p: s for p, s in everything.items() if p == place}
    assert StubFinder().at(text, everything.keys()) == everything


def test_typing_a_stub_letter_by_letter():
    finder = StubFinder()
    before, after = PIECES[0] * 2, PIECES[1] * 2
    typed = 'def new(a):\n    """Dóc.\n\n    More."""\n'
    for end in range(len(typed) + 1):
        text = before + typed[:end] + after
        found = finder.update(text)
        assert found == find_stubs(text)
        assert sum(stub.contract.name == "f" for stub in found) == 2
    assert [s.contract.name for s in found] == ["f", "f", "new", "m", "p", "m", "p"]


def test_the_files_indentation_counts_for_one_line_definitions():
    finder = StubFinder()
    assert finder.update('def f(): "Doc"\nif x:\n  y\n')[0].body_indent == "  "
    assert finder.update('def f(): "Doc"\nif x:\n\ty\n')[0].body_indent == "\t"


def test_what_follows_the_last_statement_counts():
    finder = StubFinder()
    for tail in ("", " ", "  # why", "\n    # more", "\n    # soa: ignore", "\n# flush", "\n\nx = 1"):
        text = PIECES[0].rstrip() + tail
        assert finder.update(text) == find_stubs(text)


def test_what_is_known_moves_along():
    finder = StubFinder()
    text = PIECES[0] + PIECES[1]
    first = finder.update(text)
    second = finder.update("import os\n\n" + text)
    assert [(s.line, s.header.start) for s in second] == [(s.line + 2, s.header.start + 11) for s in first]


def test_definitions_in_strings_are_none_even_at_a_lines_start():
    assert find_stubs(PIECES[-1] * 2 + PIECES[0])[0].contract.name == "f"
    assert len(find_stubs(PIECES[-1] * 2 + PIECES[0])) == 1


def test_decorators_belong_to_the_definition_below():
    assert find_stubs("x = 1\n" + PIECES[-2] + "@b\n" + PIECES[0])[0].contract.decorators == ("cache(\n1,\n)", "b")
    assert find_stubs("import typing\n@typing.overload\n@b\n" + PIECES[0]) == ()


def test_an_error_is_felt_in_its_own_part_only():
    finder = StubFinder()
    first = finder.update(PIECES[0] + PIECES[2])[0]
    assert finder.update(PIECES[0] + PIECES[2] + "x = (\n")[0] is first
