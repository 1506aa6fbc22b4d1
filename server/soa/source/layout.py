"""How a text is laid out: its line ends, its indentation, and a form of it that parsers agree on."""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property

from attrs import frozen

LINE_END = re.compile(r"\r\n|\r|\n")
NAME = r"[^\W\d][\w\u0300-\u036f]*"
"""A name of Python's; its accents may be characters of their own."""
LONE_RETURN = re.compile(r"\r(?!\n)")
BLOCK_OPENER = re.compile(
    r"^([ \t]*)(?:async|class|def|elif|else|except|finally|for|if|try|while|with)\b[^\n#]*:[ \t\f\r]*(?:#[^\n]*)?\n"
    r"(?:[ \t\f\r]*\n)*([ \t]+)[^\s#]",
    re.MULTILINE,
)
TAB_WIDTH = 8
DEFAULT_UNIT = "    "


def canonical(name: str) -> str:
    """A name in the form in which Python compares names: letters of one kind, and one with their accents."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


@frozen
class Page:
    """A text beside its plain form; offsets hold in both."""

    text: str

    @cached_property
    def code(self) -> str:
        """The text as parsers read it, see `plain`."""
        return plain(self.text)

    @cached_property
    def unit(self) -> str:
        """One level of indentation in this text."""
        return indent_unit(self.code)


def plain(text: str) -> str:
    """The same text, index for index, with line ends that tree-sitter and `ast` read alike.

    A lone carriage return ends a line for Python but not for tree-sitter; a byte order mark is no token for either.
    """
    if "\r" in text:
        text = LONE_RETURN.sub("\n", text)
    return "\f" + text[1:] if text.startswith("\ufeff") else text


def with_line_feeds(text: str) -> str:
    """The text as Python reads it: every line end a single line feed."""
    return LINE_END.sub("\n", text) if "\r" in text else text


def line_end_at(text: str, offset: int) -> str:
    """The line end in use around `offset`: of its own line, else of the line before, else a line feed."""
    after = LINE_END.search(text, offset)
    if after:
        return after.group()
    before = LINE_END.findall(text, max(0, text.rfind("\n", 0, offset) - 1), offset) or LINE_END.findall(text)
    return before[-1] if before else "\n"


def line_start(code: str, offset: int) -> int:
    """Where the line that holds `offset` begins, in a plain text."""
    return code.rfind("\n", 0, offset) + 1


def content_end(code: str, offset: int) -> int:
    """Where the line that holds `offset` ends, its line end excluded, in a plain text."""
    end = code.find("\n", offset)
    if end < 0:
        return len(code)
    return end - 1 if end > offset and code[end - 1] == "\r" else end


def next_line(code: str, offset: int) -> int:
    """Where the line after the one that holds `offset` begins; the text's end if there is none."""
    end = code.find("\n", offset)
    return len(code) if end < 0 else end + 1


def width(indent: str) -> int:
    """The column that white space leads to: tabs stop at multiples of eight, a form feed starts over."""
    return len(indent.rpartition("\f")[2].expandtabs(TAB_WIDTH))


def indent_unit(code: str) -> str:
    """One level of indentation as most blocks of a plain text have it; four spaces if there are none."""
    counts: dict[str, int] = {}
    for match in BLOCK_OPENER.finditer(code):
        outer, inner = match.groups()
        if inner.startswith(outer) and inner != outer:
            counts[inner[len(outer) :]] = counts.get(inner[len(outer) :], 0) + 1
    return max(counts, key=lambda unit: counts[unit], default=DEFAULT_UNIT)
