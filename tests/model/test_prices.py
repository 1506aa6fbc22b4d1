"""The kept price list."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files

import pytest

from soa.contracts import Usage
from soa.model.prices import Price, cost, price_of


@pytest.mark.parametrize(
    "name", ["gpt-4o", "gpt-4o-2024-11-20", "openai/gpt-4o", "GPT-4o", "gpt-4o-latest", "openrouter/openai/gpt-4o"]
)
def test_a_model_and_its_snapshots(name):
    assert price_of(name) == Price(2.5, 10.0)


@pytest.mark.parametrize("name", ["", "gpt-4o-audio-preview", "gpt-5-pro", "qwen2.5-coder:7b", "gpt", "o1-pro"])
def test_another_model_has_no_price(name):
    assert price_of(name) is None


def test_the_longest_name_counts():
    assert price_of("gpt-4o-mini-2024-07-18") == Price(0.15, 0.6)
    assert price_of("claude-sonnet-4-20250514") == Price(3.0, 15.0)


def test_every_model_of_the_list_has_its_price():
    kept = json.loads(files("soa.model").joinpath("prices.json").read_text("utf-8"))
    assert date.fromisoformat(kept["as_of"])
    for name, price in kept["usd_per_million_tokens"].items():
        assert price_of(name) == Price(*price)
        assert 0 < price[0] < price[1]


def test_cost():
    assert cost(Usage(2, 1_000_000, 500_000, 9), Price(2.0, 8.0)) == 6.0
