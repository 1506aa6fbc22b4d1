"""What a call cost: as the server reports it, estimated where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soa.contracts import Usage
from soa.tokens import estimate_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soa.model import Query

MESSAGE_OVERHEAD = 4
"""Tokens that a chat template adds to each message, roughly."""


def estimate_usage(query: Query, written: str) -> Usage:
    """One call's usage from the texts alone; `written` is all that the model wrote, its reasoning included."""
    prompt = sum(estimate_tokens(message.content) + MESSAGE_OVERHEAD for message in query.messages)
    return _one_call(prompt, estimate_tokens(written) if written else 0)


def reported_usage(reported: Mapping[str, Any] | None, query: Query, written: str) -> Usage:
    """One call's usage as reported; a figure that is missing, null or zero where it cannot be is estimated.

    A query that was repeated because an attempt failed counts as one call: failed attempts report nothing and
    hosted endpoints do not charge for them.
    """
    estimate = estimate_usage(query, written)
    prompt = _count(reported, "prompt_tokens") or estimate.prompt_tokens
    return _one_call(prompt, _count(reported, "completion_tokens") or estimate.completion_tokens)


def _one_call(prompt: int, completion: int) -> Usage:
    return Usage(calls=1, prompt_tokens=prompt, completion_tokens=completion, max_prompt_tokens=prompt)


def _count(reported: Mapping[str, Any] | None, name: str) -> int:
    value = (reported or {}).get(name)
    return max(int(value), 0) if isinstance(value, int | float) else 0
