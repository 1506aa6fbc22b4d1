"""What a change does to a document, as `diff -u` shows it."""

from __future__ import annotations

import difflib

from soa.source.layout import LINE_END

NO_LINE_END = "\\ No newline at end of file"


def unified_diff(relative: str, before: str, after: str) -> str:
    """The change of one file; line ends are shown as LF, and a last line without one is marked.

    Lines are those of an editor: a form feed or a line separator inside of a string does not end one.
    """
    old, new = _lines(before), _lines(after)
    found = difflib.unified_diff(old, new, f"a/{relative}", f"b/{relative}", lineterm="\n")
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_LINE_END}\n" for line in found)


def _lines(text: str) -> list[str]:
    """The lines of a text with LF as their ends; an end that the last one lacks is lacking here too."""
    *whole, last = LINE_END.split(text)
    return [f"{line}\n" for line in whole] + ([last] if last else [])
