"""Candidates in bubblewrap: no network, no environment, nothing of the machine but what they need, read-only.

What runs inside holds itself besides, by seccomp and Landlock: each of both walls is meant to stand alone.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from soa.errors import SandboxError
from soa.sandbox import mounts
from soa.sandbox.depth import Depth, inspect
from soa.sandbox.exchange import ENVIRONMENT, Terms, arguments, environment, exchange
from soa.sandbox.interpreter import Interpreter, probe
from soa.sandbox.launch import Command, content_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soa.sandbox import Job, Report

PROGRAM = "bwrap"
INSTALL = "Install bubblewrap: apt install bubblewrap"
FIRST_USER, USERS = 1 << 30, 1 << 29
"""Where nobody's uids are, for runs started by root."""
HIDDEN = ("/etc/shadow", "/sys/kernel", "/proc/1/root/etc/shadow", "/dev/mem")
INSIDE = {*ENVIRONMENT, "HOME", "TZ", "PWD", "LC_CTYPE"}
"""Variables that candidates may see."""

_ALWAYS = ("--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL")
_AS_USER = ("--unshare-all", "--unshare-user", "--disable-userns", "--as-pid-1")
# Root keeps its uid in a user namespace of its own, and the kernel never limits root's processes: the harness becomes
# another user instead, for which it needs these two capabilities until it is one. The first process stays bubblewrap's,
# out of that user's reach, so that the whole ends with it.
_AS_ROOT = (
    "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
    "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID",
)  # fmt: skip


@frozen
class Bubblewrap:
    """One bubblewrap for each run."""

    interpreter: Interpreter
    name: str = "bubblewrap"
    program: str = field(factory=lambda: shutil.which(PROGRAM) or PROGRAM)
    depth: Depth = field(factory=Depth)
    """What else holds inside."""
    _turns: asyncio.Semaphore = field(factory=lambda: asyncio.Semaphore(os.cpu_count() or 1), repr=False, eq=False)

    @classmethod
    async def start(cls, python: Path) -> Bubblewrap:
        """A sandbox for an interpreter that has shown that it holds.

        Raises
        ------
        SandboxError
            bubblewrap is missing, does not work here, or does not hold what it must.
        """
        if not shutil.which(PROGRAM):
            raise SandboxError("bubblewrap is missing.", INSTALL)
        made = cls(await probe(python))
        return evolve(made, depth=await made.check())

    async def run(self, job: Job) -> Report:
        """Run a job; see `Sandbox`."""
        root = os.getuid() == 0
        user = FIRST_USER + secrets.randbelow(USERS) if root else None
        async with self._turns:
            with ExitStack() as files:
                command = self._prepared(job, user, files)
                return await exchange(command, job, self.interpreter, Terms(mounts.without_place(job.overlay), user))

    def _prepared(self, job: Job, user: int | None, files: ExitStack) -> Command:
        try:
            return self._command(job, user, files)
        except OSError as error:
            raise SandboxError(
                f"The sandbox cannot be laid out: {error.filename}: {error.strerror}.",
                "Was the project moved or removed?",
            ) from None

    def _command(self, job: Job, user: int | None, files: ExitStack) -> Command:
        kept: list[int] = []

        def keep(content: bytes) -> int:
            kept.append(files.enter_context(content_file(content)).fileno())
            return kept[-1]

        mounted = mounts.flatten(self._mounts(job, user, keep))
        flags = (*_ALWAYS, *(_AS_USER if user is None else _AS_ROOT))
        variables = [
            a for pair in ({**environment(self.interpreter), "HOME": "/tmp"}).items() for a in ("--setenv", *pair)
        ]
        last = ("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", str(job.root), "--")
        started = arguments(self.interpreter, mounts.HARNESS)
        return Command((self.program, *flags, *mounted, *variables, *last, *started), {}, Path("/"), tuple(kept))

    def _mounts(self, job: Job, user: int | None, keep: mounts.Keep) -> Iterator[mounts.Mount]:
        home, foreign = Path.home(), user is not None
        interpreter = self.interpreter
        yield from mounts.system(user or os.getuid(), user or os.getgid(), keep)
        yield mounts.scratch("/tmp", job.limits.disk_bytes)
        yield mounts.scratch("/dev/shm", job.limits.disk_bytes)
        yield from mounts.workspace(job.root, home, foreign, keep)
        yield from mounts.folders(interpreter.visible, home, foreign, keep)
        yield from self._links(job.root)
        yield from mounts.replacements(job.overlay.items(), job.root, keep)
        yield mounts.content(Path(mounts.HARNESS), keep(interpreter.harness))

    def _links(self, root: Path) -> Iterator[mounts.Mount]:
        """The way to the interpreter's program, where no folder shows it yet."""
        shown = (root, *self.interpreter.visible, *map(Path, mounts.SYSTEM))
        for path in self.interpreter.links:
            if not any(path.is_relative_to(s) for s in shown):
                yield mounts.link(path) if path.is_symlink() else mounts.bind(path)

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
        yield f"{found['visible'][0]} can be seen"
    if set(found["environment"]) - INSIDE:
        yield "the environment can be seen"
