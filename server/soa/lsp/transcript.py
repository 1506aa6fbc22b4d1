"""The prompts and replies of an agent as Markdown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from soa.lsp.markup import fenced
from soa.lsp.wording import spent
from soa.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soa.contracts import Step
    from soa.store.exchanges import KeptExchange

DOING: Final[dict[Step, str]] = {
    "write": "writing",
    "repair": "repairing",
    "skeleton": "drafting a skeleton",
    "revise": "revising",
    "tests": "writing tests",
    "feedback": "looking for the cause",
}
"""Steps in the words of people."""


def transcript(title: str, calls: Sequence[KeptExchange]) -> str:
    """A heading for each call, and one for each message; the times are those of this machine's clock."""
    parts = [f"# {title}", plural(len(calls), "call") if calls else "No calls yet."]
    for number, call in enumerate(calls, 1):
        parts += _call(number, call)
    return "\n\n".join(parts) + "\n"


def _call(number: int, call: KeptExchange) -> Iterator[str]:
    at = time.strftime("%H:%M:%S", time.localtime(call.at))
    cost = "" if call.reply is None else spent(call.usage.prompt_tokens, call.usage.completion_tokens)
    yield "## " + " · ".join(filter(None, (f"{number}. {DOING[call.step]}", at, cost)))
    for message in call.messages:
        yield f"### {message.role}"
        yield fenced(message.content, "markdown")
    yield "### reply"
    yield "Not answered yet." if call.reply is None else fenced(call.reply, "markdown")
