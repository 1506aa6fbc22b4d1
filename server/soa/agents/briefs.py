"""Prompts: templates kept as prose in `prompts/`, filled in and cut so that none exceeds the limit in tokens."""

from __future__ import annotations

import textwrap
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from soa.errors import LimitReached
from soa.model import Message
from soa.tokens import estimate_tokens

if TYPE_CHECKING:
    from soa.agents.board import Entry
    from soa.contracts import Candidate, Contract, Role, Step

MARGIN = 40
"""Tokens kept free for what a chat format adds around messages."""
CONTRACT_SHARE = 0.75
"""Part of what a prompt has room for that the contract may take."""
FRESH: tuple[Step, ...] = ("write", "skeleton")
"""Steps that begin anew; in the others the agent's own code is at stake, not a former proposal."""
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
    remark: str = ""
    """What the user asks for besides the contract.

    A tester is not told: its tests say what the contract promises, and go on saying it when the remark is forgotten.
    """
    previous: str = ""
    """Source of a proposal that the user did not take."""

    @classmethod
    def about(cls, entry: Entry, role: Role, step: Step, **texts: str) -> Brief:
        """The brief of an agent that writes code for an entry."""
        return cls(
            role,
            step,
            entry.contract,
            entry.address.path,
            remark=entry.remark,
            previous=entry.previous if step in FRESH else "",
            **texts,
        )


def write_prompt(brief: Brief, limit: int) -> tuple[Message, ...]:
    """Fill in a brief's templates. Of a docstring that takes nearly all of the limit, the end is left out.

    Raises
    ------
    LimitReached
        Not even the signature fits into `limit` tokens.
    """
    system = _template(f"{brief.role}-system")
    user = Template(_template(f"{brief.role}-{brief.step}"))
    nothing = dict.fromkeys(("note", "context", "code", "feedback", "remark"), "")
    fixed = {"qualname": brief.contract.qualname, "name": brief.contract.name, "path": brief.path}
    room = limit - MARGIN - estimate_tokens(system + user.substitute(fixed, **nothing, contract=""))
    contract = _shown(brief.contract, int(room * CONTRACT_SHARE))
    room -= estimate_tokens(contract)
    if room < 0:
        raise LimitReached(
            f"The signature of {brief.contract.qualname} makes a prompt of {limit - room} tokens; {limit} are allowed.",
            "Raise --context-tokens.",
        )
    texts = _fit(brief, room)
    return Message("system", system), Message(
        "user", user.substitute(fixed, **texts, contract=contract).rstrip() + "\n"
    )


def _shown(contract: Contract, room: int) -> str:
    """A contract as a prompt shows it, with as much of its docstring as there is room for."""
    whole = contract.render().rstrip()
    if estimate_tokens(whole) <= room:
        return whole
    header = evolve(contract, docstring="").render()
    kept = cut(contract.docstring, room - estimate_tokens(header), "[The rest of the docstring is left out here.]")
    return evolve(contract, docstring=kept).render().rstrip()


def _fit(brief: Brief, room: int) -> dict[str, str]:
    note = cut(f"\nYour last reply was refused: {brief.note}\n", room // 2) if brief.note else ""
    room -= estimate_tokens(note)
    remark = _wishes(brief, room // 3)
    room -= estimate_tokens(remark)
    feedback = cut(brief.feedback, max(room // 2, min(LEAST_FEEDBACK, room)))
    room -= estimate_tokens(feedback)
    code = cut(brief.code, room)
    room -= estimate_tokens(code) + 20
    context = cut(brief.context, room)
    around = (
        f"\nWhat stands around it in the project (do not repeat it):\n```python\n{context}\n```\n" if context else ""
    )
    return {"note": note, "remark": remark, "feedback": feedback, "code": code, "context": around}


def _wishes(brief: Brief, room: int) -> str:
    """What the user asks for, and what the user did not take; the latter is cut first."""
    asked = _filled("part-remark", brief.remark, room)
    return asked + _filled("part-previous", brief.previous, room - estimate_tokens(asked))


def _filled(name: str, text: str, room: int) -> str:
    """A part of a prompt with as much of a text as there is room for; nothing without any."""
    part = _template(name)
    kept = cut(text, room - estimate_tokens(part))
    return Template(part).substitute(text=kept) if kept else ""


def shown(candidate: Candidate, contract: Contract) -> str:
    """A candidate as its author wrote it: imports, helpers, and the function under its header."""
    function = f"{contract.signature}\n{textwrap.indent(candidate.body, '    ')}"
    return "\n\n".join(("\n".join(candidate.imports), *(h.source for h in candidate.helpers), function)).lstrip()


def cut(text: str, tokens: int, told: str = "# ... cut") -> str:
    """The first lines of a text that fit into `tokens`, with a last line that says so if any were left out."""
    if estimate_tokens(text) <= tokens:
        return text
    kept: list[str] = []
    left = tokens - estimate_tokens(told)
    for line in text.splitlines():
        left -= estimate_tokens(line + "\n")
        if left < 0:
            break
        kept.append(line)
    return "\n".join([*kept, told]) if kept else ""


def _template(name: str) -> str:
    return files("soa.agents").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")
