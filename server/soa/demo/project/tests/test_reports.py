from datetime import date
from decimal import Decimal

from pocketledger.entries import Entry
from pocketledger.journal import Journal
from pocketledger.reports import bar_chart, monthly_totals


def test_totals_by_month():
    days = [date(2024, 6, 1), date(2024, 4, 30), date(2024, 4, 1)]
    food = [Entry.transfer(d, "Food", Decimal(10), source="Assets:Cash", target="Expenses:Food") for d in days]
    rent = Entry.transfer(date(2024, 5, 1), "Rent", Decimal(800), source="Assets:Cash", target="Housing:Rent")
    totals = monthly_totals(Journal([*food, rent]), "Expenses")
    assert list(totals.items()) == [("2024-04", 20), ("2024-06", 10)]


def test_a_chart_without_totals_is_empty():
    assert bar_chart({}) == ""


def test_a_bar_fills_the_width():
    assert bar_chart({"May": Decimal("3.14")}, width=5) == "May #####"
