"""Reports on a journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from pocketledger.journal import Journal


def monthly_totals(journal: Journal, account: str) -> dict[str, Decimal]:
    """Add up by month what went to an account and the accounts below it.

    Keys are months as YYYY-MM in order of time. A month in which nothing went there has no key.
    """


def bar_chart(totals: Mapping[str, Decimal], width: int = 20) -> str:
    """Draw one bar of `#` for each total, a line each, under labels of equal width.

    The largest absolute value fills the width, the others are in proportion, rounded half up. A value other than
    zero has a bar of at least one `#`. Negative totals are drawn with `-`. Without totals the chart is empty.

    >>> from decimal import Decimal
    >>> print(bar_chart({"May": Decimal(40), "June": Decimal(-10), "July": Decimal("0.01")}, width=8))
    May  ########
    June --
    July #
    """


def common_parent(accounts: Iterable[str]) -> str:
    """Find the deepest account that each of the given accounts is or lies below.

    Accounts are parts joined by colons. The result is empty if they have no part in common, or if none is given.
    """
