"""How close a run comes to the ideal: 100 stubs, an endpoint that takes 1 s for each call, 32 calls at once.

Run it by hand: `python tests/bench/bench_makespan.py [STUBS [LATENCY [CONCURRENCY]]]`. The ideal is the latency times
the waves of calls that 100 stubs need, one call each. The run makes the prompts, talks HTTP, and verifies each
candidate in the sandbox besides; start-up of Python and of the SDK is left aside.
"""

from __future__ import annotations

import asyncio
import math
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from loopback import LoopbackServer
from soa.engine.request import Request, Target
from soa.engine.runs import Engine
from soa.model.endpoint import Endpoint
from soa.model.openai import OpenAIModel
from soa.sandbox.choose import choose
from soa.settings import Settings
from soa.store import Store
from soa.workspace import Workspace

FILES = 5
STUB = '''def add_{n}(number: int) -> int:
    """Add {n} to a number.

    >>> add_{n}(1)
    {result}
    """


'''


def write_project(root: Path, stubs: int) -> tuple[Path, ...]:
    """Modules with this many stubs together."""
    (root / "pyproject.toml").write_text('[project]\nname = "bench"\nversion = "0"\n')
    paths = []
    for file in range(FILES):
        path = root / f"numbers_{file}.py"
        path.write_text("".join(STUB.format(n=n, result=n + 1) for n in range(file, stubs, FILES)))
        paths.append(path)
    return tuple(paths)


def answer(request) -> str:
    """The true function."""
    n = request.target.rpartition("_")[2]
    return f"```python\ndef add_{n}(number: int) -> int:\n    return number + {n}\n```"


async def measure(stubs: int, latency: float, concurrency: int) -> None:
    """Run once and print the ratio."""
    with tempfile.TemporaryDirectory() as folder, LoopbackServer(answer, latency=latency) as server:
        root = Path(folder) / "project"
        root.mkdir()
        targets = tuple(Target(path) for path in write_project(root, stubs))
        workspace = Workspace(root, Path(sys.executable))
        settings = Settings(concurrency=concurrency)
        model = OpenAIModel("loopback", Endpoint(server.url))
        sandbox, _ = await asyncio.gather(choose("auto", workspace.python), model.warm())
        with Store(Path(folder) / "store.sqlite3") as store:
            async with Engine(workspace, settings, model, sandbox, store) as engine:
                result = await engine.implement(Request(targets), lambda _: None)
        verified = sum(p.status == "verified" for p in result.proposals)
        ideal = latency * math.ceil(len(server.requests) / concurrency)
        sys.stdout.write(
            f"{stubs} stubs, {verified} verified, {len(server.requests)} calls of {latency:g} s, "
            f"{concurrency} at once: {result.seconds:.2f} s, ideal {ideal:.2f} s, ratio {result.seconds / ideal:.2f}\n"
        )


if __name__ == "__main__":
    given = sys.argv[1:] + ["100", "1", "32"][len(sys.argv) - 1 :]
    asyncio.run(measure(int(given[0]), float(given[1]), int(given[2])))
