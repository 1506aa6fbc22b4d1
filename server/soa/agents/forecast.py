"""What would happen if a contract were to be implemented: told before a call is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from soa.agents.briefs import Brief, write_prompt
from soa.agents.sizing import estimate, needs_mother
from soa.errors import LimitReached
from soa.tokens import estimate_tokens

if TYPE_CHECKING:
    from soa.contracts import Contract, Role
    from soa.settings import Settings


@frozen
class Forecast:
    """Who would begin, why, and what a call would cost."""

    role: Role
    """`child` or `mother`."""
    why: str
    """The size of the contract beside the limit, for people."""
    least_prompt: int
    """Tokens of instructions and contract; what is around the stub comes on top."""
    most_prompt: int
    """Tokens that no prompt exceeds."""
    problem: str = ""
    """Why no call can be made; empty if one can."""


def forecast(contract: Contract, path: str, settings: Settings) -> Forecast:
    """Look ahead to the first call for a stub of `path`."""
    delegated = needs_mother(contract, 0, settings)
    role: Role = "mother" if delegated else "child"
    brief = Brief(role, "skeleton" if delegated else "write", contract, path)
    most = settings.context_tokens
    try:
        messages = write_prompt(brief, most)
    except LimitReached as error:
        return Forecast(role, _why(contract, settings), most, most, str(error))
    return Forecast(role, _why(contract, settings), sum(estimate_tokens(m.content) for m in messages), most)


def _why(contract: Contract, settings: Settings) -> str:
    size = estimate(contract)
    if size.total <= settings.size_limit:
        return f"{size.explain()}; one agent takes up to {settings.size_limit}"
    if settings.depth == 0:
        return f"{size.explain()}; more than {settings.size_limit}, but nothing may be delegated at depth 0"
    return f"{size.explain()}; one agent takes up to {settings.size_limit}"
