from decimal import Decimal

import pytest

from pocketledger.money import format_amount, parse_amount, share_out


@pytest.mark.parametrize(
    ("text", "amount"),
    [("12", "12"), ("$0.99", "0.99"), ("1,000,000", "1000000"), ("7.5€", "7.5"), ("(1,234.50)", "-1234.50"), ("-$2", "-2")],
)
def test_amounts_are_read(text, amount):
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "€", "1,2,3", "1.2.3", "--1", "(1", "€1€", "1 2"])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="not an amount"):
        parse_amount(text)


def test_what_is_written_can_be_read_again():
    assert parse_amount(format_amount(Decimal("-1234567.891"))) == Decimal("-1234567.89")


def test_shares_add_up():
    shares = list(share_out(Decimal("100.00"), 7))
    assert sum(shares) == Decimal("100.00")
    assert max(shares) - min(shares) == Decimal("0.01")


def test_there_must_be_a_share():
    with pytest.raises(ValueError, match="part"):
        list(share_out(Decimal(1), 0))
