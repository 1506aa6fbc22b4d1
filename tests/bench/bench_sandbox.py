"""What a run in a sandbox costs beside a process of its own: `python tests/bench/bench_sandbox.py`.

All are ratios of what was measured in the same run, in turns, and the middle of their rounds. Two at a time, each with

- a trivial test: verified in forks; and by a fresh `python -I` that imports the module and runs its example, or a bare
  assertion, which spares the process `doctest` and is the harder comparison;
- a module that imports numpy and pandas: the same. Both are installed in an environment of their own below `build`;
- a test of the project's: verified in forks; and by a fresh `python -m pytest`.

Then one at a time: how long a trivial run takes beside a *bare fork* of the same server. That goes the same way: files
and pipes are made and handed over, the server forks, waits for its child, kills what is left, looks for what it has to
tidy up and tells the end. But its request is empty, on which the child ends as soon as it has read it: it gives nothing
up, imports nothing, runs nothing and answers nothing.

And last the memory of a server that has nothing to do: the proportional set size of all its processes.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from attrs import field, frozen
from telling import mark, tell

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from processes import descendants, proportional
from soa.contracts import Address, Contract
from soa.evidence import Test
from soa.sandbox import Job, Limits, Report, Sandbox
from soa.sandbox.landlock import Landlock
from soa.sandbox.zygote import Zygote
from soa.verify import Subject, Verifier, doctests
from soa.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence


WORKERS = 2
ROUNDS = 7
PYTHON = Path(sys.executable)
KINDS = (Zygote, Landlock)
ENVIRONMENT = Path(__file__).parents[2] / "build" / "bench"
CONTRACT = Contract("f", (), "def f(x):", "Twice.\n\n>>> f(2)\n4")
STUB = '{imports}def f(x):\n    """Twice.\n\n    >>> f(2)\n    4\n    """\n'
BODY = "    return x * 2\n"
ASSERTED = (Test("generated", "test_f", "assert f(2) == 4"),)
OF_PROJECT = (Test("project", "test_m.py::test_f"),)
TESTS_OF_PROJECT = "from m import f\n\n\ndef test_f():\n    assert f(2) == 4\n"
FIND = "import sys; sys.path.insert(0, {root!r}); "
DOCTEST = FIND + "import doctest, m; sys.exit(doctest.testmod(m).failed)"
ASSERT = FIND + "import m; assert m.f(2) == 4"
LATENCIES = 200
FREE = Limits(wall_seconds=60.0)


@frozen
class Project:
    """A module and its test: a stub where candidates are verified, the whole where processes test it."""

    root: Path
    python: Path
    text: str

    @classmethod
    def write(cls, root: Path, python: Path, imports: str = "") -> Project:
        """Write it into two folders."""
        stub = STUB.format(imports=imports)
        for name, text in (("stub", stub), ("whole", stub + BODY)):
            (root / name).mkdir(parents=True)
            (root / name / "pyproject.toml").touch()
            (root / name / "m.py").write_text(text)
            (root / name / "test_m.py").write_text(TESTS_OF_PROJECT)
        return cls(root, python, stub + BODY)

    async def verify(self, sandbox: Sandbox, tests: Sequence[Test], times: int) -> float:
        """Verify a candidate so many times, two at a time; the verifications a second."""
        root, left = self.root / "stub", iter(range(times))
        subject = Subject(Address("m.py", "f"), CONTRACT, root / "m.py")
        verifier = Verifier(sandbox, Workspace(root, self.python), FREE)

        async def work() -> None:
            for _ in left:
                evidence = await verifier.verify(subject, tests, {subject.path: self.text}, {subject.address})
                assert evidence.verified, evidence

        begun = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(WORKERS)))
        return times / (time.perf_counter() - begun)

    def processes(self, arguments: Sequence[str], times: int) -> float:
        """Start a process so many times, two at a time; the processes a second."""
        root = self.root / "whole"
        command = [str(self.python), *(a.format(root=str(root)) for a in arguments)]
        run = partial(subprocess.run, command, cwd=root, check=True, capture_output=True)
        begun = time.perf_counter()
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda _: run(), range(times)))
        return times / (time.perf_counter() - begun)


@frozen
class Comparison:
    """Verifications beside processes that do the same."""

    what: str
    tests: Sequence[Test]
    arguments: Sequence[str]
    least: float
    """The target: how many verifications there are to be for one process."""
    times: tuple[int, int]
    """How many verifications and processes make a round."""

    async def tell(self, project: Project) -> None:
        """Measure and print a line for each kind of sandbox."""
        kept = [await kind.start(project.python) for kind in KINDS]
        try:
            rates = await self._rates(project, kept)
        finally:
            for sandbox in kept:
                await sandbox.close()
        for sandbox in kept:
            ratio = median(r[sandbox.name] / r["process"] for r in rates)
            rate, other = (median(r[name] for r in rates) for name in (sandbox.name, "process"))
            told = f"{ratio:.1f} times ({rate:.0f}/s; {other:.1f}/s)"
            tell(f"{mark(ratio >= self.least)} {self.what}, {sandbox.name}: {told} (at least {self.least:g} times)")

    async def _rates(self, project: Project, kept: Sequence[Sandbox]) -> list[dict[str, float]]:
        for sandbox in kept:
            await project.verify(sandbox, self.tests, 2 * WORKERS)
        project.processes(self.arguments, WORKERS)
        rates = []
        for _ in range(ROUNDS):
            rate = {s.name: await project.verify(s, self.tests, self.times[0]) for s in kept}
            rates.append({**rate, "process": await asyncio.to_thread(project.processes, self.arguments, self.times[1])})
        return rates


TRIVIAL = (
    Comparison("trivial example", doctests(CONTRACT), ("-I", "-c", DOCTEST), 4, (80, 20)),
    Comparison("trivial assertion", ASSERTED, ("-I", "-c", ASSERT), 4, (80, 20)),
)
IMPORTING = (
    Comparison("numpy and pandas, example", doctests(CONTRACT), ("-I", "-c", DOCTEST), 30, (40, 4)),
    Comparison("numpy and pandas, assertion", ASSERTED, ("-I", "-c", ASSERT), 30, (40, 4)),
)
PYTEST = Comparison(
    "pytest", OF_PROJECT, ("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_m.py::test_f"), 3, (20, 4)
)


PREPARED = (
    (("pytest",), "", OF_PROJECT, (PYTEST,)),
    (("numpy", "pandas"), "import numpy\nimport pandas\n\n\n", ASSERTED, IMPORTING),
)
"""Packages of an environment, how a module imports them, the tests of a server's first run, and what is compared."""


