"""The project's own tests, with pytest and without."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from attrs import evolve

from soa.contracts import Address
from soa.evidence import Outcome, Test
from soa.sandbox.zygote import Zygote
from soa.verify import Subject, Verifier
from soa.workspace import Workspace
from trial import LIMITS, contract, write

MODULE = '''
def double(x):
    """Twice as much."""
    return x * 2

def other(x):
    """Not written yet."""

def wrong(x):
    """Three times as much."""
    return x * 2
'''
PYTEST = """
import pathlib
import subprocess
import urllib.request

import pytest
from attrs import evolve
from pkg.sums import double, other, wrong

@pytest.fixture
def three():
    return 3

@pytest.fixture
def doubled():
    return double(2)

class TestDouble:
    def test_works(self, three, local):
        assert double(three) == local

@pytest.mark.parametrize("x", [1, 2, 3])
def test_many(x):
    assert double(x) == [2, 4, 7][x - 1]

def test_fails(doubled):
    print("hello")
    assert double(2) == doubled + 1

def test_elsewhere():
    assert other(1) == 1

def test_blocked():
    assert double(other(1)) == 1

def test_network():
    double(1)
    urllib.request.urlopen("http://192.0.2.1/", timeout=1)

def test_writes():
    double(1)
    pathlib.Path("new.txt").write_text("x")

def test_refused():
    import socket
    double(1)
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)

def test_program():
    double(1)
    subprocess.run(["no-such-program"])

def test_fixture_missing(nothing):
    assert double(1) == 3

@pytest.mark.skip
def test_skipped():
    assert double(1) == 3

@pytest.mark.xfail
def test_xfail():
    assert double(1) == 3

def test_raises():
    with pytest.raises(TypeError):
        double(None)

def test_subprocess():
    import sys
    double(1)
    done = subprocess.run([sys.executable, "-c", "import pkg.sums; print(pkg.sums.double(4))"], capture_output=True)
    assert done.stdout == b"8\\n", done.stderr
"""
UNITTEST = """
import unittest
from pkg.sums import double

class TestDouble(unittest.TestCase):
    def setUp(self):
        self.three = 3

    def test_works(self):
        self.assertEqual(double(self.three), 6)

    def test_fails(self):
        self.assertEqual(double(self.three), 7)

    @unittest.skip("later")
    def test_skipped(self):
        self.fail()

def test_plain():
    assert double(2) == 5

def test_fixture(tmp_path):
    assert double(2) == 4
