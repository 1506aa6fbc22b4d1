"""Nobody is asked to repair what only chance speaks against."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from coin import Coin
from soa.contracts import Status
from soa.engine.runs import Engine
from soa.sandbox.choose import choose
from soa.settings import Settings
from soa.workspace import Workspace

BODY = "return 2 * n if open('coin').read() == 'h' else 0"
REPLY = f"=== write a.py::double\ndef double(n):\n    {BODY}\n"
DOUBLE = '''
    def double(n):
        """Twice `n`."""
'''
EXAMPLE = '''
    def double(n):
        """Twice `n`.

        >>> double(4)
        8
        """
'''
TEST = """
    import a

    def test_by_another_name():
        assert vars(a)["dou" "ble"](4) == 8
"""


@pytest.fixture
def toss(bench):
    """Run the reply against `a.py` with a side of the coin for each run in the sandbox."""

    async def go(sides: str, replies: str, **options):
        workspace = Workspace(bench.root, Path(sys.executable))
        coin = Coin(await choose("auto", workspace.python), sides)
        settings = Settings(**{"generate_tests": "never", **options})
        async with Engine(workspace, settings, bench.records(replies), coin, bench.store) as engine:
            return await engine.implement(bench.request("a.py"), bench.events.append)

    return lambda sides, replies=REPLY, **options: asyncio.run(go(sides, replies, **options))


def test_no_model_is_called_for_a_flaky_example(bench, toss):
    bench.file("a.py", EXAMPLE)
    (proposal,) = toss("th", generate_tests="missing").proposals
    assert bench.steps() == ["write double"]
    assert proposal.status is Status.UNVERIFIED
    assert proposal.reason == "example 1 is flaky: it passed and failed with the same code"
    assert proposal.writable
    ((kept, _),) = asyncio.run(bench.store.latest(str(bench.root), "a.py", [proposal.contract.digest]))
    assert [r.flaky for r in kept.evidence.results] == [True]


def test_a_flaky_test_of_the_project_is_told_at_the_end(bench, toss):
    bench.file("a.py", DOUBLE)
    bench.file("test_a.py", TEST)
    (proposal,) = toss("hth").proposals
    assert bench.steps() == ["write double"]
    assert proposal.status is Status.UNVERIFIED
    assert proposal.reason == "test_a.py::test_by_another_name is flaky: it passed and failed with the same code"
    assert [r.flaky for r in proposal.evidence.results] == [True]


def test_what_passed_before_and_is_flaky_at_the_end_is_shown_once(bench, toss):
    bench.file("a.py", DOUBLE)
    bench.file("test_a.py", TEST.replace('vars(a)["dou" "ble"]', "a.double"))
    (proposal,) = toss("hth").proposals
    assert [(r.test.origin, r.flaky) for r in proposal.evidence.results] == [("project", True)]
    assert proposal.status is Status.UNVERIFIED


def test_what_really_fails_beside_it_is_repaired(bench, toss):
    bench.file("a.py", EXAMPLE.replace("8\n", "8\n        >>> double(0) is None\n        True\n"))
    replies = f"{REPLY}=== repair a.py::double\ndef double(n):\n    return 2 * n or None\n"
    (proposal,) = toss("thh", replies).proposals
    assert bench.steps() == ["write double", "repair double"]
    assert proposal.status is Status.VERIFIED
