"""The editor's own language model: whoever serves the editor passes the question on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from attrs import evolve

from soa.errors import ModelUnreachable
from soa.model import Query, Reply
from soa.model.usage import estimate_usage

if TYPE_CHECKING:
    from soa.settings import Settings

Ask = Callable[[Query], Awaitable[Reply]]
"""Puts a question to the editor; raises a `ModelError` if it gives no answer, and gives up when it is cancelled."""


class EditorModel:
    """Answers queries as the editor does.

    Parameters
    ----------
    name
        What the model is called in the settings: `editor`, or `editor:NAME` for one of those that the editor has.
    ask
        Puts a question to the editor.
    seconds
        How long to wait for an answer; the editor may have to ask its user first.
    """

    def __init__(self, name: str, ask: Ask, seconds: float) -> None:
        self.name = name
        self._chosen = name.partition(":")[2].strip()
        self._ask = ask
        self._seconds = seconds

    @classmethod
    def of(cls, settings: Settings, ask: Ask) -> EditorModel:
        """The model that is set, with the patience that is set."""
        return cls(settings.model, ask, settings.timeout)

    async def answer(self, query: Query) -> Reply:
        """Answer one query; usage that the editor does not know is estimated.

        Raises
        ------
        ModelError
            The editor gave no answer, or none in time.
        """
        try:
            async with asyncio.timeout(self._seconds):
                reply = await self._ask(evolve(query, model=self._chosen))
        except TimeoutError:
            raise ModelUnreachable(
                f"The editor's model gave no answer within {self._seconds:g} s.",
                "Does the editor wait for your consent? Else raise the timeout, or set another model.",
            ) from None
        return reply if reply.usage.tokens else evolve(reply, usage=estimate_usage(query, reply.text))

    async def close(self) -> None:
        """Nothing to release."""
