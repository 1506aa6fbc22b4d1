"""Whatever is stopped, and whenever: the run ends, nobody waits for ever, and each agent's end is told."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest

from gated import DEADLINE
from soa.contracts import Status, Usage
from soa.engine.request import Request
from soa.model import Reply

if TYPE_CHECKING:
    from soa.events import Event
    from soa.model import Query


class HastyModel:
    """Answers any function after some turns of the loop; what it writes often fails."""

    name = "hasty"

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.under_way = 0

    async def answer(self, query: Query) -> Reply:
        self.under_way += 1
        try:
            for _ in range(self._dice.randrange(6)):
                await asyncio.sleep(0)
        finally:
            self.under_way -= 1
        return Reply(self._text(query), Usage(1, 10, 10, 10))

    async def close(self) -> None:
        """Nothing to release."""

    def _text(self, query: Query) -> str:
        name = query.target.qualname
        if query.step == "feedback":
            return f"_{name}a: it is wrong." if self._dice.random() < 0.7 else f"{name}: it is wrong."
        if query.agent == "mother":
            parts = [f"_{name}{letter}" for letter in "ab"]
            stubs = "".join(f'\n\ndef {p}(n):\n    """Part {self._dice.randrange(2)}."""\n' for p in parts)
            return f"def {name}(n):\n    return {parts[0]}(n) + {parts[1]}(n){stubs}"
        return f"def {name}(n):\n    return n\n" if self._dice.random() < 0.6 else "I cannot."


@pytest.mark.parametrize("seed", range(40))
async def test_whatever_is_stopped_whenever_the_run_ends(bench, seed):
    dice = random.Random(seed)
    bench.file("a.py", "".join(f'def {n}(n):\n    """As {n} does."""\n\n' for n in "fgh"))
    model = HastyModel(dice)
    options = {"depth": 2, "attempts": 2, "size_limit": dice.choice([0, 1200]), "concurrency": dice.choice([1, 4])}
    engine = await bench.engine(model, sandbox="off", generate_tests=dice.choice(["never", "missing"]), **options)
    agents: list[str] = []
    last = dice.choice([0, 0, 0, dice.randrange(1, 60)])

    def hear(event: Event) -> None:
        agents.extend([event.agent] if event.kind == "agent-started" else [])
        bench.events.append(event)
        if agents and dice.random() < 0.1:
            asyncio.get_running_loop().call_soon(engine.stop, "r1", dice.choice(agents))
        if len(bench.events) == last:
            work.cancel()

    request = Request(bench.request("a.py").targets, ident="r1")
    async with asyncio.timeout(DEADLINE), engine:
        work = asyncio.ensure_future(engine.implement(request, hear))
        result = await work
    assert model.under_way == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}
    started = {e.agent for e in bench.events if e.kind == "agent-started"}
    ended = {e.agent: e for e in bench.events if e.kind == "agent-ended"}
    assert set(ended) == started
    assert all(e.text for e in ended.values() if e.status is Status.CANCELLED)
    for proposal in result.proposals:
        assert (proposal.candidate is not None) == (proposal.status is Status.UNVERIFIED)
