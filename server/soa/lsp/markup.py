"""Hovers as Markdown or as plain text; what comes from code or from a model cannot become a link, HTML or a heading."""

from __future__ import annotations

import json
import re
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from attrs import frozen
from lsprotocol.types import MarkupContent, MarkupKind

from soa.lsp.wording import LINE, one_line
from soa.wording import plural, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soa.lsp.traits import Traits

SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~&$!@]|(?<=:)//|(?<=www)\.|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]|(?<=^\d{3})[.)]")
"""What means something in Markdown, or makes an editor see a link."""
CODE = re.compile(r"^`[^`]+`(?=[.,:;]?$)")
"""A word that is written as code already."""
BACKTICKS = re.compile("`+")
LINES = 150
"""Lines of a block of code."""
CHARACTERS = 6000
"""Characters of a block of code."""


@frozen
class Markup:
    """Writes the parts of a hover. Whatever is given as text or code is data, and cut to its place."""

    markdown: bool
    links: bool
    """Whether commands may be linked to."""

    @classmethod
    def of(cls, traits: Traits) -> Markup:
        """What a client can show."""
        return cls(traits.markdown, traits.markdown and traits.command_links)

    def text(self, words: str, most: int = LINE) -> str:
        """Words on one line; what could mean something in Markdown is shown as code, for some editors show escapes."""
        line = one_line(words, most)
        if not self.markdown or not SPECIAL.search(line):
            return line
        marked = {i for i, word in enumerate(line.split(" ")) if SPECIAL.search(CODE.sub("", word))}
        groups = groupby(enumerate(line.split(" ")), key=lambda item: item[0] in marked)
        parts = ((special, " ".join(word for _, word in items)) for special, items in groups)
        return " ".join(self.code(part) if special else part for special, part in parts)

    def strong(self, name: str) -> str:
        """A name that stands out."""
        return f"**{self.code(name)}**" if self.markdown else self.code(name)

    def code(self, source: str, most: int = LINE) -> str:
        """Code on one line."""
        line = one_line(source, most)
        if not self.markdown or not line:
            return line
        fence = "`" * (1 + _longest_run(line))
        space = " " if "`" in (line[0], line[-1]) else ""
        return f"{fence}{space}{line}{space}{fence}"

    def block(self, source: str) -> str:
        """Python on lines of its own, the first of them if they are too many."""
        shown = visible(_cut(source.replace("\r\n", "\n").strip("\n")))
        if not self.markdown:
            return shown
        return fenced(shown, "python")

    def rows(self, rows: Iterable[tuple[int, str]]) -> str:
        """A list; each row has its depth, and is written already."""
        bullet = "- " if self.markdown else ""
        return "\n".join(f"{'  ' * depth}{bullet}{row}" for depth, row in rows)

    def commands(self, offered: Iterable[tuple[str, str]], arguments: dict[str, Any]) -> str:
        """Links to commands, each with its title; nothing where a client does not trust them."""
        if not self.links:
            return ""
        query = quote(json.dumps([arguments]), safe="")
        return " · ".join(f"[{title}](command:{command}?{query})" for title, command in offered)

    def join(self, parts: Iterable[str]) -> MarkupContent:
        """The hover, of its paragraphs."""
        kind = MarkupKind.Markdown if self.markdown else MarkupKind.PlainText
        return MarkupContent(kind, "\n\n".join(part for part in parts if part))


def fenced(text: str, language: str) -> str:
    """A text of several lines in a fence that is longer than any inside."""
    fence = "`" * max(3, 1 + _longest_run(text))
    return f"{fence}{language}\n{text}{'' if text.endswith(chr(10)) else chr(10)}{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in BACKTICKS.findall(text)), default=0)


def _cut(source: str) -> str:
    """The first lines of a source, and how many are left out."""
    lines = source.split("\n")
    kept, left = [], CHARACTERS
    for line in lines[:LINES]:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    missing = len(lines) - len(kept)
    return "\n".join([*kept, f"# … {plural(missing, 'more line')}"]) if missing else source
