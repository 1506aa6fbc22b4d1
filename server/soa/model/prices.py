"""What calls cost in money: a short, dated list of hosted models."""

from __future__ import annotations

import json
import re
from importlib.resources import files

from attrs import frozen

from soa.contracts import Usage  # noqa: TC001 - part of a public signature

SNAPSHOT = re.compile(r"(-\d{4}-\d{2}-\d{2}|[-@]\d{8}|-latest|-00\d)?")
"""What may follow a name in the list: a dated or numbered snapshot of the same model."""


@frozen
class Price:
    """US dollars for a million tokens."""

    prompt: float
    completion: float


def price_of(model: str) -> Price | None:
    """The kept price of a model, None where the list does not name it.

    A provider in front (`openai/gpt-4o`) and a snapshot behind (`gpt-4o-2024-11-20`) are taken as the model itself;
    any other ending is another model, with a price of its own.
    """
    name = model.rpartition("/")[2].lower()
    prices = json.loads(files("soa.model").joinpath("prices.json").read_text("utf-8"))["usd_per_million_tokens"]
    known = next((prices[p] for p in prices if name.startswith(p) and SNAPSHOT.fullmatch(name[len(p) :])), None)
    return Price(*known) if known else None


def cost(usage: Usage, price: Price) -> float:
    """What the usage costs, in US dollars."""
    return (usage.prompt_tokens * price.prompt + usage.completion_tokens * price.completion) / 1_000_000
