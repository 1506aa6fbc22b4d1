"""What a client was given last for each document: whether it has to ask again, although no text has changed."""

from __future__ import annotations

from attrs import define, field


@define(eq=False)
class Shown:
    """Fingerprints of answers.

    A client asks again by itself when a text changes. It has to be told where only what is known of it has.
    """

    _given: dict[str, tuple[int | None, str]] = field(factory=dict)

    def note(self, uri: str, version: int | None, fingerprint: str) -> None:
        """The client was given this."""
        self._given[uri] = (version, fingerprint)

    def outdated(self, uri: str, version: int | None, fingerprint: str) -> bool:
        """Whether the client has something else for this very text."""
        given = self._given.get(uri)
        return given is not None and given[0] == version and given[1] != fingerprint

    def forget(self, uri: str) -> bool:
        """A document is not shown any more; whether it was."""
        return self._given.pop(uri, None) is not None
