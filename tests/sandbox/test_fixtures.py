"""The project's own fixtures, in `conftest.py` of any folder, and those that pytest brings."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from soa.contracts import Address
from soa.evidence import Outcome, Test
from soa.verify import Subject, Verifier
from soa.workspace import Workspace
from trial import LIMITS, contract, write

MODULE = '''
FACTOR = 2

def double(x):
    """Twice as much."""
    print("doubling", x)
    return x * FACTOR

def other(x):
    """Something else."""
    return x
'''
OUTER = """
import pytest
from double import double

@pytest.fixture(autouse=True)
def told(request):
    request.node.told = ["outer"]
    yield
    assert request.node.told[-1] == "inner", request.node.told

@pytest.fixture
def number():
    return 1

@pytest.fixture(params=[1, 2, 3], ids=str)
def many(request):
    return request.param

@pytest.fixture(scope="session")
def four():
    return double(2)
"""
INNER = """
import pytest

@pytest.fixture(autouse=True)
def told_again(told, request):
    request.node.told.append("inner")

@pytest.fixture
def number(number):
    return number + 10
"""
TESTS = """
import os
import pytest
import double as module
from double import double, other

def test_overridden(number):
    assert double(number) == 22

def test_many(many):
    assert double(many) == [2, 4, 7][many - 1]

def test_first_to_share(four):
    assert four == 4

def test_next_to_share(four):
    assert four + 1 == 6

def test_not_sharing():
    assert other(4) == 4

def test_files(tmp_path, tmp_path_factory, tmpdir):
    (tmp_path / "x.txt").write_text(str(double(2)))
    (tmp_path_factory.mktemp("more") / "x.txt").touch()
    tmpdir.mkdir("sub")
    assert (tmp_path / "x.txt").read_text() == "4"

def test_patched(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "FACTOR", 3)
    monkeypatch.setenv("SOME_NAME", "value")
    monkeypatch.chdir(tmp_path)
    assert double(2) == 6 and os.environ["SOME_NAME"] == "value"

def test_put_back():
    assert double(2) == 4 and "SOME_NAME" not in os.environ

def test_printed(capsys):
    double(2)
    assert capsys.readouterr().out == "doubling 2\\n"

def test_printed_by_others(capfd):
    double(2)
    os.write(1, b"and more\\n")
    assert capfd.readouterr().out == "doubling 2\\nand more\\n"

def test_logged(caplog, recwarn):
    import logging
    logging.getLogger("x").warning("double %s", double(2))
    assert caplog.messages == ["double 4"] and not recwarn

@pytest.mark.usefixtures("four")
class TestUsing:
    @pytest.fixture
    def own(self):
        return double(5)

    def test_own(self, own):
        assert own == 10

    @pytest.mark.parametrize(("x", "y"), [(1, 2), (2, 4)])
    def test_both(self, x, y, own):
        assert double(x) == y
"""
PASSED, FAILED, SAYS_NOTHING = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE
NODES = {
    "test_overridden": PASSED,
    "test_many": FAILED,
    "test_first_to_share": PASSED,
    "test_next_to_share": FAILED,
    "test_not_sharing": SAYS_NOTHING,
    "test_files": PASSED,
    "test_patched": PASSED,
    "test_put_back": PASSED,
    "test_printed": PASSED,
    "test_printed_by_others": PASSED,
    "test_logged": PASSED,
    "TestUsing::test_own": PASSED,
    "TestUsing::test_both": PASSED,
}
FILE = "tests/unit/test_double.py"


@pytest.fixture
def nested(project):
    write(project, "double.py", MODULE)
    write(project, "tests/conftest.py", OUTER)
    write(project, "tests/unit/conftest.py", INNER)
    write(project, FILE, TESTS)
    return project


async def test_all_of_them(zygote, nested):
    promise = contract("Twice as much.", "def double(x):", "double")
    path = nested / "double.py"
    subject = Subject(Address("double.py", "double"), promise, path)
    tests = [Test("project", f"{FILE}::{name}") for name in NODES]
    verifier = Verifier(zygote, Workspace(nested, Path(sys.executable)), LIMITS)
    found = (await verifier.verify(subject, tests, {path: MODULE}, {subject.address})).results
    outcomes = {r.test.name.removeprefix(f"{FILE}::"): r.outcome for r in found}
    assert outcomes == NODES, [(r.test.name, r.actual, r.reason) for r in found]
    (many,) = (r for r in found if r.test.name.endswith("test_many"))
    assert (many.source, many.expected, many.actual) == ("assert double(many) == [2, 4, 7][many - 1]  # [3]", "7", "6")


async def test_what_a_shared_fixture_calls_every_test_reaches_that_uses_it(zygote, nested):
    watched = {Address("double.py", "double"), Address("double.py", "other")}
    verifier = Verifier(zygote, Workspace(nested, Path(sys.executable)), LIMITS)
    found = {r.test.name.rpartition("::")[2]: r.reached for r in await verifier.verify_all([FILE], {}, watched)}
    assert found["test_first_to_share"] == found["test_next_to_share"] == {"double.py::double"}
    assert found["test_not_sharing"] == {"double.py::other"}
