"""Runs in forks of servers that have loaded what the job imports: what all kinds of such a sandbox have in common."""

from __future__ import annotations

import os
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from attrs import field, frozen

from soa.errors import SandboxError
from soa.sandbox.exchange import exchange
from soa.sandbox.forkserver import ForkServer, Gone
from soa.sandbox.imports import ImportSets
from soa.sandbox.pool import Pool
from soa.sandbox.stamps import environment_stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from soa.sandbox import Job, Limits, Report
    from soa.sandbox.interpreter import Interpreter
    from soa.sandbox.launch import Command

T = TypeVar("T")

ATTEMPTS = 3
"""How often a job is tried whose server ends under it: it may have been ended from outside."""


@frozen
class Ground:
    """What a fork server starts with."""

    command: Command
    walls: Mapping[str, Any]
    """`user`, `readable` and `writable`, as the harness's `Walls` are told."""
    held: ExitStack
    """What is let go once it has ended."""


class Grounds(Protocol):
    """Lays what fork servers of one kind stand on."""

    def key(self, root: Path, limits: Limits) -> Hashable:
        """All that a server of a workspace was given when it started and that a run must find as it is now.

        Raises
        ------
        SandboxError
            The workspace cannot be shown.
        OSError
            It cannot be read.
        """
        ...

    def lay(self, root: Path, limits: Limits, files: ExitStack) -> Ground:
        """Prepare for a server; `files` hold what it needs until it has started.

        Raises
        ------
        SandboxError
            The workspace cannot be shown.
        OSError
            It cannot be read.
        """
        ...


@frozen
class Forks:
    """Fork servers of an interpreter on one kind of ground."""

    interpreter: Interpreter
    grounds: Grounds
    _pool: Pool = field(factory=Pool, eq=False, repr=False)
    _sets: ImportSets = field(factory=ImportSets, eq=False, repr=False)
    _unfit: set[tuple[Hashable, str]] = field(factory=set, eq=False, repr=False)
    """Modules that are no good for forking, each with the stamp of the environment that it is from."""

    async def run(self, job: Job) -> Report:
        """Run a job in a fork; see `Sandbox`."""
        _check(job)
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._try(job)
            except Gone:
                continue
        return await self._try(job)

    async def _try(self, job: Job) -> Report:
        stamp = environment_stamp(self.interpreter, job.root)
        modules = self._sets.of(job, self.interpreter)
        key = (modules, stamp, _prepared(partial(self.grounds.key, job.root, job.limits)))
        start = partial(self._start, job, modules, stamp)
        async with self._pool.borrow(key, start) as server:
            return await exchange(job, self.interpreter, partial(server.run, limits=job.limits))

    async def _start(self, job: Job, modules: frozenset[str], stamp: Hashable) -> ForkServer:
        """Start a server, without those modules that turn out to be no good for forking."""
        while True:
            wanted = [name for name in sorted(modules) if not self._is_unfit(stamp, name)]
            server = await self._started(job, wanted)
            if not server.culprit:
                return server
            await server.stop()
            self._unfit.add((stamp, server.culprit))

    def _is_unfit(self, stamp: Hashable, name: str) -> bool:
        """Whether a module is no good for forking, or a package above it."""
        parts = name.split(".")
        return any((stamp, ".".join(parts[:count])) in self._unfit for count in range(1, len(parts) + 1))

    async def _started(self, job: Job, modules: list[str]) -> ForkServer:
        with ExitStack() as files:
            ground = _prepared(partial(self.grounds.lay, job.root, job.limits, files))
            path = [str(p) for p in self.interpreter.path]
            prefixes = [str(p) for p in self.interpreter.prefixes[:2]]
            found = {"path": path, "prefixes": prefixes, "modules": modules, "tests": "inspect" not in job.request}
            owned = {"root": str(job.root), "outside": [str(p) for p in self.interpreter.inside(job.root)]}
            return await ForkServer.start(ground.command, {**ground.walls, **owned, **found}, ground.held)

    async def close(self) -> None:
        """Stop all servers."""
        await self._pool.close()


def _prepared(work: Callable[[], T]) -> T:
    try:
        return work()
    except OSError as error:
        raise SandboxError(
            f"The sandbox cannot be laid out: {error.filename}: {error.strerror}.",
            "Was the project moved or removed?",
        ) from None


def _check(job: Job) -> None:
    """Nothing may stand in the place of what is no file of the workspace."""
    base = os.path.realpath(job.root)
    for path in job.overlay:
        real = Path(os.path.realpath(path))
        if not real.is_relative_to(base) or (real.exists() and not real.is_file()):
            raise SandboxError(f"{path} is no file of the workspace, so nothing can stand in its place.")
