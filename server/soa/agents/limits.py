"""What a run may spend; asked before each call."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from soa.contracts import Usage
from soa.errors import LimitReached

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from soa.settings import Settings


class Purse:
    """Tokens and money of one run, and the slots for calls under way.

    A call starts only if what was spent and what the calls under way may still spend leaves something of the budget,
    so that a run exceeds it by one call at most. Where only the calls under way stand in the way, a call waits.

    Parameters
    ----------
    cost
        Money for a usage in US dollars, None if no price is known.
    """

    def __init__(self, settings: Settings, cost: Callable[[Usage], float | None]) -> None:
        self.spent = Usage()
        self._settings = settings
        self._cost = cost
        self._slots = asyncio.Semaphore(max(1, settings.concurrency))
        self._under_way: list[Usage] = []
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def call(self, prompt_tokens: int) -> AsyncIterator[Callable[[Usage], None]]:
        """Hold a slot for one call; the body reports the usage through the function it is given.

        Raises
        ------
        LimitReached
            The budget is spent.
        """
        reserved = Usage(1, prompt_tokens, self._settings.reply_tokens)
        async with self._slots:
            await self._admit(reserved)
            try:
                yield self.add
            finally:
                await self._release(reserved)

    async def _admit(self, reserved: Usage) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._fits() or not self._under_way)
            if not self._fits():
                raise LimitReached(self._exhausted(), "Raise --budget-tokens or --budget-usd, and go on with --resume.")
            self._under_way.append(reserved)

    async def _release(self, reserved: Usage) -> None:
        self._under_way.remove(reserved)
        async with self._changed:
            self._changed.notify_all()

    def add(self, usage: Usage) -> None:
        """Count what was spent."""
        self.spent += usage

    def _fits(self) -> bool:
        worst = sum(self._under_way, self.spent)
        tokens, dollars = self._settings.budget_tokens, self._settings.budget_usd
        cost = self._cost(worst) if dollars else 0.0
        return (not tokens or worst.tokens < tokens) and (not dollars or (cost is not None and cost < dollars))

    def _exhausted(self) -> str:
        if self._settings.budget_usd and self._cost(self.spent) is None:
            return "A budget in dollars is set, but no price is known for this model."
        return f"The budget of this run is spent ({self.spent.tokens:,} tokens in {self.spent.calls} calls)."
