"""Journals as plain text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from pocketledger.entries import Entry, Posting
from pocketledger.journal import Journal
from pocketledger.money import parse_amount

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def parse_journal(text: str) -> list[Entry]:
    r"""Read the entries of a journal in plain text, in the order of the text.

    An entry is a header and the postings below it:

        2024-05-01 Weekly shopping    ; at the market
            Expenses:Food         €45.20
            Expenses:Household    €12.30
            Assets:Cash

    1. Blank lines, and lines whose first visible character is `#` or `;`, are passed over wherever they stand.
    2. A line that begins without white space is a header: a day as YYYY-MM-DD, white space, the entry's text.
    3. A line that begins with white space is a posting of the header above it.
    4. A posting is an account, and after two or more spaces or a tab an amount as `parse_amount` reads it.
    5. A `;` on a header or on a posting begins a comment, which is left out.
    6. An account is made of parts joined by colons, and no part is empty.
    7. One posting of an entry may leave its amount out. It takes what is missing for the entry to balance.
    8. An entry has at least two postings, and it balances.

    Whatever breaks a rule raises ValueError with a message that begins with `line N: `, where N counts from 1. If the
    entry as a whole breaks the rule, N is the line of its header.

    >>> [entry.text for entry in parse_journal("2024-05-01 Lunch ; late\n  Expenses:Food  9.80\n  Assets:Cash\n")]
    ['Lunch']
    >>> parse_journal("2024-05-01 Lunch\n  Expenses:Food  9.80\n  Assets:Cash\n")[0].postings[1].amount
    Decimal('-9.80')
    >>> parse_journal("# nothing yet\n")
    []
    >>> parse_journal("\n2024-05-01 Lunch\n  Expenses::Food  9.80\n")
    Traceback (most recent call last):
        ...
    ValueError: line 3: bad account 'Expenses::Food'
    """


async def read_journals(paths: Sequence[Path]) -> Journal:
    """Read files of plain-text journals (UTF-8), all at the same time in threads, into one journal.

    Entries that stand in several files, or twice in one, are posted once.
    """


def write_entry(entry: Entry) -> str:
    """Write an entry as `parse_journal` reads it, with a line feed at the end of each line."""
    lines = [f"{entry.day} {entry.text}", *(f"    {p.account}    {p.amount}" for p in entry.postings)]
    return "".join(f"{line}\n" for line in lines)
