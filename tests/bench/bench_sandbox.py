"""What a run in the sandbox costs, as multiples of starting Python: `python tests/bench/bench_sandbox.py`."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import marshal
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from soa.contracts import Address, Contract
from soa.sandbox import Limits
from soa.sandbox.process import PlainProcess
from soa.sandbox.zygote import Zygote
from soa.verify import Subject, Verifier, doctests
from soa.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from soa.sandbox import Sandbox
    from soa.sandbox.interpreter import Interpreter

ROUNDS = 40
PYTHON = Path(sys.executable)
TEXT = 'def f(x):\n    """Twice.\n\n    >>> f(2)\n    4\n    """\n    return x * 2\n'


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds of the children of one round."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (time.perf_counter() - start) / ROUNDS, used / ROUNDS


def bare() -> None:
    """Start Python, nothing else."""
    for _ in range(ROUNDS):
        subprocess.run([PYTHON, "-I", "-c", "pass"], check=True)


def unconfined(interpreter: Interpreter) -> Interpreter:
    """The same, but with a harness that gives nothing up by seccomp and Landlock."""
    nothing = {"seccomp": "def install(): return False", "landlock": "def restrict(writable, network): return 0"}
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(interpreter.harness)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            source = nothing.get(Path(name).stem)
            new.writestr(name, compiled(source) if source else old.read(name))
    return evolve(interpreter, harness=made.getvalue())


def compiled(source: str) -> bytes:
    """A module without a file, as the interpreter keeps it compiled."""
    return importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(compile(source, "<nothing>", "exec"))


def compare(sandbox: Sandbox, bare: Sandbox, root: Path) -> float:
    """The middle of how much longer a round with one sandbox takes than one with the other, in turns."""
    ratios = []
    for _ in range(ROUNDS):
        taken = [spent(lambda s=s: asyncio.run(verified(s, root, 1)))[0] for s in (bare, sandbox, sandbox, bare)]
        ratios.append((taken[1] + taken[2]) / (taken[0] + taken[3]))
    return statistics.median(ratios)


async def verified(sandbox: Sandbox, root: Path, rounds: int = ROUNDS) -> None:
    """Verify a trivial candidate, one round after the other."""
    contract = Contract("f", (), "def f(x):", "Twice.\n\n>>> f(2)\n4")
    subject = Subject(Address("m.py", "f"), contract, root / "m.py")
    verifier = Verifier(sandbox, Workspace(root, PYTHON), Limits())
    for _ in range(rounds):
        evidence = await verifier.verify(subject, doctests(contract), {root / "m.py": TEXT}, {subject.address})
        assert evidence.verified, evidence


def main() -> None:
    """Print a line for each kind of sandbox; the kernel does not tell us what ran inside bubblewrap."""
    wall, cpu = spent(bare)
    sys.stdout.write(f"python -I -c pass: {wall * 1000:.1f} ms wall, {cpu * 1000:.1f} ms CPU\n")
    for kind in (Zygote, PlainProcess):
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "m.py").write_text(TEXT.replace("    return x * 2\n", ""))
            sandbox = asyncio.run(kind.start(PYTHON))
            used = spent(lambda s=sandbox, n=name: asyncio.run(verified(s, Path(n))))
            ratio = compare(sandbox, evolve(sandbox, interpreter=unconfined(sandbox.interpreter)), Path(name))
        seen = f", {used[1] / cpu:.1f} times the CPU" if kind is PlainProcess else ""
        sys.stdout.write(f"{sandbox.name}: {used[0] / wall:.1f} times the wall time{seen}\n")
        sys.stdout.write(f"{sandbox.name}: {ratio:.3f} times the wall time without seccomp and Landlock\n")


if __name__ == "__main__":
    main()
