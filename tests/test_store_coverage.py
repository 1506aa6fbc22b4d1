"""What the store remembers of which test called which function."""

from __future__ import annotations

import pytest

from soa.contracts import Address
from soa.store import Store
from soa.store.coverage import MOST, Seen

HERE = "/home/someone/project"
TOTAL, MEAN = Address("src/sums.py", "total"), Address("src/sums.py", "mean")


@pytest.fixture
def coverage(tmp_path):
    with Store(tmp_path / "store.sqlite3") as store:
        yield store.coverage


def seen(test: str, function: Address = TOTAL, *, reached: bool = True) -> Seen:
    return Seen(function, f"tests/test_sums.py::{test}", reached, "print")


async def test_what_was_seen_last_counts(coverage):
    await coverage.learn(HERE, [seen("test_a"), seen("test_b")])
    await coverage.learn(HERE, [seen("test_b", reached=False)])
    assert set(await coverage.of(HERE, TOTAL)) == {seen("test_a"), seen("test_b", reached=False)}
    assert await coverage.of(HERE, MEAN) == ()
    assert await coverage.of("/elsewhere", TOTAL) == ()


async def test_tests_that_reach_few_functions_come_first(coverage):
    await coverage.learn(HERE, [seen("test_all"), seen("test_all", MEAN), seen("test_one")])
    assert [s.test.partition("::")[2] for s in await coverage.of(HERE, TOTAL)] == ["test_one", "test_all"]


async def test_what_is_forgotten_is_gone(coverage):
    await coverage.learn(HERE, [seen("test_a"), seen("test_b"), seen("test_a", MEAN)])
    await coverage.forget(HERE, [seen("test_a")])
    assert await coverage.of(HERE, TOTAL) == (seen("test_b"),)
    await coverage.forget_functions(HERE, [TOTAL])
    assert await coverage.functions(HERE) == {MEAN}


async def test_the_oldest_is_forgotten_where_it_becomes_too_much(coverage):
    await coverage.learn(HERE, [seen("test_old", MEAN)])
    await coverage.learn(HERE, [seen(f"test_{i}") for i in range(MOST)])
    assert await coverage.of(HERE, MEAN) == ()
    assert len(await coverage.of(HERE, TOTAL)) == MOST
