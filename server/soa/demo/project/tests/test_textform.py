import asyncio
from datetime import date
from decimal import Decimal

import pytest

from pocketledger.entries import Entry, Posting
from pocketledger.textform import parse_journal, read_journals, write_entry

MAY = """\
# May
2024-05-01 Weekly shopping    ; at the market
    Expenses:Food         €45.20
    ; the soap was cheap
    Expenses:Household    €12.30

    Assets:Current account

2024-05-03 Cinema
\tExpenses:Fun\t$9.00
\tAssets:Cash\t($9.00)
"""


def test_a_journal_is_read():
    shopping, cinema = parse_journal(MAY)
    assert (shopping.day, shopping.text) == (date(2024, 5, 1), "Weekly shopping")
    assert shopping.postings[2] == Posting("Assets:Current account", Decimal("-57.50"))
    assert [p.amount for p in cinema.postings] == [9, -9]


def test_what_is_written_is_read_again():
    entry = Entry.transfer(date(2024, 5, 1), "Pay", Decimal("12.34"), source="Assets:Bank", target="Expenses:Food")
    assert parse_journal(write_entry(entry)) == [entry]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("2024-13-01 Lunch\n  A  1\n  B\n", 1),
        ("2024-05-01\n  A  1\n  B\n", 1),
        ("  A  1\n", 1),
        ("2024-05-01 Lunch\n  A  1\n  B  much\n", 3),
        ("2024-05-01 Lunch\n  A:  1\n  B\n", 2),
        ("# one\n2024-05-01 Lunch\n  A  1\n", 2),
        ("2024-05-01 Lunch\n  A\n  B\n", 1),
        ("2024-05-01 Lunch\n  A  1\n  B  1\n", 1),
    ],
)
def test_a_broken_rule_is_named_with_its_line(text, line):
    with pytest.raises(ValueError, match=f"^line {line}: "):
        parse_journal(text)


def test_files_are_read_into_one_journal(tmp_path):
    (tmp_path / "may.txt").write_text(MAY, encoding="utf-8")
    (tmp_path / "all.txt").write_text(MAY + "2024-04-30 Rent\n  Expenses:Rent  800\n  Assets:Bank\n", encoding="utf-8")
    journal = asyncio.run(read_journals([tmp_path / "may.txt", tmp_path / "all.txt"]))
    assert [entry.text for entry in journal] == ["Rent", "Weekly shopping", "Cinema"]
