"""Candidates that try to make their own results."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path

import pytest

import forgeries
from soa.contracts import Address
from soa.evidence import Outcome, Test
from soa.sandbox import Limits
from soa.sandbox.landlock import Landlock
from soa.verify import Subject, Verifier, doctests
from soa.workspace import Workspace
from trial import contract, function, judge, write

PASSED, FAILED, SAYS_NOTHING = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE
EXAMPLE = "Doc.\n\n>>> f(1)\n4"
LIMITS = Limits(wall_seconds=20.0, cpu_seconds=10)
SHORT = Limits(wall_seconds=3.0, cpu_seconds=2)
KINDS = {
    "example": None,
    "generated": (Test("generated", "test_it", "assert f(1) == 4"),),
    "project": (Test("project", "test_it.py::test_it"),),
}
PROJECT = "from module import f\n\ndef test_it():\n    assert f(1) == 4\n"


@pytest.fixture(scope="module")
def landlock():
    made = asyncio.run(Landlock.start(Path(sys.executable)))
    yield made
    asyncio.run(made.close())


async def tried(sandbox, root, kind, body, limits=LIMITS):
    write(root, "test_it.py", PROJECT)
    return await judge(sandbox, root, EXAMPLE, body, KINDS[kind], limits)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", forgeries.FAILED)
async def test_a_forgery_has_failed(zygote, project, kind, name):
    body, told = forgeries.FAILED[name]
    evidence = await tried(zygote, project, kind, body, SHORT if name == "ignores alarms" else LIMITS)
    assert not evidence.verified
    assert not [r for r in evidence.results if r.outcome is PASSED]
    (result,) = evidence.results
    assert result.outcome is FAILED, result
    assert result.actual.startswith(told), result


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", forgeries.DOUBTED)
async def test_what_could_be_a_forgery_is_never_verified(zygote, project, kind, name):
    evidence = await tried(zygote, project, kind, forgeries.DOUBTED[name])
    (result,) = evidence.results
    assert (result.outcome, result.distrusted) == (SAYS_NOTHING, True), result
    assert result.reason.startswith("the result cannot be trusted")
    assert not evidence.verified
    assert evidence.acceptable


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", forgeries.HONEST)
async def test_what_is_honest_is_verified(zygote, project, kind, name):
    if name == "measures" and importlib.util.find_spec("numpy") is None:
        pytest.skip("numpy is missing")
    evidence = await tried(zygote, project, kind, forgeries.HONEST[name])
    assert evidence.verified, evidence


LIAR = "class Liar:\n    def __eq__(self, other): return {}\n    __hash__ = None\n"
GENERATED = {
    "equal to anything": (LIAR.format("True") + "return Liar()", "assert f(1) == 4", FAILED),
    "equal to anything, the other way": (LIAR.format("True") + "return Liar()", "assert 4 == f(1)", FAILED),
    "equal to anything, deep inside": (LIAR.format("True") + "return [{1: Liar()}]", "assert f(1) == [{1: 4}]", FAILED),
    "equal to anything, one of them": (LIAR.format("True") + "return Liar()", "assert f(1) in (4, 5)", FAILED),
    "equal to numbers": (LIAR.format("isinstance(other, int)") + "return Liar()", "assert f(1) == 4", SAYS_NOTHING),
    "a kind of number": (
        "class N(int):\n    def __eq__(self, other): return type(other) is int\n    __hash__ = None\nreturn N(5)",
        "assert f(1) == 4", SAYS_NOTHING,
    ),
    "unlike anything": (
        "class N(int):\n    def __ne__(self, other): return True\nreturn N(5)", "assert f(1) != 5", SAYS_NOTHING,
    ),
    "lies about its class": (
        "class Meta(type):\n    __mro__ = ()\nclass N(metaclass=Meta):\n    def __eq__(self, other): return True\n"
        "return N()", "assert f(1) == 4", FAILED,
    ),
    "compared with its like": (
        "class N:\n    def __eq__(self, other): return type(self) is type(other)\nf.N = N\nreturn N()",
        "assert f(1).__class__() == f(2) or f(3)", PASSED,
    ),
    "a data class": (
        "import dataclasses\n@dataclasses.dataclass\nclass P:\n    x: int\nreturn P(x)", "assert f(1).x == 1", PASSED,
    ),
    "a named tuple": (
        "import collections\nreturn collections.namedtuple('P', 'x y')(x, 2)", "assert f(1) == (1, 2)", PASSED,
    ),
    "of the library": ("import fractions\nreturn fractions.Fraction(8, 2)", "assert f(1) == 4", PASSED),
    "a counter": ("import collections\nreturn collections.Counter('aab')", "assert f(1) == {'a': 2, 'b': 1}", PASSED),
    "shows something else": (
        "class S(int):\n    def __repr__(self): return '4'\nreturn S(5)", "assert f(1) == 4", FAILED,
    ),
    "a coroutine that is never run": (
        "import asyncio\nasyncio.run = lambda made: made.close()\nreturn 5",
        "f(1)\nasync def test_it():\n    assert f(1) == 4", FAILED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GENERATED)
async def test_values_that_say_themselves_what_they_equal(zygote, project, name):
    body, source, outcome = GENERATED[name]
    evidence = await judge(zygote, project, EXAMPLE, body, (Test("generated", "test_it", source),))
    assert evidence.results[0].outcome is outcome, evidence.results
    assert evidence.verified is (outcome is PASSED)


async def test_a_doubt_counts_from_where_it_arose(zygote, project):
    tests = tuple(Test("generated", f"test {n}", f"assert f({n}) == 4") for n in range(4))
    body = "import sys\nif x == 1: sys._getframe()\nreturn 4 if x < 3 else 5"
    evidence = await judge(zygote, project, EXAMPLE, body, tests)
    assert [r.outcome for r in evidence.results] == [PASSED, SAYS_NOTHING, SAYS_NOTHING, FAILED]
    assert not evidence.verified


async def test_a_forgery_spoils_the_tests_after_it(zygote, project):
    tests = tuple(Test("generated", f"test {n}", f"assert f({n}) == 4") for n in range(3))
    body = "import builtins\nif x == 1: builtins.len = None\nreturn 4"
    evidence = await judge(zygote, project, EXAMPLE, body, tests)
    assert [r.outcome for r in evidence.results] == [PASSED, FAILED, FAILED]


async def test_whoever_writes_to_the_channel_is_believed_nothing(zygote, project):
    tests = tuple(Test("generated", f"test {n}", f"assert f({n}) == 4") for n in range(3))
    body = """
        import os
        for number in range(3, 64) if x == 1 else ():
            try: os.write(number, b"1")
            except OSError: pass
        return 4
        """
    evidence = await judge(zygote, project, EXAMPLE, body, tests)
    assert {(r.outcome, r.actual) for r in evidence.results} == {(FAILED, forgeries.WROTE)}


AT_IMPORT = {
    "exits": ("import os\nos._exit(0)\n", "exited without a result while it was imported"),
    "raises": ("raise SystemExit(0)\n", "SystemExit: 0"),
    "writes": ("import os\nfor n in range(3, 64):\n    try: os.write(n, b'{}\\n')\n    except OSError: pass\n", ""),
    "replaces": ("import builtins\nbuiltins.isinstance = lambda *a: True\n", ""),
    "takes pytest's place": ("import sys, types\nsys.modules['pytest'] = types.ModuleType('pytest')\n", None),
    "adds a builtin": ("import builtins\nbuiltins.mine = 4\n", None),
}


@pytest.mark.parametrize("name", AT_IMPORT)
@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_done_at_import(zygote, project, kind, name):
    line, said = AT_IMPORT[name]
    promise = contract(EXAMPLE)
    path = write(project, "module.py", promise.render())
    write(project, "test_it.py", PROJECT)
    subject = Subject(Address("module.py", "f"), promise, path)
    verifier = Verifier(zygote, Workspace(project, Path(sys.executable)), LIMITS)
    overlay = {path: line + function(promise, "return 4")}
    evidence = await verifier.verify(subject, KINDS[kind] or doctests(promise), overlay, {subject.address})
    assert evidence.verified is (said is None), evidence
    assert said is None or said in evidence.broken
    assert all(r.outcome is (PASSED if said is None else FAILED) for r in evidence.results)


@pytest.mark.parametrize("kind", KINDS)
async def test_results_tell_how_long_they_took(zygote, project, kind):
    evidence = await tried(zygote, project, kind, "import time\ntime.sleep(0.2)\ntime.monotonic = lambda: 0\nreturn 4")
    assert 0.2 <= evidence.results[0].seconds < 10


@pytest.mark.parametrize("kind", KINDS)
async def test_all_that_is_told_is_cut(zygote, project, kind):
    body = "print('x' * 10**6)\nclass E(Exception): pass\nraise E('y' * 10**6)"
    (result,) = (await tried(zygote, project, kind, body)).results
    assert result.outcome is FAILED
    assert "yyy" in result.actual
    assert "xxx" in result.output
    assert max(map(len, (result.actual, result.expected, result.traceback))) < 8000
    assert len(result.output) <= 17000
    assert "in f" in result.traceback


async def test_what_one_run_writes_the_next_does_not_read(landlock, project):
    body = """
        import os
        for number in range(3, 256):
            for position in (0, 100, 1000):
                try:
                    os.lseek(number, position, 0)
                    os.write(number, b"0" * 1000)
                except OSError: pass
            try: os.ftruncate(number, 0)
            except OSError: pass
        return 4
        """
    for kind in KINDS:
        await tried(landlock, project, kind, body)
        assert (await tried(landlock, project, kind, "return 4")).verified
