"""What a context costs: milliseconds per build for 100 stubs in one file, also as a multiple of `ast.parse` of it.

Run it by hand: `python tests/bench/bench_context.py`. The project beside the file is the standard library's top level.
"""

from __future__ import annotations

import ast
import asyncio
import shutil
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from soa.source.context import ContextBuilder
from soa.source.meaning import Meaning
from soa.source.project import ProjectIndex
from soa.source.stubs import find_stubs

STUBS = 100
IMPORTS = (
    "from __future__ import annotations\nimport argparse\nfrom dataclasses import Field\nfrom queue import Queue\n"
)
STUB = '''

    def step_{n}(self, queue: Queue, field: Field) -> int:
        """Do step {n} after `step_{before}`, as `helper_{n}` says.

        >>> Work().step_{n}(None, None)
        {n}
        """
'''
HELPER = '\n\ndef helper_{n}(value: int) -> int:\n    """Help with step {n}."""\n    return value + {n}\n'


def make_project(root: Path) -> Path:
    """A folder with the standard library's top level and a file of stubs; the file."""
    (root / "ours").mkdir()
    for source in Path(sysconfig.get_paths()["stdlib"]).glob("*.py"):
        shutil.copy(source, root / "ours")
    steps = "".join(STUB.format(n=n, before=max(0, n - 1)) for n in range(STUBS))
    helpers = "".join(HELPER.format(n=n) for n in range(STUBS))
    path = root / "work.py"
    path.write_text(f'{IMPORTS}\n\nclass Work:\n    """All steps."""\n{steps}{helpers}')
    return path


async def measure(root: Path, path: Path, text: str) -> None:
    """Build every context of the file and print what it took."""
    stubs = find_stubs(text)
    index, meaning = ProjectIndex(root), Meaning(root, Path(sys.executable))
    start = time.perf_counter()
    ast.parse(text)
    parse = time.perf_counter() - start
    start = time.perf_counter()
    files = await asyncio.to_thread(index.files)
    show(f"index of {len(files)} files", time.perf_counter() - start, parse)
    start = time.perf_counter()
    await meaning.warm()
    show("jedi, from nothing to ready", time.perf_counter() - start, parse)
    builder, times = ContextBuilder(index, meaning, 3600), []
    for stub in stubs:
        start = time.perf_counter()
        await builder.build(stub, text, path)
        times.append(time.perf_counter() - start)
    meaning.close()
    show("first context", times[0], parse)
    show(f"each of the other {len(times) - 1}, mean", sum(times[1:]) / len(times[1:]), parse)
    show("slowest of them", max(times[1:]), parse)


def show(what: str, seconds: float, parse: float) -> None:
    """Print one row."""
    sys.stdout.write(f"{what:36} {seconds * 1000:9.2f} ms {seconds / parse:9.2f} x ast.parse\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        work = make_project(Path(folder))
        asyncio.run(measure(Path(folder), work, work.read_text()))
