"""Candidates in a plain process: limits, but no sandbox. Only for those who ask for it.

Where the kernel has Landlock and seccomp, the process can neither write outside of its temporary home nor reach into
other processes. It still reads all that we can, uses the network, and may ask other programs to act for it by their
sockets: that is why it is no sandbox.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from soa.errors import SandboxError
from soa.sandbox.exchange import ANSWER_BYTES, arguments, environment, exchange
from soa.sandbox.interpreter import Interpreter, probe
from soa.sandbox.launch import Command, Ending, launch

HARNESS = "harness.zip"

if TYPE_CHECKING:
    from soa.sandbox import Job, Report


@frozen
class PlainProcess:
    """A process of its own for each run, with limits and a temporary home; it sees what we see.

    The overlay reaches what is imported; who opens one of its files meets the file itself.
    """

    interpreter: Interpreter
    name: str = "process"
    _turns: asyncio.Semaphore = field(factory=lambda: asyncio.Semaphore(os.cpu_count() or 1), repr=False, eq=False)

    @classmethod
    async def start(cls, python: Path) -> PlainProcess:
        """A plain process of an interpreter.

        Raises
        ------
        SandboxError
            The interpreter does not work.
        """
        return cls(await probe(python))

    async def run(self, job: Job) -> Report:
        """Run a job; see `Sandbox`."""
        async with self._turns:
            with tempfile.TemporaryDirectory(prefix="soa-", ignore_cleanup_errors=True) as home:
                self._ship(Path(home, HARNESS))
                return await exchange(job, self.interpreter, partial(self._carry, job, home))

    async def _carry(self, job: Job, home: str, request: bytes) -> Ending:
        kept = (ANSWER_BYTES, job.limits.output_bytes)
        try:
            return await launch(self._command(job, home), request, job.limits.wall_seconds, kept)
        except OSError as error:
            raise SandboxError(f"{self.interpreter.executable} cannot be started: {error.strerror}.") from None

    async def close(self) -> None:
        """Do nothing: no process outlives its run."""

    def _ship(self, archive: Path) -> None:
        archive.write_bytes(self.interpreter.harness)

    def _command(self, job: Job, home: str) -> Command:
        variables = {**environment(self.interpreter), "HOME": home, "TMPDIR": home}
        return Command(arguments(self.interpreter, str(Path(home, HARNESS))), variables, job.root)
