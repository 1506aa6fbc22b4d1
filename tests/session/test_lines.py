"""Offsets and places in all units of columns, against the same counted on encoded lines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soa.session.lines import Lines, Place

CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
encodings = st.sampled_from(sorted(CODECS))
texts = st.text(
    st.one_of(
        st.sampled_from("a\t\n\r\n\f\v\x1c\x85\u2028\u2029é\u0301ß漢🦉🏳\ufe0f\u200d🌈"),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=40,
)
bounded = settings(deadline=None, max_examples=300)


def split(text: str) -> list[str]:
    """The lines of a text without their ends; only LF, CRLF and CR end one."""
    return re.sub("\r\n|\r", "\n", text).split("\n")


def units(text: str, encoding: str) -> int:
    codec, width = CODECS[encoding]
    return len(text.encode(codec)) // width


@bounded
@given(texts, encodings)
def test_each_offset_has_a_place_and_each_place_an_offset(text: str, encoding: str):
    lines = Lines.of(text)
    expected, offset = [], 0
    for number, line in enumerate(split(text)):
        expected += [(offset + n, Place(number, units(line[:n], encoding))) for n in range(len(line) + 1)]
        offset += len(line) + (2 if text.startswith("\r\n", offset + len(line)) else 1)
    for at, place in expected:
        assert lines.place(at, encoding) == place
        assert lines.offset(place, encoding) == at
    assert offset == len(text) + 1


@bounded
@given(texts, encodings, st.integers(-2, 50), st.integers(-3, 200))
def test_a_place_outside_is_taken_as_the_nearest_inside(text: str, encoding: str, line: int, column: int):
    lines, all_lines = Lines.of(text), split(text)
    offset = lines.offset(Place(line, column), encoding)
    assert 0 <= offset <= len(text)
    if line < 0:
        assert offset == 0
    elif line >= len(all_lines):
        assert offset == len(text)
    else:
        place = lines.place(offset, encoding)
        length = units(all_lines[line], encoding)
        assert place.line == line
        assert min(max(column, 0), length) - 3 <= place.column <= min(max(column, 0), length)


@bounded
@given(texts, encodings)
def test_an_offset_inside_of_a_line_end_is_the_end_of_its_line(text: str, encoding: str):
    lines = Lines.of(text)
    for match in re.finditer("\r\n", text):
        assert lines.place(match.start() + 1, encoding) == lines.place(match.start(), encoding)


@pytest.mark.parametrize(
    ("encoding", "columns"), [("utf-8", (0, 4, 5, 7)), ("utf-16", (0, 2, 3, 4)), ("utf-32", (0, 1, 2, 3))]
)
def test_an_owl_and_an_accent(encoding: str, columns: tuple[int, ...]):
    lines = Lines.of("x\n🦉e\u0301\f\u2028")
    assert [lines.place(2 + n, encoding).column for n in range(4)] == list(columns)


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 1), ("utf-8", 3), ("utf-16", 1)])
def test_a_column_inside_of_a_character_is_its_beginning(encoding: str, column: int):
    assert Lines.of("🦉!").offset(Place(0, column), encoding) == 0


def test_only_line_feeds_and_carriage_returns_end_lines():
    text = "a\fb\vc\x1cd\x85e\u2028f\u2029g\rh\r\ni\n"
    assert Lines.of(text).starts == [0, 14, 17, 19]
