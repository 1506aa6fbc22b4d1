"""What the loopback endpoint can do instead of answering with a plain text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import Factory, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping


@frozen
class Text:
    """A reply with particulars; a plain `str` is `Text(text)`."""

    text: str
    finish: str | None = "stop"
    """`finish_reason`; None leaves it out."""
    usage: Mapping[str, Any] | None = Factory(lambda: {"estimate": True})
    """As reported; by default counted from the texts; None: the server reports none."""
    reasoning: str = ""
    """Sent as `reasoning_content` before the text."""
    parts: bool = False
    """Content as a list of parts."""
    pieces: int = 4
    """Into how many chunks the text is split when it is streamed."""
    pause: float = 0.0
    """Seconds between chunks."""
    done: bool = True
    """Whether `[DONE]` ends a stream."""
    plain: bool = False
    """Answer with plain JSON even if streaming was asked for."""
    endless: bool = False
    """Repeat the text until the client leaves."""
    linger: bool = False
    """Keep the body open after the end of the reply until the client leaves."""
    drop: bool = False
    """Drop the connection after the end of the reply, before the end of the body."""


@frozen
class Status:
    """An answer with an error status."""

    code: int
    message: str = "The server had an error while processing your request."
    error_code: str | None = None
    param: str | None = None
    retry_after: str | float | None = None
    headers: Mapping[str, str] = Factory(dict)
    body: str | None = None
    """Whole body, instead of an error in OpenAI's form."""
    content_type: str = "application/json"

    @property
    def content(self) -> bytes:
        if self.body is not None:
            return self.body.encode()
        error = {"message": self.message, "type": "error", "param": self.param, "code": self.error_code}
        return json.dumps({"error": error}).encode()

    @property
    def all_headers(self) -> dict[str, str]:
        waits = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return {"Content-Type": self.content_type, **waits, **self.headers}


@frozen
class Cut:
    """The connection is dropped: before anything was sent, or after the first `after` characters of a streamed text."""

    text: str = ""
    after: int | None = None
    clean: bool = False
    """End the body as if it were whole, only its end marks are missing."""


@frozen
class Hang:
    """Nothing more comes until the server is released or the client leaves."""

    text: str = ""
    """What is streamed before; if empty, not even the headers are sent."""


@frozen
class Raw:
    """These bytes with status 200."""

    content: bytes
    content_type: str = "application/json"
    pieces: int = 1


Fault = Text | Status | Cut | Hang | Raw


def rate_limited(retry_after: str | float | None = None, **headers: str) -> Status:
    message = "Rate limit reached for requests. Please try again later."
    return Status(429, message, "rate_limit_exceeded", retry_after=retry_after, headers=headers)


def quota() -> Status:
    return Status(429, "You exceeded your current quota, please check your plan.", "insufficient_quota")


def wrong_key(shown: str = "sk-loop****************back") -> Status:
    return Status(401, f"Incorrect API key provided: {shown}. You can find your API key online.", "invalid_api_key")


def unknown_model(name: str) -> Status:
    return Status(404, f"The model `{name}` does not exist or you do not have access to it.", "model_not_found")


def web_page(code: int = 502, title: str = "502 Bad Gateway") -> Status:
    page = f"<html>\n<head><title>{title}</title></head>\n<body>{'<p>nginx</p>' * 500}</body></html>"
    return Status(code, body=page, content_type="text/html")
