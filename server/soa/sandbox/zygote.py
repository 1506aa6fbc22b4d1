"""Candidates in forks of a server in bubblewrap: no network, no environment, of the machine only what they need.

What runs inside holds itself besides, by seccomp and Landlock: each of both walls is meant to stand alone.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from soa.errors import SandboxError
from soa.sandbox.bubblewrap import PROGRAM, InBubblewrap
from soa.sandbox.depth import Depth, inspect
from soa.sandbox.exchange import ENVIRONMENT
from soa.sandbox.forking import Forks
from soa.sandbox.interpreter import probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from soa.sandbox import Job, Report
    from soa.sandbox.interpreter import Interpreter

INSTALL = "Install bubblewrap: apt install bubblewrap"
HIDDEN = ("/etc/shadow", "/sys/kernel", "/proc/1/root/etc/shadow", "/dev/mem")
INSIDE = {*ENVIRONMENT, "HOME", "TZ", "PWD", "LC_CTYPE"}
"""Variables that candidates may see."""


@frozen
class Zygote:
    """Fork servers that have loaded what candidates import, each in a bubblewrap of its own."""

    interpreter: Interpreter
    forks: Forks
    name: str = "zygote"
    depth: Depth = field(factory=Depth)
    """What else holds inside."""

    @classmethod
    def of(cls, interpreter: Interpreter) -> Zygote:
        """A sandbox for an interpreter; whether it holds is another question."""
        return cls(interpreter, Forks(interpreter, InBubblewrap(interpreter)))

    @classmethod
    async def start(cls, python: Path) -> Zygote:
        """A sandbox for an interpreter that has shown that it holds.

        Raises
        ------
        SandboxError
            bubblewrap is missing, does not work here, or does not hold what it must.
        """
        if not shutil.which(PROGRAM):
            raise SandboxError("bubblewrap is missing.", INSTALL)
        made = cls.of(await probe(python))
        try:
            return evolve(made, depth=await made.check())
        except BaseException:
            await made.close()
            raise

    async def run(self, job: Job) -> Report:
        """Run a job; see `Sandbox`."""
        return await self.forks.run(job)

    async def close(self) -> None:
        """Stop all that runs; see `Sandbox`."""
        await self.forks.close()

    async def check(self) -> Depth:
        """See for ourselves, from inside, that the sandbox holds, and how deep.

        Raises
        ------
        SandboxError
            It does not start, or does not hold.
        """
        found = await inspect(self, HIDDEN)
        leaks = list(_leaks(found))
        if leaks:
            raise SandboxError(f"bubblewrap does not hold here: {', '.join(leaks)}.")
        return Depth.of(found)


def _leaks(found: dict[str, Any]) -> Iterator[str]:
    """What a look from inside showed that must not be."""
    if os.getuid() == 0 and found["user"] == 0:
        yield "candidates would run as root"
    if found["capabilities"] or not found["no_new_privileges"]:
        yield "candidates would keep privileges"
    if set(found["networks"]) - {"lo"}:
        yield "the network can be reached"
    if found["visible"]:
        yield f"{found['visible'][0]} can be read"
    if set(found["environment"]) - INSIDE:
        yield "the environment can be seen"