@frozen
class Asked:
    """A sandbox that runs nothing, and keeps what it was asked for."""

    jobs: list[Job] = field(factory=list)
    name: str = "asked"

    async def run(self, job: Job) -> Report:
        """Keep a job; see `Sandbox`."""
        self.jobs.append(job)
        return Report(None)

    async def close(self) -> None:
        """Do nothing; see `Sandbox`."""


async def job_of(project: Project) -> Job:
    """What a sandbox is asked for when a trivial candidate is verified."""
    asked = Asked()
    with suppress(AssertionError):
        await project.verify(asked, ASSERTED, 1)
    return asked.jobs[0]


async def tell_latency(project: Project) -> None:
    """Print how long a trivial run takes beside a bare fork, both on the same server and in turns."""
    job = await job_of(project)
    for kind in KINDS:
        sandbox = await kind.start(project.python)
        await sandbox.run(job)
        taken = await latencies(sandbox, job)
        await sandbox.close()
        ratio = median(run / bare for bare, run in taken)
        bare, run = (1000 * median(times) for times in zip(*taken, strict=True))
        told = f"{ratio:.2f} times a bare fork ({run:.2f} ms; {bare:.2f} ms)"
        tell(f"{mark(ratio <= 2)} trivial run, {sandbox.name}: {told} (at most 2 times)")


async def latencies(sandbox: Zygote | Landlock, job: Job) -> list[tuple[float, float]]:
    """Pairs of seconds: for a bare fork, and for a run on the same server."""
    server, taken = sandbox.forks._pool.idle[-1], []
    for _ in range(LATENCIES):
        begun = time.perf_counter()
        bare = await server.run(b"", FREE)
        between = time.perf_counter()
        report = await sandbox.run(job)
        taken.append((between - begun, time.perf_counter() - between))
        assert not bare.said, bare
        assert report.answer, report
    return taken


async def tell_memory(projects: Sequence[tuple[str, Project, Sequence[Test]]]) -> None:
    """Print what servers hold that have nothing to do."""
    for kind in KINDS:
        for what, project, tests in projects:
            sandbox = await kind.start(project.python)
            before = set(descendants(os.getpid()))
            await project.verify(sandbox, tests, 1)
            held = [pid for pid in descendants(os.getpid()) if pid not in before]
            size = proportional(held)
            tell(f"  idle server, {sandbox.name}, {what}: " + (f"{size / 1e6:.1f} MB" if size else "not told to us"))
            await sandbox.close()


def prepared(packages: Sequence[str]) -> Path | None:
    """An interpreter of an environment that has packages and nothing else; None if they cannot be installed."""
    folder = ENVIRONMENT / "-".join(packages)
    python = folder / "bin" / "python"
    run = partial(subprocess.run, check=False, capture_output=True)
    has = [python, "-c", f"import {','.join(packages)}"]
    if not python.exists():
        run([PYTHON, "-m", "venv", folder])
        run([python, "-m", "pip", "install", "--disable-pip-version-check", *packages])
    return python if python.exists() and not run(has).returncode else None


def main() -> None:
    """Measure all, and print a line for each target."""
    tell(f"The machine's load: {os.getloadavg()[0]:.1f} with {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(tell_all(Path(folder)))
    tell(f"The machine's load: {os.getloadavg()[0]:.1f}")


async def tell_all(folder: Path) -> None:
    """Measure one after the other."""
    plain = Project.write(folder / "plain", PYTHON)
    idle = [("base", plain, ASSERTED)]
    for comparison in TRIVIAL:
        await comparison.tell(plain)
    for packages, imports, tests, comparisons in PREPARED:
        python = prepared(packages)
        if python is None:
            tell(f"  {' and '.join(packages)} cannot be installed here: that part is left out.")
            continue
        project = Project.write(folder / "-".join(packages), python, imports)
        idle.append((" and ".join(packages), project, tests))
        for comparison in comparisons:
            await comparison.tell(project)
    await tell_latency(plain)
    await tell_memory(idle)


if __name__ == "__main__":
    main()
