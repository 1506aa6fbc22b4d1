"""No sandbox: nothing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from soa.errors import SandboxError

if TYPE_CHECKING:
    from soa.sandbox import Job, Report


@frozen
class NoSandbox:
    """Refuses every job."""

    reason: str = "the sandbox is off"
    advice: str = ""
    name: str = "off"

    async def run(self, job: Job) -> Report:
        """Run nothing.

        Raises
        ------
        SandboxError
            Always, with the reason.
        """
        raise SandboxError(self.reason, self.advice)

    async def close(self) -> None:
        """Do nothing: nothing runs."""