"""
PASSED, FAILED, SAYS_NOTHING = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE


@pytest.fixture(scope="module")
def plain(zygote):
    """A sandbox whose interpreter has no pytest."""
    path = tuple(p for p in zygote.interpreter.path if "site-packages" not in str(p))
    made = Zygote.of(evolve(zygote.interpreter, path=path))
    yield made
    asyncio.run(made.close())


@pytest.fixture
def library(project):
    """A project in the `src` layout with a stub where the candidate goes."""
    write(project, "src/pkg/__init__.py", "")
    write(project, "src/pkg/sums.py", MODULE.replace("    return x * 2\n", "", 1))
    write(project, "tests/conftest.py", "import pytest\n@pytest.fixture\ndef local():\n    return 6\n")
    write(project, "tests/test_sums.py", PYTEST)
    write(project, "tests/test_units.py", UNITTEST)
    write(project, "tests/test_broken.py", "import nowhere\ndef test_it(): pass\n")
    return project


async def verify(sandbox, root, *names):
    path = root / "src/pkg/sums.py"
    promise = contract("Twice as much.", "def double(x):", "double")
    subject = Subject(Address("src/pkg/sums.py", "double"), promise, path)
    watched = {subject.address, Address("src/pkg/sums.py", "wrong")}
    tests = [Test("project", name) for name in names]
    return await Verifier(sandbox, Workspace(root, Path(sys.executable)), LIMITS).verify(
        subject, tests, {path: MODULE}, watched
    )


NODES = {
    "TestDouble::test_works": PASSED,
    "test_many": FAILED,
    "test_fails": FAILED,
    "test_elsewhere": SAYS_NOTHING,
    "test_blocked": SAYS_NOTHING,
    "test_network": SAYS_NOTHING,
    "test_writes": SAYS_NOTHING,
    "test_refused": SAYS_NOTHING,
    "test_program": SAYS_NOTHING,
    "test_fixture_missing": SAYS_NOTHING,
    "test_skipped": SAYS_NOTHING,
    "test_xfail": SAYS_NOTHING,
    "test_raises": PASSED,
    "test_subprocess": PASSED,
    "test_not_there": SAYS_NOTHING,
}


async def test_pytest(zygote, library):
    evidence = await verify(zygote, library, *(f"tests/test_sums.py::{n}" for n in NODES))
    results = {r.test.name.partition("::")[2]: r for r in evidence.results}
    assert {n: r.outcome for n, r in results.items()} == NODES, results
    reasons = {n: r.reason for n, r in results.items() if r.outcome is SAYS_NOTHING}
    assert reasons["test_elsewhere"] == "it met the empty stub src/pkg/sums.py::other"
    assert results["test_blocked"].blocked_by == {"src/pkg/sums.py::other"}
    assert "network" in reasons["test_network"]
    assert "read-only" in reasons["test_writes"]
    assert "the sandbox refuses" in reasons["test_refused"]
    assert "no-such-program" in reasons["test_program"]
    assert "no fixture 'nothing'" in reasons["test_fixture_missing"]
    assert reasons["test_not_there"] == "no such test was found"


async def test_a_failure_says_what_a_repair_needs(zygote, library):
    evidence = await verify(zygote, library, "tests/test_sums.py::test_fails", "tests/test_sums.py::test_many")
    fails, many = evidence.failures
    assert (fails.source, fails.expected, fails.actual) == ("assert double(2) == doubled + 1", "5", "4")
    assert fails.traceback.splitlines()[0] == 'File "tests/test_sums.py", line 28, in test_fails'
    assert fails.output == "hello\n"
    assert many.source.endswith("# [3]")


async def test_a_file_that_cannot_be_collected_says_nothing(zygote, library):
    evidence = await verify(zygote, library, "tests/test_broken.py::test_it", "tests/missing.py::test_it")
    assert [r.outcome for r in evidence.results] == [SAYS_NOTHING, SAYS_NOTHING]
    assert "No module named 'nowhere'" in evidence.results[0].reason


async def test_without_pytest(plain, library):
    names = (
        "TestDouble::test_works",
        "TestDouble::test_fails",
        "TestDouble::test_skipped",
        "test_plain",
        "test_fixture",
    )
    evidence = await verify(plain, library, *(f"tests/test_units.py::{n}" for n in names))
    assert [r.outcome for r in evidence.results] == [PASSED, FAILED, SAYS_NOTHING, FAILED, SAYS_NOTHING]
    assert evidence.failures[0].actual == "AssertionError: 6 != 7"
    assert "no pytest" in evidence.results[4].reason


async def test_whole_files(zygote, library):
    path = library / "src/pkg/sums.py"
    verifier = Verifier(zygote, Workspace(library, Path(sys.executable)), LIMITS)
    watched = {Address("src/pkg/sums.py", n) for n in ("double", "other")}
    results = await verifier.verify_all(
        ["tests/test_units.py", "tests/test_sums.py", "tests/test_broken.py"], {path: MODULE}, watched
    )
    found = {r.test.name: r for r in results}
    assert found["tests/test_units.py::test_plain"].outcome is FAILED
    assert found["tests/test_units.py::test_plain"].reached == {"src/pkg/sums.py::double"}
    assert found["tests/test_sums.py::test_elsewhere"].blocked_by == {"src/pkg/sums.py::other"}
    assert found["tests/test_sums.py::TestDouble::test_works"].outcome is PASSED
    assert found["tests/test_broken.py"].outcome is SAYS_NOTHING
