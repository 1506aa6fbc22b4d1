"""From the bytes of an HTTP body, streamed or plain, to an answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import frozen

from soa.model.failures import Failure, one_line, read_refusal
from soa.tokens import CHARACTERS_PER_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

RAW_BYTES_PER_TOKEN = 4096
"""Bytes of a body per token of the longest reply: each token comes in a chunk of its own, and reasoning on top."""
BOM = b"\xef\xbb\xbf"


@frozen
class Answer:
    """What a body said."""

    text: str
    reasoning: str = ""
    """What the model wrote for itself, in a field of its own."""
    usage: Mapping[str, Any] | None = None
    """As reported, or None."""
    cut: bool = False


class Assembler:
    """Puts an answer together while its body comes in.

    It takes server-sent events, and plain JSON from a server that ignores the wish to stream.

    Parameters
    ----------
    limit
        Longest reply in tokens; what goes beyond is left unread.
    """

    def __init__(self, limit: int) -> None:
        self._raw_limit = (1 << 20) + limit * RAW_BYTES_PER_TOKEN
        self._raw = 0
        self._head = b""
        self._plain: bytearray | None = None
        self._events = EventReader()
        self._draft = Draft(limit)

    @property
    def grace(self) -> float | None:
        """Seconds to wait for what may still come; None while the reply itself is not whole.

        After the reply comes its usage, after `[DONE]` only the end of the body, which frees the connection.
        """
        if self._events.ended:
            return 0.1
        return 5.0 if self._draft.finished else None

    def feed(self, data: bytes) -> bool:
        """Take the next bytes; whether nothing more can be gained and the connection should be dropped."""
        self._raw += len(data)
        if self._plain is not None:
            self._plain += data
        elif self._opens_plain(data):
            self._plain = bytearray(self._head)
        else:
            self._take_events(data)
        return self._raw > self._raw_limit or self._draft.closed

    def finish(self) -> Answer | Failure:
        """The answer, after the last bytes."""
        draft = self._draft
        if self._raw > self._raw_limit:
            draft.cut = True
        elif self._plain is not None:
            self._take_plain(self._plain.decode("utf-8", "replace").lstrip("\ufeff"))
        else:
            self._take_events(b"\n\n")
        if draft.failure is not None and not draft.cut:
            return draft.failure
        if self.grace is None and not draft.cut:
            return Failure("cut", "the reply ended early")
        return Answer(whole_text(draft.text), whole_text(draft.reasoning), draft.usage, draft.cut)

    def _opens_plain(self, data: bytes) -> bool:
        """Whether the first visible byte opens JSON or a web page, and no event."""
        if self._head.strip():
            return False
        self._head += data
        return self._head.removeprefix(BOM).lstrip()[:1] in (b"{", b"[", b"<")

    def _take_events(self, data: bytes) -> None:
        for event in self._events.feed(data):
            if self._draft.closed:
                return
            self._draft.take(event, "delta")

    def _take_plain(self, text: str) -> None:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            page = text.lstrip().startswith("<")
            self._draft.failure = Failure("path" if page else "cut", f"the answer is no JSON but {one_line(text)}", 200)
            return
        value = value[0] if isinstance(value, list) and value else value
        if not isinstance(value, dict) or not (value.get("choices") or value.get("error")):
            self._draft.failure = Failure("cut", f"the answer holds no reply: {one_line(text)}", 200)
            return
        self._draft.take(value, "message")
        self._draft.finished = True


class EventReader:
    """Reads server-sent events whose data is JSON.

    Lines end at LF or CRLF only: other line separators may stand inside JSON.
    """

    def __init__(self) -> None:
        self.ended = False
        """Whether `[DONE]` came."""
        self._rest = bytearray()
        self._data = b""

    def feed(self, data: bytes) -> Iterator[object]:
        """The events that these bytes complete; an unreadable one comes as its text."""
        if b"\n" not in data:
            self._rest += data
            return
        *lines, rest = (bytes(self._rest) + data).split(b"\n")
        self._rest = bytearray(rest)
        for line in lines:
            yield from self._read(line.removeprefix(BOM).rstrip(b"\r"))

    def _read(self, line: bytes) -> Iterator[object]:
        name, _, value = line.partition(b":")
        if not line and self._data:
            garbled, self._data = self._data, b""
            yield garbled.decode("utf-8", "replace")
        elif name == b"data" and value.strip() == b"[DONE]":
            self.ended = True
        elif name == b"data":
            yield from self._complete(self._data + value.strip())

    def _complete(self, data: bytes) -> Iterator[object]:
        """The event, if the data so far is whole; one event may spread over several lines."""
        try:
            yield json.loads(data)
        except (ValueError, RecursionError):
            self._data = data + b"\n"
        else:
            self._data = b""


class Draft:
    """An answer in the making.

    Parameters
    ----------
    limit
        Longest text in tokens.
    """

    def __init__(self, limit: int) -> None:
        self.text: list[str] = []
        self.reasoning: list[str] = []
        self.usage: Mapping[str, Any] | None = None
        self.failure: Failure | None = None
        self.finished = self.cut = self.full = False
        self._room = int(limit * CHARACTERS_PER_TOKEN)

    @property
    def closed(self) -> bool:
        """Whether nothing more is taken."""
        return self.full or self.failure is not None

    def take(self, event: object, part: str) -> None:
        """Take one chunk (`part` is `delta`) or one whole completion (`message`)."""
        if not isinstance(event, dict):
            self.failure = Failure("cut", f"a part of the reply is garbled: {one_line(str(event))}")
        elif event.get("error") and not event.get("choices"):
            self.failure = read_refusal(200, json.dumps(event))
        else:
            self.usage = event["usage"] if isinstance(event.get("usage"), dict) else self.usage
            choices = event.get("choices")
            for choice in choices if isinstance(choices, list) else ():
                if isinstance(choice, dict) and not choice.get("index"):
                    self._take_choice(choice, part)

    def _take_choice(self, choice: Mapping[str, Any], part: str) -> None:
        said = choice.get(part) or choice.get("message")
        said = said if isinstance(said, dict) else {}
        self._add(text_of(said.get("content")) or text_of(said.get("refusal")) or text_of(choice.get("text")))
        self.reasoning.append(text_of(said.get("reasoning_content") or said.get("reasoning")))
        if choice.get("finish_reason"):
            self.finished = True
            self.cut = self.cut or choice["finish_reason"] == "length"

    def _add(self, text: str) -> None:
        data = text.encode("utf-8", "surrogatepass")
        if len(data) > self._room:
            self.full = self.cut = True
            text = data[: self._room].decode("utf-8", "ignore")
        self._room -= len(data)
        self.text.append(text)


def model_names(listing: object) -> tuple[str, ...] | Failure:
    """The names in an endpoint's list of models, sorted."""
    entries = listing.get("data") if isinstance(listing, dict) else listing
    if entries is None and isinstance(listing, dict) and "data" in listing:
        return ()
    if not isinstance(entries, list):
        return Failure("path", "its list of models cannot be read", 200)
    return tuple(sorted({str(e["id"]) for e in entries if isinstance(e, dict) and e.get("id")}))


def whole_text(pieces: Iterable[str]) -> str:
    """The pieces as one text that can be encoded: halves of one character are joined, a half alone is replaced."""
    return "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def text_of(content: object) -> str:
    """The text of a message's content: a string, null, or a list of parts."""
    if isinstance(content, list):
        return "".join(text_of(part.get("text")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
