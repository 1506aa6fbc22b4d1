from datetime import date
from decimal import Decimal

import pytest

from pocketledger.entries import Entry, Posting

DAY = date(2024, 5, 1)


def test_a_transfer_is_balanced():
    entry = Entry.transfer(DAY, "Rent", Decimal("800"), source="Assets:Bank", target="Expenses:Rent")
    assert entry.balanced
    assert entry.postings[0] == Posting("Expenses:Rent", Decimal("800"))


@pytest.mark.parametrize(("amount", "source"), [("0", "A"), ("-1", "A"), ("1", "B")])
def test_a_transfer_must_move_something(amount, source):
    with pytest.raises(ValueError):
        Entry.transfer(DAY, "Nothing", Decimal(amount), source=source, target="B")


def test_fingerprints_tell_entries_apart():
    rent = Entry.transfer(DAY, "Rent", Decimal("800"), source="Assets:Bank", target="Expenses:Rent")
    again = Entry.transfer(DAY, "Rent", Decimal("800.00"), source="Assets:Bank", target="Expenses:Rent")
    other = Entry.transfer(DAY, "Rent", Decimal("801"), source="Assets:Bank", target="Expenses:Rent")
    assert rent.fingerprint == again.fingerprint == "2a7f8a5b2795"
    assert rent.fingerprint != other.fingerprint
