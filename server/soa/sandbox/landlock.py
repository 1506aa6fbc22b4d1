"""Candidates in forks of a server that nothing but the kernel's own means hold: for machines without bubblewrap.

Landlock lets them read the system's programs, their interpreter and the project, and write to a temporary folder. They
share processes, network and devices with all others, so seccomp refuses what Landlock does not see: all sockets but
pairs, and changes of a file's mode, owner and times.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from soa.errors import SandboxError
from soa.sandbox import mounts
from soa.sandbox.bubblewrap import user_of_runs
from soa.sandbox.depth import Depth, inspect
from soa.sandbox.exchange import ENVIRONMENT, arguments, environment
from soa.sandbox.forking import Forks, Ground
from soa.sandbox.harness.ending import remove
from soa.sandbox.interpreter import probe
from soa.sandbox.keys import Keys
from soa.sandbox.launch import Command, content_file

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from soa.sandbox import Job, Limits, Report
    from soa.sandbox.interpreter import Interpreter

OLDEST = 3
"""The ABI from which on files are cut by their owner's leave only (Linux 6.2)."""
HIDDEN = ("/etc/shadow", "/etc/hostname", "/proc/1/environ", "/proc/1/cmdline", "/sys/kernel/debug")
INSIDE = {*ENVIRONMENT, "HOME", "TMPDIR", "TZ", "LC_CTYPE"}
"""Variables that candidates may see."""
SEEN = ("/proc/cpuinfo", "/proc/meminfo", "/proc/sys/vm/overcommit_memory", "/sys/devices/system/cpu")
"""What libraries ask the system for, besides its programs."""
READ_SEARCH = 1 << 2
"""The right to read what its owner alone may: runs that root has started have it, as far as Landlock lets them."""


@frozen
class OnLandlock:
    """Fork servers without anything around them; see `Grounds`."""

    interpreter: Interpreter
    _keys: Keys = field(factory=Keys, eq=False, repr=False)

    def key(self, root: Path, limits: Limits) -> Hashable:
        """What may be read; see `Grounds`."""
        return root, tuple((path, mounts.identity(Path(path))) for path in self._readable(root))

    def lay(self, root: Path, limits: Limits, files: ExitStack) -> Ground:
        """A command of the interpreter; see `Grounds`."""
        user, harness = user_of_runs(), files.enter_context(content_file(self.interpreter.harness)).fileno()
        home, held = str(Path(tempfile.gettempdir(), f"soa-{secrets.token_hex(8)}")), ExitStack()
        held.callback(remove, home)  # Its own server removes it, unless that was killed.
        started = arguments(self.interpreter, f"/proc/self/fd/{harness}", "forkserver")
        variables = {**environment(self.interpreter), "HOME": home, "TMPDIR": home}
        walls = {"user": user, "readable": self._readable(root), "listed": [str(root)], "writable": [home]}
        return Ground(Command(started, variables, Path("/"), (harness,)), walls, held)

    def _readable(self, root: Path) -> list[str]:
        known = (*mounts.SYSTEM, *mounts.CONFIGURATION, *SEEN)
        own = (p for p in (*self.interpreter.visible, *self.interpreter.links) if not _holds_everything(p))
        return [*known, *dict.fromkeys(map(str, (*own, *mounts.entries(root, self._keys.of(root, Path.home())))))]


def _holds_everything(path: Path) -> bool:
    home = Path.home()
    return path == home or path in home.parents or path in (Path("/"), Path("/tmp"))


@frozen
class Landlock:
    """Fork servers that have loaded what candidates import, held by Landlock and seccomp."""

    interpreter: Interpreter
    forks: Forks
    name: str = "landlock"
    depth: Depth = field(factory=Depth)
    """What holds."""

    @classmethod
    def of(cls, interpreter: Interpreter) -> Landlock:
        """A sandbox for an interpreter; whether it holds is another question."""
        return cls(interpreter, Forks(interpreter, OnLandlock(interpreter)))

    @classmethod
    async def start(cls, python: Path) -> Landlock:
        """A sandbox for an interpreter that has shown that it holds.

        Raises
        ------
        SandboxError
            The kernel does not have what it takes, or does not hold what it must.
        """
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
        """See for ourselves, from inside, that the sandbox holds.

        Raises
        ------
        SandboxError
            It does not start, or does not hold.
        """
        found = await inspect(self, HIDDEN)
        leaks = list(_leaks(found))
        if leaks:
            raise SandboxError(f"Landlock does not hold here: {', '.join(leaks)}.")
        return Depth.of(found)


def _leaks(found: dict[str, Any]) -> Iterator[str]:
    """What a look from inside showed that must not be."""
    if missing := Depth.of(found).missing:
        yield f"there is no {missing} that can be used"
        return
    if found["landlock"] < OLDEST:
        yield f"the kernel's is too old (ABI {found['landlock']})"
    if os.getuid() == 0 and found["user"] == 0:
        yield "candidates would run as root"
    if found["capabilities"] & ~READ_SEARCH or not found["no_new_privileges"]:
        yield "candidates would keep privileges"
    if found["sockets"]:
        yield "the network can be reached"
    if found["signals"]:
        yield "other processes can be signalled"
    if found["visible"] or found["writable"]:
        yield f"{[*found['visible'], *found['writable']][0]} can be read or written"
    if set(found["environment"]) - INSIDE:
        yield "the environment can be seen"
