"""What is sent for a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from soa.model import Query
    from soa.model.failures import Feature

ALL_FEATURES: frozenset[Feature] = frozenset({"stream", "stream_options", "system", "temperature"})


def request_body(model: str, query: Query, features: frozenset[Feature], temperature: float) -> dict[str, Any]:
    """What is sent for a query, with only these features."""
    body: dict[str, Any] = {"model": model, "messages": _messages(query, "system" in features)}
    if "temperature" in features:
        body["temperature"] = temperature
    if "stream" in features:
        body["stream"] = True
    if {"stream", "stream_options"} <= features:
        body["stream_options"] = {"include_usage": True}
    return body


def _messages(query: Query, system: bool) -> list[dict[str, str]]:
    """The messages; without system messages their text opens the first one of the user."""
    messages = [{"role": m.role, "content": _encodable(m.content)} for m in query.messages]
    if system:
        return messages
    lead = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
    rest = [m for m in messages if m["role"] != "system"]
    if lead and rest and rest[0]["role"] == "user":
        rest[0]["content"] = f"{lead}\n\n{rest[0]['content']}"
        return rest
    return [{"role": "user", "content": lead}, *rest] if lead else rest


def _encodable(text: str) -> str:
    r"""The text with what UTF-8 cannot hold, e.g. from a test's output, written as Python writes it: `\udc80`."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
