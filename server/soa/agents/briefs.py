"""Prompts: templates kept as prose in `prompts/`, filled in and cut so that none exceeds the limit in tokens."""

from __future__ import annotations

from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from attrs import frozen

from soa.errors import LimitReached
from soa.model import Message
from soa.tokens import estimate_tokens

if TYPE_CHECKING:
    from soa.contracts import Contract, Role, Step

MARGIN = 40
"""Tokens kept free for what a chat format adds around messages."""
LEAST_FEEDBACK = 200
"""Tokens of feedback that are always kept, where the contract leaves room at all."""


@frozen
class Brief:
    """What one prompt says. Texts that are too long for the limit are cut: context first, then code, then feedback."""

    role: Role
    step: Step
    contract: Contract
    path: str
    context: str = ""
    code: str = ""
    feedback: str = ""
    note: str = ""
    """Why the last reply was refused, if it was."""


def write_prompt(brief: Brief, limit: int) -> tuple[Message, ...]:
    """Fill in a brief's templates.

    Raises
    ------
    LimitReached
        The contract alone does not fit into `limit` tokens.
    """
    system = _template(f"{brief.role}-system")
    user = Template(_template(f"{brief.role}-{brief.step}"))
    fixed = {
        "qualname": brief.contract.qualname,
        "name": brief.contract.name,
        "path": brief.path,
        "contract": brief.contract.render().rstrip(),
    }
    bare = estimate_tokens(system + user.substitute(fixed, note="", context="", code="", feedback="")) + MARGIN
    room = limit - bare
    if room < 0:
        raise LimitReached(
            f"The contract of {brief.contract.qualname} alone makes a prompt of {bare} tokens; {limit} are allowed.",
            "Shorten the docstring or raise --context-tokens.",
        )
    texts = _fit(brief, room)
    return Message("system", system), Message("user", user.substitute(fixed, **texts).rstrip() + "\n")


def _fit(brief: Brief, room: int) -> dict[str, str]:
    note = cut(f"\nYour last reply was refused: {brief.note}\n", room // 2) if brief.note else ""
    room -= estimate_tokens(note)
    feedback = cut(brief.feedback, max(room // 2, min(LEAST_FEEDBACK, room)))
    room -= estimate_tokens(feedback)
    code = cut(brief.code, room)
    room -= estimate_tokens(code) + 20
    context = cut(brief.context, room)
    around = (
        f"\nWhat stands around it in the project (do not repeat it):\n```python\n{context}\n```\n" if context else ""
    )
    return {"note": note, "feedback": feedback, "code": code, "context": around}


def cut(text: str, tokens: int) -> str:
    """The first lines of a text that fit into `tokens`, with a last line that says so if any were left out."""
    if estimate_tokens(text) <= tokens:
        return text
    kept: list[str] = []
    left = tokens - estimate_tokens("# ... cut")
    for line in text.splitlines():
        left -= estimate_tokens(line + "\n")
        if left < 0:
            break
        kept.append(line)
    return "\n".join([*kept, "# ... cut"]) if kept else ""


def _template(name: str) -> str:
    return files("soa.agents").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")
