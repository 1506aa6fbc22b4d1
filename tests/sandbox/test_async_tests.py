"""Tests that are coroutines: run by whichever plugin the project mentions, by unittest, or by nobody."""

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

PASSED, FAILED, SAYS_NOTHING = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE
MODULE = '''
import asyncio

async def double(x):
    """Twice as much."""
    await asyncio.sleep(0)
    return x * 2
'''
UNMARKED = """
from double import double

async def test_right():
    assert await double(2) == 4

async def test_wrong():
    assert await double(2) == 5
"""
ASYNCIO = """
import pytest
import pytest_asyncio
from double import double

pytestmark = pytest.mark.asyncio

@pytest_asyncio.fixture
async def four():
    yield await double(2)

async def test_right(four):
    assert await double(4) == four * 2

async def test_wrong(four):
    assert await double(four) == 9
"""
ANYIO = """
import pytest
from double import double

pytestmark = pytest.mark.anyio

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.fixture
async def four():
    return await double(2)

async def test_right(four):
    assert await double(4) == four * 2

async def test_wrong(four):
    assert await double(four) == 9
"""
UNITTEST = """
import unittest
from double import double

class TestDouble(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.four = await double(2)

    async def test_right(self):
        self.assertEqual(await double(4), self.four * 2)

    async def test_wrong(self):
        self.assertEqual(await double(self.four), 9)
"""
UNSUPPORTED = "it is async, and no pytest plugin that the project mentions runs it"


@pytest.fixture
def plain(zygote):
    """A sandbox whose interpreter has no pytest."""
    path = tuple(p for p in zygote.interpreter.path if "site-packages" not in str(p))
    made = Zygote.of(evolve(zygote.interpreter, path=path))
    yield made
    asyncio.run(made.close())


async def verify(sandbox, root, source, *names):
    path = write(root, "double.py", MODULE)
    write(root, "test_double.py", source)
    promise = contract("Twice as much.", "async def double(x):", "double")
    subject = Subject(Address("double.py", "double"), promise, path)
    tests = [Test("project", f"test_double.py::{name}") for name in names or ("test_right", "test_wrong")]
    verifier = Verifier(sandbox, Workspace(root, Path(sys.executable)), LIMITS)
    return (await verifier.verify(subject, tests, {path: MODULE}, {subject.address})).results


def outcomes(results):
    return [r.outcome for r in results]


async def test_pytest_asyncio_with_marks(zygote, project):
    right, wrong = await verify(zygote, project, ASYNCIO)
    assert (right.outcome, wrong.outcome) == (PASSED, FAILED), (right, wrong)
    assert (wrong.source, wrong.expected, wrong.actual) == ("assert await double(four) == 9", "9", "8")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[tool.pytest.ini_options]\nasyncio_mode = "auto"\n'),
        ("pytest.ini", "[pytest]\naddopts = -v --asyncio-mode=auto\n"),
        (".pytest.ini", "[pytest]\nasyncio_mode = auto\n"),
        ("setup.cfg", "[tool:pytest]\naddopts = --import-mode importlib --asyncio-mode auto\n"),
    ],
)
async def test_pytest_asyncio_in_its_automatic_mode(zygote, project, name, text):
    (project / "pyproject.toml").unlink()
    write(project, name, text)
    assert outcomes(await verify(zygote, project, UNMARKED)) == [PASSED, FAILED]


async def test_anyio(zygote, project):
    assert outcomes(await verify(zygote, project, ANYIO)) == [PASSED, FAILED]


async def test_a_runner_of_the_projects_own(zygote, project):
    hook = "import asyncio\ndef pytest_pyfunc_call(pyfuncitem):\n    asyncio.run(pyfuncitem.obj())\n    return True\n"
    write(project, "conftest.py", hook)
    assert outcomes(await verify(zygote, project, UNMARKED)) == [PASSED, FAILED]


async def test_without_a_plugin_it_says_nothing(zygote, project):
    write(project, "pyproject.toml", '[tool.pytest.ini_options]\nfilterwarnings = ["error"]\n')
    results = await verify(zygote, project, UNMARKED)
    assert [(r.outcome, r.reason) for r in results] == [(SAYS_NOTHING, UNSUPPORTED)] * 2


async def test_in_whole_files_it_says_nothing_either(zygote, project):
    write(project, "double.py", MODULE)
    write(project, "test_double.py", UNMARKED)
    verifier = Verifier(zygote, Workspace(project, Path(sys.executable)), LIMITS)
    results = await verifier.verify_all(["test_double.py"], {}, {Address("double.py", "double")})
    assert [(r.outcome, r.reason) for r in results] == [(SAYS_NOTHING, UNSUPPORTED)] * 2


@pytest.mark.parametrize("has_pytest", [True, False])
async def test_unittest_has_its_own(has_pytest, project, zygote, plain):
    names = ("TestDouble::test_right", "TestDouble::test_wrong")
    results = await verify(zygote if has_pytest else plain, project, UNITTEST, *names)
    assert outcomes(results) == [PASSED, FAILED], results
    assert "8 != 9" in results[1].actual


async def test_without_pytest_a_plain_coroutine_says_nothing(plain, project):
    results = await verify(plain, project, UNMARKED)
    assert outcomes(results) == [SAYS_NOTHING] * 2
    assert results[0].reason == "it is a coroutine, and the project's interpreter has no pytest"
