"""Fixtures for all tests."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loopback import ChatRequest, Fault

settings.register_profile("long", max_examples=3000)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, endpoint, setting or proxy of the person who runs the tests reaches them."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "SOA_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def loopback() -> Iterator[Callable[..., LoopbackServer]]:
    """Starts loopback endpoints, as `loopback(answer, latency=..., models=..., refuses=...)`."""
    with ExitStack() as running:

        def start(answer: Callable[[ChatRequest], str | Fault] | str = "", **options: Any) -> LoopbackServer:
            reply = answer if callable(answer) else lambda _: answer
            return running.enter_context(LoopbackServer(reply, **options))

        yield start
