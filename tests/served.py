"""An editor whose server is a process of its own: `soa serve`, as an editor starts it.

async with served(project, "--base-url", endpoint.url) as (editor, process):
    uri = editor.open(project / "ledger.py")
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from editor import Editor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

SOA = (sys.executable, "-P", "-m", "soa")


@asynccontextmanager
async def served(
    root: Path,
    *flags: str,
    environ: Mapping[str, str] | None = None,
    options: Any = None,
    soa: Sequence[str] = SOA,
    **fields: Any,
) -> AsyncIterator[tuple[Editor, asyncio.subprocess.Process]]:
    """An editor on a folder, and its server.

    Parameters
    ----------
    environ
        Variables of the server besides our own; its data stands beside the folder if they do not say where.
    options
        The editor's `initializationOptions`.
    fields
        Of `Editor`.
    soa
        How `soa` is started.
    """
    place = {"XDG_DATA_HOME": str(root.parent / f"{root.name}.data")}
    process = await asyncio.create_subprocess_exec(
        *soa, "serve", *flags, env={**os.environ, **place, **(environ or {})},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    server: Any = None
    editor = Editor(server, **fields)
    editor._writer = process.stdin
    reading = asyncio.create_task(editor.read(process.stdout))
    try:
        await editor.start([root], options)
        yield editor, process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading
        process.stdin.close()
    editor.check()


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children = (int(c) for task in Path(f"/proc/{pid}/task").iterdir() for c in (task / "children").read_text().split())
    return [pid, *(p for child in children for p in family(child))]
