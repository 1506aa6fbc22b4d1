"""What a candidate's process gives up by itself, inside of what holds it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from soa.errors import SandboxError
from soa.sandbox import Job, Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from soa.sandbox import Sandbox

CHECK = Limits(wall_seconds=30.0)


@frozen
class Depth:
    """Which of the kernel's own means hold a candidate's process, whatever else does."""

    seccomp: bool = False
    """Dangerous system calls are refused."""
    landlock: int = 0
    """The kernel's ABI of Landlock, by which nothing is written but below the home; 0: none that can be used."""

    @classmethod
    def of(cls, inspected: Mapping[str, Any]) -> Depth:
        """What the harness told of itself."""
        return cls(inspected["seccomp"], inspected["landlock"])

    @property
    def means(self) -> str:
        """Those that are here: `seccomp and Landlock (ABI 7)`; empty if none is."""
        landlock = f"Landlock (ABI {self.landlock})" if self.landlock else ""
        return " and ".join(filter(None, ("seccomp" if self.seccomp else "", landlock)))

    @property
    def missing(self) -> str:
        """Those that are not here, or too old."""
        return " and no ".join(filter(None, ("" if self.seccomp else "seccomp", "" if self.landlock else "Landlock")))


async def inspect(sandbox: Sandbox, paths: Iterable[str] = ()) -> dict[str, Any]:
    """Look at a sandbox from inside; `paths` are those of which to tell whether they can be seen.

    Raises
    ------
    SandboxError
        It does not start, or does not answer.
    """
    with tempfile.NamedTemporaryFile() as secret, tempfile.TemporaryDirectory() as project:
        request = {"inspect": [secret.name, *paths], "roots": [], "project": [], "files": []}
        report = await sandbox.run(Job(Path(project), request, {}, CHECK))
    found: dict[str, Any] | None = next(
        (e["inspected"] for e in (report.answer or {}).get("events", ()) if "inspected" in e), None
    )
    if found is None:
        raise SandboxError(f"{sandbox.name} does not work here: its test {report.failure}.")
    return found
