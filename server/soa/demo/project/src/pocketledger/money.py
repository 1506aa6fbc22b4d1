"""Amounts of money: read, written, and shared out to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CENT = Decimal("0.01")


def parse_amount(text: str) -> Decimal:
    """Read an amount of money as people write it.

    One currency sign (€, $ or £) may stand before or after the digits. Commas separate groups of three digits, a
    point separates the cents. A minus sign in front of everything makes the amount negative, and so do parentheses
    around everything. White space around the text does not matter. Anything else raises ValueError.

    >>> parse_amount("€1,234.50")
    Decimal('1234.50')
    >>> parse_amount("-£3")
    Decimal('-3')
    >>> parse_amount(" (12.00$) ")
    Decimal('-12.00')
    >>> parse_amount("twelve")
    Traceback (most recent call last):
        ...
    ValueError: not an amount: 'twelve'
    """


def format_amount(amount: Decimal, currency: str = "€") -> str:
    """Write an amount with its currency in front, two decimals and commas between thousands.

    A minus sign stands before the currency. Half a cent is rounded away from zero.

    >>> format_amount(Decimal("1234.5"))
    '€1,234.50'
    >>> format_amount(Decimal("-0.005"), "$")
    '-$0.01'
    """


def share_out(total: Decimal, parts: int) -> Iterator[Decimal]:
    """Yield `parts` shares of an amount, equal to the cent, that add up to it exactly.

    What does not divide goes to the first shares, one cent each. Fewer than one part raises ValueError.

    >>> [str(share) for share in share_out(Decimal("10.00"), 3)]
    ['3.34', '3.33', '3.33']
    >>> [str(share) for share in share_out(Decimal("-0.05"), 2)]
    ['-0.03', '-0.02']
    """
