"""From a candidate to its evidence."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from attrs import evolve

from soa.contracts import Address
from soa.evidence import Outcome, Test
from soa.sandbox.off import NoSandbox
from soa.sandbox.zygote import Zygote
from soa.verify import Need, Subject, Verifier, doctests
from soa.workspace import Workspace
from trial import BRIEF, LIMITS, contract, function, judge, write

PASSED, FAILED, SAYS_NOTHING = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE
PROMISE = contract("Twice as much.\n\n>>> f(2)\n4")
SUBJECT = Address("module.py", "f")


@pytest.fixture(scope="session")
def zygote():
    made = asyncio.run(Zygote.start(Path(sys.executable)))
    yield made
    asyncio.run(made.close())


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


async def verify(sandbox, root, text, *, original=None, tests=None, others=(), needs=(), limits=LIMITS):
    path = write(root, "module.py", original or PROMISE.render())
    verifier = Verifier(sandbox, Workspace(root, Path(sys.executable)), limits)
    tests = doctests(PROMISE) if tests is None else tests
    return await verifier.verify(Subject(SUBJECT, PROMISE, path), tests, {path: text}, {SUBJECT, *others}, needs)


async def test_a_good_candidate_is_verified_and_nothing_is_written(zygote, project):
    evidence = await judge(zygote, project, PROMISE.docstring, "return 2 * x")
    assert evidence.verified
    assert [(c.origin, c.passed, c.failed) for c in evidence.counts] == [("doctest", 1, 0)]
    assert sorted(p.name for p in project.iterdir()) == ["module.py", "pyproject.toml"]
    assert (project / "module.py").read_text() == PROMISE.render()


async def test_without_a_test_nothing_is_verified(zygote, project):
    evidence = await judge(zygote, project, "Doc.", "return 2 * x")
    assert evidence.acceptable
    assert not evidence.verified


@pytest.mark.parametrize(
    ("need", "sentence"),
    [
        (Need("jsn"), "there is no module named 'jsn' in the project's interpreter; did you mean 'json'"),
        (
            Need("json.decodr"),
            "there is no module named 'json.decodr' in the project's interpreter; did you mean 'deco",
        ),
        (Need("json", "loadz"), "module 'json' has no attribute 'loadz'; did you mean 'load"),
        (Need("os", "path.jion"), "'os.path' has no attribute 'jion'; did you mean 'join'"),
        (Need(".other", "missing", "pkg"), "module 'pkg.other' has no attribute 'missing'"),
        (Need("..other", None, "pkg"), "the relative import '..other' leads out of its package"),
    ],
)
async def test_what_does_not_exist_is_told(zygote, project, need, sentence):
    write(project, "pkg/__init__.py", "")
    write(project, "pkg/other.py", "there = 1")
    evidence = await verify(zygote, project, function(PROMISE, "return x * 2"), needs=[need])
    assert len(evidence.unresolved) == 1
    assert evidence.unresolved[0].startswith(sentence)
    assert evidence.results == ()


async def test_what_exists_is_no_hindrance(zygote, project):
    write(project, "pkg/__init__.py", "")
    write(project, "pkg/other.py", "there = 1")
    needs = [
        Need("json", "loads"), Need("xml", "dom"), Need("os.path"), Need("pkg", "other"),
        Need(".other", "there", "pkg"), Need("pytest", "raises"),
    ]  # fmt: skip
    evidence = await verify(zygote, project, function(PROMISE, "return x * 2"), needs=needs)
    assert evidence.verified


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
        ("1 / 0", "ZeroDivisionError"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("import os; os._exit(0)", "exited without a result while it was imported"),
        ("while True: pass", "ran out of time (2 s) while it was imported"),
        ("def g(:", "SyntaxError"),
    ],
)
async def test_a_candidate_that_breaks_its_module(zygote, project, line, said):
    evidence = await verify(zygote, project, f"{line}\n{function(PROMISE, 'return x * 2')}", limits=BRIEF)
    assert said in evidence.broken
    assert not evidence.acceptable


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("input()", "EOFError"),
        ("raise RuntimeError('not today')", "RuntimeError: not today"),
        ("while True: pass", "ran out of time"),
    ],
)
async def test_a_module_of_the_user_that_cannot_be_imported(zygote, project, line, said):
    original = f"{line}\n{PROMISE.render()}"
    text = f"{line}\n{function(PROMISE, 'return x * 2')}"
    evidence = await verify(zygote, project, text, original=original, limits=BRIEF)
    assert evidence.refused.startswith("module.py cannot be imported, with or without the candidate")
    assert said in evidence.refused
    assert not evidence.verified
    assert evidence.acceptable


async def test_threads_started_at_import_hold_nothing_up(zygote, project):
    start = "import threading, time\nthreading.Thread(target=time.sleep, args=[60]).start()"
    text = f"{start}\n{function(PROMISE, 'return 2 * x')}"
    assert (await verify(zygote, project, text)).verified


async def test_a_script_and_its_module_variables_work(zygote, project):
    text = f"FACTOR = 2\n{function(PROMISE, 'return FACTOR * x')}\nif __name__ == '__main__':\n    input()\n"
    assert (await verify(zygote, project, text)).verified


async def test_an_import_that_meets_an_empty_stub_says_nothing(zygote, project):
    write(project, "tables.py", 'def table():\n    """Not written yet."""\n')
    text = f"import tables\nSIZE = len(tables.table())\n{function(PROMISE, 'return 2 * x')}"
    evidence = await verify(zygote, project, text)
    (result,) = evidence.results
    assert result.outcome is SAYS_NOTHING
    assert result.blocked_by == {"tables.py::table"}


async def test_a_test_that_meets_an_empty_stub_says_nothing(zygote, project):
    stubs = 'def g(x):\n    """Doc."""\n\ndef h(x):\n    """Doc."""\n    raise NotImplementedError("later")\n'
    tests = [Test("generated", f"t{n}", f"assert f({n}) == 2") for n in (1, 2, 3)]
    body = "return g(x) + 1 if x == 1 else h(x) if x == 2 else 3"
    evidence = await verify(
        zygote, project, f"{stubs}{function(PROMISE, body)}", tests=tests, others={Address("module.py", "g")}
    )
    assert [r.outcome for r in evidence.results] == [SAYS_NOTHING, SAYS_NOTHING, FAILED]
    assert [set(r.blocked_by) for r in evidence.results] == [{"module.py::g"}, {"module.py::h"}, set()]
    assert evidence.results[0].reached == {"module.py::f", "module.py::g"}


async def test_what_is_empty_on_purpose_blocks_nothing(zygote, project):
    text = f'''
from typing import Protocol, overload
class P(Protocol):
    def g(self):
        """Doc."""
class Q(P):
    def h(self):
        """Doc."""
        # soa: ignore
{function(PROMISE, "Q().g(); Q().h(); return 3")}'''
    (result,) = (await verify(zygote, project, text)).results
    assert result.outcome is FAILED
    assert not result.blocked_by


async def test_results_before_a_hang_are_kept(zygote, project):
    tests = [Test("generated", f"t{n}", f"assert f({n}) == {n}") for n in range(4)]
    body = "import time\nwhile x == 2:\n    try: time.sleep(9)\n    except BaseException: pass\nreturn x"
    evidence = await verify(zygote, project, function(PROMISE, body), tests=tests, limits=BRIEF)
    assert [r.outcome for r in evidence.results] == [PASSED, PASSED, FAILED, SAYS_NOTHING]
    assert evidence.results[2].actual == "ran out of time (2 s)"
    assert evidence.results[3].reason.startswith("not run")


async def test_a_hang_does_not_stop_the_tests_after_it(zygote, project):
    tests = [Test("generated", f"t{n}", f"assert f({n}) == {n}") for n in range(4)]
    evidence = await verify(
        zygote, project, function(PROMISE, "while x == 2: pass\nreturn x"), tests=tests, limits=BRIEF
    )
    assert [r.outcome for r in evidence.results] == [PASSED, PASSED, FAILED, PASSED]


async def test_a_loop_of_calls_to_an_empty_stub_says_nothing(zygote, project):
    stub = 'def g(x):\n    """Doc."""\n'
    tests = [Test("generated", f"t{n}", f"assert f({n}) == {n}") for n in range(3)]
    text = f"{stub}\n{function(PROMISE, 'while x == 1 and not g(x): pass' + chr(10) + 'return x')}"
    patient = evolve(LIMITS, wall_seconds=600.0, cpu_seconds=600)
    evidence = await verify(zygote, project, text, tests=tests, others={Address("module.py", "g")}, limits=patient)
    assert [r.outcome for r in evidence.results] == [PASSED, SAYS_NOTHING, PASSED]
    assert evidence.results[1].blocked_by == {"module.py::g"}


async def test_a_test_that_others_left_no_time_says_nothing(zygote, project):
    tests = [Test("generated", f"t{n}", f"assert f({n}) == {n}") for n in range(4)]
    evidence = await verify(zygote, project, function(PROMISE, "while x < 4: pass"), tests=tests, limits=BRIEF)
    assert [r.outcome for r in evidence.results[:2]] == [FAILED, FAILED]
    assert [r.outcome for r in evidence.results[2:]] == [SAYS_NOTHING, SAYS_NOTHING]


async def test_a_crash_is_the_running_tests_fault(zygote, project):
    tests = [Test("generated", f"t{n}", f"assert f({n}) == {n}") for n in range(3)]
    body = "import os\nif x == 1: os.abort()\nreturn x"
    evidence = await verify(zygote, project, function(PROMISE, body), tests=tests)
    assert [r.outcome for r in evidence.results] == [PASSED, FAILED, SAYS_NOTHING]
    assert evidence.results[1].actual == "was killed (signal 6)"


async def test_methods_are_reached_by_their_examples(zygote, project):
    promise = contract(">>> c = C()\n>>> c.m(1)\n2\n>>> c.total\n2", "def m(self, x):", "C.m")
    path = write(project, "pkg/mod.py", "class C:\n    def m(self, x): return 0\n")
    write(project, "pkg/__init__.py", "")
    text = "class C:\n    def m(self, x):\n        self.total = x + 1\n        return self.total\n"
    address = Address("pkg/mod.py", "C.m")
    verifier = Verifier(zygote, Workspace(project, Path(sys.executable)), LIMITS)
    evidence = await verifier.verify(Subject(address, promise, path), doctests(promise), {path: text}, {address})
    assert [r.outcome for r in evidence.results] == [SAYS_NOTHING, PASSED, PASSED]


async def test_a_nested_function_cannot_be_called(zygote, project):
    promise = contract(">>> inner(1)\n2", "def inner(x):", "outer.inner")
    path = write(project, "mod.py", "def outer():\n    def inner(x): return x + 1\n    return inner\n")
    address = Address("mod.py", "outer.inner")
    verifier = Verifier(zygote, Workspace(project, Path(sys.executable)), LIMITS)
    evidence = await verifier.verify(Subject(address, promise, path), doctests(promise), {}, {address})
    assert [r.outcome for r in evidence.results] == [SAYS_NOTHING]


async def test_other_encodings(zygote, project):
    promise = contract(">>> f('\u00e9')\n1\n>>> f('\u00e9\u00e9')\n2")
    body = "return x.count('\u00e9')"
    text = f"# -*- coding: latin-1 -*-\n{function(promise, body)}"
    path = write(project, "module.py", "def f(x): pass\n")
    verifier = Verifier(zygote, Workspace(project, Path(sys.executable)), LIMITS)
    evidence = await verifier.verify(Subject(SUBJECT, promise, path), doctests(promise), {path: text}, {SUBJECT})
    assert [r.outcome for r in evidence.results] == [PASSED, PASSED]


async def test_without_a_sandbox_the_reason_is_told(project):
    sandbox = NoSandbox("bubblewrap is missing.", "Install bubblewrap: apt install bubblewrap")
    evidence = await judge(sandbox, project, PROMISE.docstring, "return 2 * x")
    assert evidence.refused == "bubblewrap is missing. Install bubblewrap: apt install bubblewrap"
    assert not evidence.verified
    verifier = Verifier(sandbox, Workspace(project, Path(sys.executable)), LIMITS)
    assert await verifier.verify_all(["test_x.py"], {}, set()) == ()
