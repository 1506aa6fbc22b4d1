"""Where candidates run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@frozen
class Limits:
    """What one run in a sandbox may use."""

    wall_seconds: float = 10.0
    cpu_seconds: int = 10
    memory_bytes: int = 2 << 30
    """Address space of each process."""
    file_bytes: int = 64 << 20
    """Largest file that can be written."""
    disk_bytes: int = 128 << 20
    """All of the writable temporary folder."""
    processes: int = 64
    output_bytes: int = 64 << 10
    """What is kept of standard output and error."""


@frozen
class Job:
    """One run: a request for the harness against the project as it is, with some files replaced."""

    root: Path
    """The workspace, visible read-only."""
    request: Mapping[str, Any]
    """What the harness is asked; JSON. Its form stands in `harness.py`."""
    overlay: Mapping[Path, bytes]
    """Content that stands in place of these files, which are never written.

    One that does not exist can only be imported, and only as the module that the request is about.
    """
    limits: Limits = Limits()


@frozen
class Report:
    """What came back from a run."""

    answer: Mapping[str, Any] | None
    """The harness's answer: `events`, as far as it got; None if it never spoke."""
    failure: str = ""
    """Why the answer is not whole: `ran out of time (10 s)`, `was killed (signal 9)`, `exited without a result`."""
    output: str = ""
    """Standard output and error, cut."""
    tampered: str = ""
    """Why nothing of the answer can be believed: `the code under test wrote to the result channel`; empty if it can."""


class Sandbox(Protocol):
    """Runs jobs. Implementations: `zygote.Zygote`, `landlock.Landlock`, `process.PlainProcess`, `off.NoSandbox`."""

    @property
    def name(self) -> str:
        """The kind of sandbox, as settings name it."""
        ...

    async def run(self, job: Job) -> Report:
        """Run one job to its end or its limits; cancelling kills every process of it at once.

        Raises
        ------
        SandboxError
            The sandbox itself does not work; nothing of the job ran.
        """
        ...

    async def close(self) -> None:
        """Stop what is kept for runs to come."""
        ...
