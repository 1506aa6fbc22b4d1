"""What a user wants to have implemented, and what came of it."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - attrs resolves it
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from soa.session.views import Kept


@frozen
class Part:
    """Stubs of one document or file."""

    uri: str = ""
    """An open document; empty: the file at `path`."""
    path: Path | None = None
    """A file that is not open, read from disk."""
    names: tuple[str, ...] = ()
    """Qualified names; none: all stubs."""


@frozen
class Wish:
    """A request by the user, or by a save."""

    parts: tuple[Part, ...]
    decompose: bool = False
    again: bool = False
    """Regenerate: what is ready already does not count."""
    remark: str = ""
    """What the user asks for besides the contract."""
    by_save: bool = False
    """Nobody asked: a save did. A later save withdraws it where the contract has changed."""
    owner: str = ""
    """URI of the document whose closing withdraws the wish; empty: it stands until it is cancelled."""


@frozen
class Settled:
    """How a wish ended."""

    run: str
    """Id of its run; empty if nothing had to be run."""
    proposals: tuple[Kept, ...]
    problem: str = ""
    """Why it failed as a whole, for people."""


@frozen
class Acceptance:
    """Whether proposals went into a document."""

    applied: bool
    reason: str = ""
    """Why not, or what was left out, for people."""
