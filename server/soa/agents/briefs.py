"""Prompts: templates kept as prose in `prompts/`, filled in and cut so that none exceeds the limit in tokens."""

from __future__ import annotations

import re
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
LEAST_REPLY = 100
"""Tokens of room below which nothing of a refused reply is shown."""
FENCE = re.compile(r"`{3,}")


@frozen
class Refused:
    """A reply that could not be taken."""

    reason: str
    reply: str = ""
    """Its text; empty where the prompt that follows shows the code by itself."""


ACCEPTED = Refused("")
"""Nothing was refused."""


@frozen
class Brief:
    """What one prompt says. Texts that are too long are cut: a refused reply first, then context, code, feedback."""

    role: Role
    step: Step
    contract: Contract
    path: str
    context: str = ""
    code: str = ""
    feedback: str = ""
    refused: Refused = ACCEPTED
    """The last reply, if it was refused."""
    remark: str = ""
    """What the user asks for besides the contract.

    A tester is not told: its tests say what the contract promises, and go on saying it when the remark is forgotten.
    """
    previous: str = ""
    """Source of a proposal that the user did not take."""

    @classmethod
    def about(cls, entry: Entry, role: Role, step: Step, refused: Refused = ACCEPTED, **texts: str) -> Brief:
        """The brief of an agent that writes code for an entry."""
        return cls(
            role,
            step,
            entry.contract,
            entry.address.path,
            remark=entry.remark,
            previous=entry.previous if step in FRESH else "",
            refused=refused,
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
    method = _template("part-method") if "." in brief.contract.qualname else ""
    fixed = {
        "qualname": brief.contract.qualname, "name": brief.contract.name, "path": brief.path, "method": method,
    }  # fmt: skip
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
    note = _filled("part-note", brief.refused.reason, room // 2)
    room -= estimate_tokens(note)
    remark = _wishes(brief, room // 3)
    room -= estimate_tokens(remark)
    feedback = cut(brief.feedback, max(room // 2, min(LEAST_FEEDBACK, room)))
    room -= estimate_tokens(feedback)
    code = cut(brief.code, room)
    room -= estimate_tokens(code)
    context = _filled("part-context", brief.context, room)
    room -= estimate_tokens(context)
    return {
        "note": _refused_reply(brief, room) + note, "remark": remark, "feedback": feedback, "code": code,
        "context": context,
    }  # fmt: skip


def _refused_reply(brief: Brief, room: int) -> str:
    """The reply that was refused, in a fence that none of its own ends; nothing where only little of it would fit."""
    reply = brief.refused.reply.strip()
    fence = max(("```", *(f"{f}`" for f in FENCE.findall(reply))), key=len)
    part = Template(_template("part-reply")).substitute(text=f"{fence}\n$text\n{fence}")
    kept = cut(reply, room - estimate_tokens(part)) if room >= LEAST_REPLY else ""
    return Template(part).substitute(text=kept) if kept else ""


def _wishes(brief: Brief, room: int) -> str:
    """What the user asks for, quoted, and what the user did not take; the latter is cut first."""
    asked = _filled("part-remark", textwrap.indent(brief.remark, "> ", lambda line: True), room)
    reason = "asked" if brief.remark else "other"
    return asked + _filled(f"part-previous-{reason}", brief.previous, room - estimate_tokens(asked))


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
