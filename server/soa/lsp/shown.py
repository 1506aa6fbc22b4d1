"""What a client was given last for each document: whether it needs something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Callable


@define(eq=False)
class Shown:
    """Fingerprints of what a client was given."""

    _given: dict[str, tuple[int | None, int]] = field(factory=dict)

    def note(self, uri: str, version: int | None, fingerprint: int) -> None:
        """The client was given this."""
        self._given[uri] = (version, fingerprint)

    def differs(self, uri: str, fingerprint: int, nothing: int) -> bool:
        """Whether the client has something else; one that was given nothing has what `nothing` tells."""
        return self._given.get(uri, (None, nothing))[1] != fingerprint

    def outdated(self, uri: str, version: int | None, fingerprint: Callable[[], int]) -> bool:
        """Whether the client has something else for this very text: where a text has changed it asks by itself."""
        given = self._given.get(uri)
        return given is not None and given[0] == version and given[1] != fingerprint()

    def forget(self, uri: str) -> bool:
        """A document is not shown any more; whether it was."""
        return self._given.pop(uri, None) is not None
