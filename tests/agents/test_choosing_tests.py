"""Which of the project's tests are chosen, from names and from what was seen."""

from __future__ import annotations

import pytest
from attrs import evolve

from soa.agents.board import Board
from soa.agents.coverage import MOST, MOST_LEARNED, Coverage, choose
from soa.contracts import Address
from soa.evidence import Outcome, Test, TestResult
from soa.source.project import ProjectIndex
from soa.store import Store


@pytest.mark.parametrize(
    ("named", "seen", "chosen"),
    [
        ("", {}, ""),
        ("a b", {}, "a b"),
        ("a b", {"a": False}, "b"),
        ("a b", {"a": False, "b": False}, "a b"),
        ("a b", {"a": False, "b": False, "c": True}, "c"),
        ("a b", {"c": True, "b": True}, "a b c"),
        ("", {"c": True, "d": False}, "c"),
    ],
)
def test_what_is_known_corrects_what_names_say(named, seen, chosen):
    assert choose(named.split(), seen) == tuple(chosen.split())


def test_there_is_an_end_to_it():
    named = [f"n{i}" for i in range(100)]
    found = choose(named, {f"s{i}": True for i in range(100)})
    assert len(found) == MOST
    assert found[: MOST - MOST_LEARNED] == tuple(named[: MOST - MOST_LEARNED])
    assert found[MOST - MOST_LEARNED :] == tuple(f"s{i}" for i in range(MOST_LEARNED))


async def test_slow_tests_wait_for_the_end_of_a_run(tmp_path):
    (tmp_path / "sums.py").touch()
    (tmp_path / "test_sums.py").write_text("def test_quick(): ...\ndef test_slow(): ...\n")
    times = {"quick": 0.2, "slow": 2.0}
    told = {
        name: TestResult(
            Test("project", f"test_sums.py::test_{name}"),
            Outcome.PASSED,
            reached=frozenset({"sums.py::total"}),
            seconds=seconds,
        )
        for name, seconds in times.items()
    }
    with Store(tmp_path / "store.sqlite3") as store:
        coverage = Coverage(ProjectIndex(tmp_path), store.coverage)
        await coverage.learn(Board([]), tuple(told.values()))
        total = Address("sums.py", "total")
        assert [s.test for s in await store.coverage.of(str(tmp_path), total)] == ["test_sums.py::test_quick"]
        await coverage.learn(Board([]), (evolve(told["quick"], seconds=3.0), evolve(told["slow"], seconds=0.1)))
        assert [s.test for s in await store.coverage.of(str(tmp_path), total)] == ["test_sums.py::test_slow"]
