"""What one attempt at a call may meet instead of an answer, read from what the server said."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any, Literal

from attrs import frozen

FailureKind = Literal["down", "silent", "cut", "busy", "key", "quota", "model", "length", "path", "moved", "request"]
Feature = Literal["stream", "stream_options", "system", "temperature"]

SHOWN = 240
"""Characters of a server's message that are shown."""


@frozen
class Failure:
    """Why an attempt gave no answer.

    The kinds: `down` (no connection), `silent` (nothing came within the timeout), `cut` (the connection or the reply
    ended early or was garbled), `busy` (rate limited or failing), `key`, `quota`, `model` (unknown), `length` (prompt
    too long), `path` (no such API at this address), `moved` (the server points to another address, which is the text)
    and `request` (refused for another reason).
    """

    kind: FailureKind
    text: str = ""
    """The server's or the network's own words, one short line."""
    status: int = 0
    """HTTP status; 0 if none came."""
    param: str = ""
    """The parameter that the server names as the culprit."""
    wait: float | None = None
    """Seconds the server asks to wait."""


def read_refusal(status: int, body: str, wait: float | None = None) -> Failure:
    """Read an answer with an error status, or an error inside an answer with status 200."""
    message, code, param = _said(body)
    if status < 400:
        number = re.match(r"[45]\d\d\b", code)
        status = int(number[0]) if number else 500
    return Failure(_kind(status, code, message), one_line(message), status, param, wait)


def one_line(text: str) -> str:
    """A text, or the title of a web page, as one short line."""
    if re.match(r"\s*<(!doctype|html|head|\?xml)", text, re.I):
        title = re.search(r"<(title|h1)[^>]*>(.*?)</\1", text[:20_000], re.I | re.S)
        text = "a web page" + (f", '{unescape(title[2])}'" if title else "")
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: SHOWN * 4]).split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def refused_feature(failure: Failure, sent: frozenset[Feature]) -> Feature | None:
    """The feature without which the call may succeed: the one that the server names, else streaming.

    Parameters
    ----------
    failure
        What the attempt met.
    sent
        The features that the attempt used.
    """
    named = next((f for f, pattern in FEATURE_NAMES if f in sent and _names(failure, f, pattern)), None)
    if named is None and failure.kind == "request" and failure.status in (400, 422, 501) and "stream" in sent:
        return "stream"
    return named


FEATURE_NAMES: tuple[tuple[Feature, re.Pattern[str]], ...] = (
    ("stream_options", re.compile(r"stream_options|include_usage", re.I)),
    ("temperature", re.compile(r"\btemperature\b", re.I)),
    (
        "system",
        re.compile(
            r"\bsystem\W{0,3}(role|message|prompt|instruction)|role\W.{0,60}\bsystem\b|support\W+'?system\b"
            r"|developer (role|message|instruction)",
            re.I,
        ),
    ),
    ("stream", re.compile(r"\bstream(ing|ed)?\b", re.I)),
)


def _names(failure: Failure, feature: Feature, pattern: re.Pattern[str]) -> bool:
    if failure.status == 500:  # chat templates that know no system role end as 500
        return feature == "system" and bool(pattern.search(failure.text))
    if failure.status not in (400, 404, 422, 501):
        return False
    return failure.param == feature or bool(pattern.search(failure.text))


QUOTA = re.compile(r"insufficient[\s_]*(quota|balance|credit|fund)|billing_(hard_limit|not_active)", re.I)
MODEL = re.compile(
    r"model_not_found|unknown_model|invalid_model|model\b.{0,120}?(not found|not exist|n't exist|unknown|not available"
    r"|not accessible|no access)|(unknown|no such|invalid|unavailable) model\b",
    re.I | re.S,
)
LENGTH = re.compile(
    r"context_length_exceeded|(context|prompt)\W(length|window|size)|maximum context|too many tokens"
    r"|prompt is too long",
    re.I,
)
PATH = re.compile(r"unexpected endpoint", re.I)


def _kind(status: int, code: str, message: str) -> FailureKind:
    said = f"{code}\n{message}"
    if status == 402 or QUOTA.search(said):
        return "quota"
    if PATH.search(said):
        return "path"
    if status in (408, 409, 429) or (status >= 500 and status != 501):
        return "busy"
    if status == 401:
        return "key"
    return _refusal_kind(status, said)


def _refusal_kind(status: int, said: str) -> FailureKind:
    if MODEL.search(said):
        return "model"
    if status == 403:
        return "key"
    if LENGTH.search(said) or status == 413:
        return "length"
    return "path" if status in (404, 405) else "request"


def _said(body: str) -> tuple[str, str, str]:
    """The message, the code with the type, and the parameter of an error in any of the usual forms."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return body, "", ""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("error") or value
    if not isinstance(value, dict):
        return str(value), "", ""
    return _message(value), " ".join(str(value[n]) for n in ("code", "type") if value.get(n)), _param(value)


def _message(error: dict[str, Any]) -> str:
    found = next((error[name] for name in ("message", "msg", "detail", "error") if error.get(name)), error)
    if isinstance(found, list):
        return "; ".join(_complaint(entry) for entry in found)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _complaint(entry: object) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    place = ".".join(str(part) for part in entry.get("loc", ()) if part != "body")
    return f"{place}: {entry.get('msg', '')}"


def _param(error: dict[str, Any]) -> str:
    param = error.get("param")
    return param if isinstance(param, str) else ""
