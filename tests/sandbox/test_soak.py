"""Many runs in a row, and many servers that are killed: nothing is lost, nothing is left.

`python tests/bench/soak_sandbox.py` does the same ten thousand times.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import abandoned
import soak
from nobody import PLAIN, run_as_nobody

RUNS, KILLS = 200, 12
GROWTH = 8.0
"""MB by which a process may differ that has done the same all the time."""


def told(who, program, kind, times):
    """What a program of the tests prints, run by ourselves or by a plain user."""
    if who == "plain user":
        return run_as_nobody(program, kind, PLAIN, str(times))
    done = subprocess.run(
        [sys.executable, program, kind, sys.executable, str(times)], capture_output=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr.decode()
    assert not done.stderr, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", ["zygote", "landlock"])
@pytest.mark.parametrize("who", ["ourselves", "plain user"])
def test_runs_in_a_row(who, kind):
    found = told(who, soak.__file__, kind, RUNS)
    assert found["wrong"] == []
    assert found["alive"] == []
    assert found["files"] == []
    assert (found["descriptors"], found["tasks"]) == (0, 0)
    assert found["end"]["resident"] - found["warm"]["resident"] < GROWTH
    assert found["end"]["each"] - found["warm"]["each"] < GROWTH
    assert sum(found["counts"].values()) - found["counts"]["not verified"] == RUNS


@pytest.mark.parametrize("kind", ["zygote", "landlock"])
@pytest.mark.parametrize("who", ["ourselves", "plain user"])
def test_servers_that_are_killed(who, kind):
    found = told(who, abandoned.__file__, kind, KILLS)
    assert found["alive"] == []
    assert found["files"] == []
