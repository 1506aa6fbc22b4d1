from datetime import date
from decimal import Decimal

import pytest

from pocketledger.entries import Entry, Posting
from pocketledger.journal import DuplicateEntry, Journal, UnbalancedEntry


def pay(day, amount, target="Expenses:Food"):
    return Entry.transfer(date(2024, 5, day), f"on {day}", Decimal(amount), source="Assets:Cash", target=target)


def test_entries_are_kept_in_order_of_time():
    first, second, third = pay(2, 1), pay(2, 2), pay(1, 3)
    assert list(Journal([first, second, third])) == [third, first, second]


def test_an_unbalanced_entry_is_refused():
    journal = Journal()
    with pytest.raises(UnbalancedEntry):
        journal.post(Entry(date(2024, 5, 1), "Lost", (Posting("Assets:Cash", Decimal(-1)),)))
    assert len(journal) == 0


def test_an_entry_is_posted_once():
    journal = Journal([pay(1, 5)])
    with pytest.raises(DuplicateEntry):
        journal.post(pay(1, 5))
    assert len(journal) == 1


def test_balances_include_the_accounts_below():
    journal = Journal([pay(1, 5), pay(2, 7, "Expenses:Rent"), pay(3, 11, "Expenses2")])
    assert journal.balance("Expenses") == 12
    assert journal.balance("Expenses:Food") == 5
    assert journal.balance("Assets", until=date(2024, 5, 2)) == -12
    assert Journal().balance("Assets") == 0


def test_the_register_runs_through_one_account():
    journal = Journal([pay(2, 7), pay(1, 5), pay(3, 1, "Expenses:Rent")])
    assert [(entry.text, total) for entry, total in journal.register("Expenses:Food")] == [("on 1", 5), ("on 2", 12)]
    assert [total for _, total in journal.register("Assets:Cash")] == [-5, -12, -13]
