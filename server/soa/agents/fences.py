"""Where the code stands in a reply: in fences or between prose, thoughts left out."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from attrs import frozen

from soa.agents.pieces import Block, read_block, unindent

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PIECES = 100
"""Fenced pieces of one reply that are read."""
MOST_ENDS = 6
"""How many places are tried as the end of a fence, or as the line on which prose begins."""
MOST_STARTS = 20
"""How many places of a bare reply are tried as the beginning of code."""

_TAGS = r"(?P<tag>think|thinking|thought|thoughts|reasoning|reflection)"
_LEADING_THOUGHT = re.compile(rf"\A(?:\s*<{_TAGS}>.*?(?:</(?P=tag)>|\Z))+", re.DOTALL)
_THOUGHT = re.compile(rf"^[ \t]*<{_TAGS}>.*?</(?P=tag)>[ \t]*$", re.DOTALL | re.MULTILINE)
_END_OF_THOUGHT = re.compile(rf"^[ \t]*</{_TAGS}>[ \t]*$", re.MULTILINE)
_OPENING = re.compile(
    r"(?P<before>[ \t]*(?:(?:[-*+]|\d+[.)])[ \t]+)?)(?P<fence>`{3,}|~{3,})[^`\n]*"
    r"|(?P<prose>[^`~\n]*[ \t])(?P<late>`{3,})[ \t]*(?:py\w*)?[ \t]*"
)
_CLOSING = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*")
_DEFINITION = r"(?:(?:async[ \t]+def|def|class|@\w)\b|[A-Za-z_]\w*[ \t]*(?::[^=\n]*)?=(?!=))"
_BROKEN = re.compile(_DEFINITION)
_CODE_START = re.compile(
    rf"^[ \t]*(?:{_DEFINITION}|(?:import|from[ \t]+[\w.]+[ \t]+import|assert)\b|(?:if\b[^\n]*|try):[ \t]*$)",
    re.MULTILINE,
)


@frozen
class Piece:
    """A fenced part of a reply."""

    source: str
    closed: bool


def plain_text(reply: str) -> str:
    """A reply without thoughts, with LF line ends."""
    text = reply.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    text = _THOUGHT.sub("", _LEADING_THOUGHT.sub("", text))
    ends = list(_END_OF_THOUGHT.finditer(text)) if "<think" not in text else []
    return (text[ends[-1].end() :] if ends else text).strip("\n")


def prose_of(reply: str) -> str:
    """What a reply says outside its fences; if that is nothing, what it says inside."""
    text = plain_text(reply)
    lines = text.split("\n")
    for first, end in _spans(lines):
        lines[first:end] = [""] * (end - first)
    prose = "\n".join(lines).strip()
    return prose or "\n".join(p.source for p in fenced(text)).strip() or text.strip()


def fenced(text: str) -> Iterator[Piece]:
    """The fenced parts of a reply, without the indentation of their fences."""
    lines = text.split("\n")
    for first, end in islice(_spans(lines), MOST_PIECES):
        closed = _is_closing(lines[end - 1], _fence(lines[first])) and end - 1 > first
        inner = lines[first + 1 : end - 1 if closed else end]
        yield Piece("\n".join(_without_margin(inner, lines[first])), closed)


def _spans(lines: list[str]) -> Iterator[tuple[int, int]]:
    """First line of each fenced part and the line after its last, fences included."""
    number = 0
    while number < len(lines):
        if _fence(lines[number]):
            end = _end(lines, number)
            yield number, end
            number = max(end, number + 1)
        else:
            number += 1


def _fence(line: str) -> str:
    """The back ticks or tildes that open a fence on this line; none if it opens none."""
    match = _OPENING.fullmatch(line)
    return (match["fence"] or match["late"]) if match else ""


def _ends(line: str, fence: str) -> bool:
    """Whether a fenced part may end on this line: by its own fence, or since the next one begins."""
    match = _OPENING.fullmatch(line)
    return _is_closing(line, fence) or bool(match and match["fence"])


def _is_closing(line: str, fence: str) -> bool:
    match = _CLOSING.fullmatch(line)
    return match is not None and match[1].startswith(fence)


def _end(lines: list[str], opening: int) -> int:
    """The line after a fenced part: where it first is Python, since strings may hold fences; else where it first ends.

    A part may also end where the next one begins, its own end forgotten.
    """
    fence = _fence(lines[opening])
    ends = (n for n in range(opening + 1, len(lines)) if _ends(lines[n], fence))
    found = list(islice(ends, MOST_ENDS))
    for n in found if len(found) > 1 else ():
        source = "\n".join(_without_margin(lines[opening + 1 : n], lines[opening]))
        if isinstance(read_block(source), Block):
            return n + _is_closing(lines[n], fence)
    return found[0] + _is_closing(lines[found[0]], fence) if found else len(lines)


def _without_margin(inner: list[str], opening: str) -> list[str]:
    """Take off the indentation that a fence in a list has, as far as all its lines have it."""
    match = _OPENING.fullmatch(opening)
    margin = len(match["before"] or "") if match else 0
    margin = min([margin, *(len(line) - len(line.lstrip()) for line in inner if line.strip())])
    return [line[margin:] if line.strip() else "" for line in inner] if margin else inner


def bare(text: str, *, whole: bool = False) -> tuple[tuple[Block, ...], SyntaxError | None]:
    """The Python between the prose of a reply without fences, and what is wrong with the first piece that is none."""
    blocks: list[Block] = []
    problem: SyntaxError | None = None
    position = 0
    for _ in range(MOST_STARTS):
        start = _CODE_START.search(text, position)
        if start is None:
            break
        block, size, error = _up_to_prose(text[start.start() :], whole=whole)
        problem = problem or error
        blocks += [block] if block else []
        position = start.start() + size if block else start.end()
    return tuple(blocks), problem


def _up_to_prose(text: str, *, whole: bool) -> tuple[Block | None, int, SyntaxError | None]:
    """Read code that prose may follow: the block, how many characters it takes, and what is wrong with it.

    Prose begins in the first column, on the line that spoils what parses without it, or shortly before.
    """
    block = read_block(text, whole=whole)
    if isinstance(block, Block):
        return block, len(text), None
    plain, lines = unindent(text).split("\n"), text.split("\n")
    last = min(block.lineno or 1, len(lines)) - 1
    flush = (n for n in range(last, 0, -1) if plain[n][:1].strip())
    for n in islice(flush, MOST_ENDS):
        if _BROKEN.match(plain[n]):
            break
        shorter = read_block("\n".join(lines[:n]), whole=whole)
        if isinstance(shorter, Block):
            return shorter, sum(len(line) + 1 for line in lines[:n]), None
    return None, 0, block
