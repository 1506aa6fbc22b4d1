"""Candidates that mean harm, as whoever runs the tests and as a plain user."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from pathlib import Path

import pytest

import hostile
from nobody import PLAIN, run_as_nobody


@pytest.fixture(scope="module")
def port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture(scope="module")
def place():
    """A project that everyone may write to, with secrets in it."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for folder in (root, root / ".git"):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o777)
        for file in ("pyproject.toml", ".git/config", ".env", "kept.txt"):
            (root / file).write_text("secret = 1\n")
        yield root


def running(root: Path) -> list[str]:
    """Command lines of all processes that work in a project's folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if root.name in str((path / "cwd").readlink()):
                found.append((path / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def as_ourselves(zygote, place, port):
    os.environ["SOA_CANARY"] = "secret"
    try:
        return asyncio.run(hostile.outcomes(zygote, place, port))
    finally:
        del os.environ["SOA_CANARY"]


@pytest.fixture(scope="module")
def as_plain_user(place, port):
    return run_as_nobody(hostile.__file__, PLAIN, str(place), str(port))


@pytest.fixture(scope="module", params=["ourselves", "plain user"])
def found(request):
    return request.getfixturevalue(f"as_{request.param.replace(' ', '_')}")


HARMLESS = {"leaves someone behind", "deletes all", "writes a gigabyte"}
EXPECTED = {
    "loops": "ran out of time",
    "loops and holds on": "ran out of time (3 s)",
    "eats memory": "MemoryError",
    "eats the disk": "OSError: [Errno 28] No space left on device",
    "eats other places": "RuntimeError: wrote nowhere",
    "exits": "SystemExit: 0",
    "exits at once": "exited without a result",
    "claims success": "the code under test wrote to the result channel",
    "gives up its parent": "ran out of time (3 s)",
    "reads secrets": "RuntimeError: saw []",
    "calls home": "RuntimeError: reached []",
}


@pytest.mark.parametrize("name", sorted(hostile.BODIES))
def test_harm_is_a_failed_test(found, name):
    outcome, actual = found[name]
    assert outcome == ("passed" if name in HARMLESS else "failed"), actual
    if name in EXPECTED:
        assert actual.startswith(EXPECTED[name])


def test_processes_are_limited(found):
    count = int(found["forks and waits"][1].rpartition(" ")[2])
    assert 0 < count < hostile.LIMITS.processes


def test_nothing_is_left_and_nothing_is_changed(found, place):
    assert running(place) == []
    assert sorted(p.name for p in place.iterdir()) == [".env", ".git", "kept.txt", "module.py", "pyproject.toml"]
    assert "return" not in (place / "module.py").read_text()
