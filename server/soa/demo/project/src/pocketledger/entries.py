"""Postings, and the entries that are made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Posting:
    """An amount that goes to an account; a negative one comes from it."""

    account: str
    """Parts joined by colons, e.g. `Expenses:Food`."""
    amount: Decimal


@dataclass(frozen=True)
class Entry:
    """One event: some postings on a day."""

    day: date
    text: str
    postings: tuple[Posting, ...]

    @property
    def balanced(self) -> bool:
        """Whether there are postings and their amounts add up to zero.

        >>> lunch = (Posting("Expenses:Food", Decimal("9.80")), Posting("Assets:Cash", Decimal("-9.80")))
        >>> Entry(date(2024, 5, 1), "Lunch", lunch).balanced
        True
        >>> Entry(date(2024, 5, 1), "Lunch", lunch[:1]).balanced
        False
        >>> Entry(date(2024, 5, 1), "Nothing", ()).balanced
        False
        """

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits by which the same entry is known again.

        They are the first twelve of the SHA-256 of these lines, in UTF-8 and joined by line feeds: the day as
        YYYY-MM-DD, the text, and for each posting its account, a space and its amount with two decimals.
        """

    @classmethod
    def transfer(cls, day: date, text: str, amount: Decimal, *, source: str, target: str) -> Entry:
        """Make the entry that moves an amount from one account to another: first the target's posting, then the source's.

        An amount that is not positive raises ValueError, and so does one account on both sides.

        >>> [str(p.amount) for p in Entry.transfer(date(2024, 5, 1), "Pay", Decimal(5), source="A", target="B").postings]
        ['5', '-5']
        """
        ...
