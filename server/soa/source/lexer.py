"""The few tokens of Python that are needed to find where a header, a docstring or a decorator ends.

Works on plain texts (see `layout.plain`) and on the piece at hand only, so that an error elsewhere does not matter.
"""

from __future__ import annotations

import re

TRIPLE_DOUBLE = r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'
TRIPLE_SINGLE = r"'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"
SINGLE = r""""(?:[^"\\\n]|\\\r?.)*"|'(?:[^'\\\n]|\\\r?.)*\'"""
STRING_BODY = f"{TRIPLE_DOUBLE}|{TRIPLE_SINGLE}|(?!\"\"\"|''')(?:{SINGLE})"

STRING = re.compile(rf"[rRuU]?(?:{STRING_BODY})", re.DOTALL)
"""A string that can be (a part of) a docstring: neither bytes nor formatted."""
TOKEN = re.compile(
    rf"(?P<string>{STRING_BODY})|(?P<open>[(\[{{])|(?P<close>[)\]}}])|(?P<comment>\#[^\n]*)|(?P<join>\\\r?\n)"
    r"|(?P<definition>\n[ \t\f]*(?:async[ \t]+)?(?:def|class)[ \t]+[^\W\d])|(?P<line>\n)"
    r"|(?P<colon>:)|(?P<semicolon>;)",
    re.DOTALL,
)
SPACE = re.compile(r"(?:[ \t\f]|\\\r?\n)*")
"""White space within a logical line."""
WIDE_SPACE = re.compile(r"(?:[ \t\f\r\n]|\\\r?\n|\#[^\n]*)*")
"""White space, line ends and comments, as between brackets."""


def skip_space(code: str, offset: int) -> int:
    """The offset after white space on the same logical line."""
    match = SPACE.match(code, offset)
    return match.end() if match else offset


def skip_wide_space(code: str, offset: int) -> int:
    """The offset after white space, line ends and comments."""
    match = WIDE_SPACE.match(code, offset)
    return match.end() if match else offset


def close_bracket(code: str, offset: int) -> int:
    """The offset after the bracket that closes the one at `offset`; -1 if none does before the next definition."""
    depth = 0
    for token in TOKEN.finditer(code, offset):
        if token.lastgroup == "open":
            depth += 1
        elif token.lastgroup == "close":
            depth -= 1
            if depth <= 0:
                return token.end()
        elif token.lastgroup == "definition":
            return -1
    return -1


def find_on_line(code: str, offset: int, wanted: str) -> int:
    """The offset of the next `colon`, `semicolon`, `comment` or `line` outside brackets and strings.

    The search ends with the logical line: -1 if that comes first. `line` is also found at the end of the text and,
    whatever is still open, where the next definition begins.
    """
    depth = 0
    for token in TOKEN.finditer(code, offset):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind == "definition":
            return token.start() if wanted == "line" else -1
        elif depth > 0:
            continue
        elif kind == wanted:
            return token.start()
        elif kind == "line":
            return -1
    return len(code) if wanted == "line" and depth <= 0 else -1


def logical_line_end(code: str, offset: int) -> int:
    """Where the logical line's code ends: before its comment, semicolon and line end. -1 within open brackets."""
    ends = (find_on_line(code, offset, kind) for kind in ("comment", "semicolon", "line"))
    end = min((e for e in ends if e >= 0), default=-1)
    return offset + len(code[offset:end].rstrip()) if end >= 0 else -1
