"""A text cut at its top-level definitions into parts that can be read each by itself.

So an error is felt only in the part it is in, and a part that did not change need not be read again.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from soa.source import scan

CUT = re.compile(r"\n(?=@[^\W\d]|(?:async[ \t]+)?(?:def|class)[ \t]+[^\W\d])")


def cuts(code: str) -> list[int]:
    """Where the parts of a plain text begin: at each definition in its first column, decorators included.

    Some may lie inside of a string; `uncut_strings` leaves those out.
    """
    starts, decorated = [0], code.startswith("@")
    for match in CUT.finditer(code):
        if not decorated:
            starts.append(match.end())
        decorated = code.startswith("@", match.end())
    return starts


def uncut_strings(code: str, starts: list[int], begin: int = 0) -> list[int]:
    """Those beginnings that are inside of no string; all of them if some triple quote is never closed.

    Parameters
    ----------
    code, starts
        A plain text and its cuts.
    begin
        One of them that is inside of no string, as are those before it.
    """
    inside: set[int] = set()
    for piece in scan.STRING.finditer(code, begin):
        if piece.lastgroup == "unclosed":
            return starts
        if piece.lastgroup == "string":
            inside.update(starts[bisect_right(starts, piece.start()) : bisect_left(starts, piece.end())])
    return [start for start in starts if start not in inside]
