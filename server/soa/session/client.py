"""What a session asks of the editor it serves; implemented in `lsp/`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from attrs import field, frozen

if TYPE_CHECKING:
    from soa.session.views import Key, RunView
    from soa.source.edits import Edit

Grade = Literal["error", "warning", "info", "log"]


@frozen
class Message:
    """A sentence for the user: what happened, why, what to do."""

    grade: Grade
    text: str
    detail: str = ""
    """For the log only."""


@frozen
class Change:
    """Edits of one document or file."""

    uri: str
    version: int | None
    """Of the document the edits are for; None if it is not open."""
    before: str = field(repr=False)
    edits: tuple[Edit, ...]
    """In order, against `before`."""
    after: str = field(repr=False)
    label: str
    """`Accept Ledger.post`: for the undo list and for confirmation."""
    keys: frozenset[Key] = frozenset()
    relative: str = ""
    left_out: str = ""
    """What could not go in beside the rest, for people."""
    detail: str = ""
    """The evidence in a few words: `7/7 tests passed`."""


class Client(Protocol):
    """The editor."""

    def changed(self, uris: frozenset[str], runs: tuple[RunView, ...]) -> None:
        """What is to be shown of these documents has changed, and how these runs stand now."""
        ...

    def tell(self, message: Message) -> None:
        """Tell the user, or write to the log."""
        ...

    async def apply(self, changes: tuple[Change, ...]) -> str:
        """Apply edits, all or none; the reason if the editor refused, empty if it did."""
        ...
