"""Entries in order of time, and what they add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from decimal import Decimal

    from pocketledger.entries import Entry


class UnbalancedEntry(ValueError):
    """The postings of an entry do not add up to zero."""


class DuplicateEntry(ValueError):
    """The same entry is in the journal already."""


class Journal:
    """Entries sorted by day; those of one day stand in the order in which they were posted."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries: list[Entry] = []
        for entry in entries:
            self.post(entry)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def post(self, entry: Entry) -> None:
        """Put an entry in its place: after all entries of the same or an earlier day.

        An entry that is not balanced raises UnbalancedEntry. An entry whose fingerprint is in the journal already raises
        DuplicateEntry. In both cases the journal stays as it was.
        """

    def balance(self, account: str, until: date | None = None) -> Decimal:
        """Add up all that went to an account and to the accounts below it, with the day `until` as the last one.

        `Assets:Cash` lies below `Assets`; `Assets2` does not. Without entries the balance is zero.
        """
        raise NotImplementedError

    def register(self, account: str) -> Iterator[tuple[Entry, Decimal]]:
        """Yield each entry with a posting to exactly this account, and the account's balance after that entry."""
