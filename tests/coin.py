"""Chance that can be foretold: code under test reads a file that shows another side in each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

if TYPE_CHECKING:
    from pathlib import Path

    from soa.sandbox import Job, Report, Sandbox


@define
class Coin:
    """A sandbox that writes the next side into the project's file `coin` before it runs a job in another one."""

    sandbox: Sandbox
    sides: str
    """A letter for each run, `h` or `t`; the last one goes on for ever."""
    runs: int = 0

    @property
    def name(self) -> str:
        return self.sandbox.name

    async def run(self, job: Job) -> Report:
        self._toss(job.root)
        return await self.sandbox.run(job)

    async def close(self) -> None:
        await self.sandbox.close()

    def _toss(self, root: Path) -> None:
        side = self.sides[min(self.runs, len(self.sides) - 1)]
        self.runs += 1
        (root / "coin").write_text(side)
