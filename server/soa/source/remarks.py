"""What a user asks of a stub's implementation in comments `# soa: ...` inside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soa.source import layout, lexer
from soa.source.stubs import body_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soa.contracts import Stub

STRING_OR_COMMENT = re.compile(rf"{lexer.STRING_BODY}|\#(?P<comment>[^\n\r]*)", re.DOTALL)
REMARK = re.compile(r"[ \t]*soa:(?P<words>.*)")


def remark_of(text: str, stub: Stub) -> str:
    """The words of all comments `# soa: ...` between a stub's header and the end of its body, a line each.

    Such comments stay in the file, and are no part of the contract.
    """
    code = layout.plain(text)
    end = body_end(code, stub.header.start, stub.definition.end)
    parts = (text[stub.header.end : stub.docstring.start], text[stub.docstring.end : end])
    return "\n".join(words for part in parts for words in _remarks(part))


def _remarks(part: str) -> Iterator[str]:
    for piece in STRING_OR_COMMENT.finditer(part):
        remark = REMARK.match(piece["comment"] or "")
        if remark and remark["words"].strip():
            yield remark["words"].strip()
