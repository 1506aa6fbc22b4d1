"""The harness on all interpreters that this machine has, from the oldest on; the server runs on one of them only."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from soa.sandbox.choose import choose
from trial import judge

NAMES = [f"python3.{minor}" for minor in range(9, 16)]


def found(name: str) -> Path:
    """The interpreter itself; a name may stand for one that is not there."""
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"there is no {name} here")
    asked = subprocess.run(
        [program, "-I", "-c", "import sys; print(sys.executable)"], capture_output=True, text=True, check=False
    )
    if asked.returncode:
        pytest.skip(f"{name} does not work here")
    return Path(asked.stdout.strip())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["zygote", "landlock", "process"])
async def test_right_and_wrong_are_told_apart(kind, name, project):
    sandbox = await choose(kind, found(name))
    try:
        right = await judge(sandbox, project, "Next.\n\n>>> f(1)\n2", "return x + 1")
        wrong = await judge(sandbox, project, "Next.\n\n>>> f(1)\n2", "return x")
    finally:
        await sandbox.close()
    assert right.verified
    assert [(r.expected, r.actual) for r in wrong.failures] == [("2", "1")]
