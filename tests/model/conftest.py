"""Fixtures for the tests of what answers an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from soa.contracts import Address
from soa.model import Message, Query
from soa.model.endpoint import Endpoint
from soa.model.openai import OpenAIModel
from soa.model.retries import SteppedClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

KEY = "sk-proj-Zx81kQw7Lm39TtRb"


def make_query(step: str = "write", name: str = "Ledger.post", path: str = "src/ledger.py", run: str = "r1") -> Query:
    messages = (Message("system", "You write Python."), Message("user", "Implement post."))
    return Query(messages, run, "child", step, Address(path, name), 0)


@pytest.fixture
def query() -> Callable[..., Query]:
    return make_query


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(start=1_700_000_000.0)


@pytest.fixture
def key() -> str:
    return KEY


@pytest_asyncio.fixture
async def connect(clock: SteppedClock) -> AsyncIterator[Callable[..., OpenAIModel]]:
    """Makes models at a base URL, closed after the test."""
    opened: list[OpenAIModel] = []

    def make(base_url: str, *, timeout: float = 20.0, api_key: str = KEY, name: str = "loopback", **more: Any):
        opened.append(OpenAIModel(name, Endpoint(base_url, api_key, timeout), clock=clock, **more))
        return opened[-1]

    yield make
    for model in opened:
        await model.close()
