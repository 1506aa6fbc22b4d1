"""The bodies that real servers send."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any

from loopback.faults import Status, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BASE = {"id": "chatcmpl-loopback", "created": 0}
REFUSALS: dict[str, Status] = {
    "stream": Status(400, "Streaming is not supported by this deployment.", "unsupported_value", "stream"),
    "stream_options": Status(
        422,
        body=json.dumps({"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]}),
    ),
    "system": Status(400, "System role not supported"),
    "temperature": Status(
        400,
        "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) is supported.",
        "unsupported_value",
        "temperature",
    ),
}


def error_for(refuses: frozenset[str], key: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Status | None:
    """The refusal that a request meets, if any."""
    if key and headers.get("authorization") != f"Bearer {key}":
        return Status(401, "Incorrect API key provided.", "invalid_api_key")
    used = {name for name in ("stream", "stream_options", "temperature") if name in body}
    if any(m["role"] == "system" for m in body.get("messages", ())):
        used.add("system")
    return next((REFUSALS[name] for name in REFUSALS if name in refuses & used), None)


def completion(reply: Text, body: Mapping[str, Any]) -> bytes:
    """A whole reply as plain JSON."""
    message: dict[str, Any] = {"role": "assistant", "content": _content(reply, reply.text)}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    choice = {"index": 0, "message": message, "finish_reason": reply.finish}
    whole = {**BASE, "object": "chat.completion", "model": body.get("model"), "choices": [choice]}
    usage = _usage(reply, body)
    return json.dumps({**whole, "usage": usage} if usage else whole).encode()


def stream_events(reply: Text, body: Mapping[str, Any]) -> Iterator[bytes]:
    """A reply as server-sent events; without end if the reply is endless."""
    yield _event([_choice({"role": "assistant", "content": "" if not reply.reasoning else None})], body)
    if reply.reasoning:
        yield _event([_choice({"reasoning_content": reply.reasoning, "content": None})], body)
    step = -(-len(reply.text) // reply.pieces) or 1
    for _ in count() if reply.endless else range(1):
        for start in range(0, len(reply.text), step):
            yield _event([_choice({"content": _content(reply, reply.text[start : start + step])})], body)
    if reply.finish is not None:
        yield _event([_choice({}, reply.finish)], body)
    usage = _usage(reply, body)
    if usage and (body.get("stream_options") or {}).get("include_usage"):
        yield _event([], body, usage)
    if reply.done:
        yield b"data: [DONE]\n\n"


def _choice(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish}


def _event(choices: list[dict[str, Any]], body: Mapping[str, Any], usage: Mapping[str, Any] | None = None) -> bytes:
    chunk = {**BASE, "object": "chat.completion.chunk", "model": body.get("model"), "choices": choices, "usage": usage}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def _content(reply: Text, text: str) -> str | list[dict[str, str]]:
    return [{"type": "text", "text": text}] if reply.parts else text


def _usage(reply: Text, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if reply.usage is None or "estimate" not in reply.usage:
        return reply.usage
    prompt = sum(len(str(m["content"])) for m in body.get("messages", ())) // 4 + 1
    written = (len(reply.text) + len(reply.reasoning)) // 4 + 1
    return {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written}
