"""Which sandbox is used, and why another one is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from soa.errors import SandboxError
from soa.sandbox.bubblewrap import Bubblewrap
from soa.sandbox.off import NoSandbox
from soa.sandbox.process import PlainProcess

if TYPE_CHECKING:
    from pathlib import Path

    from soa.sandbox import Sandbox
    from soa.settings import SandboxChoice


@frozen
class Finding:
    """Whether a kind of sandbox works here."""

    name: str
    works: bool
    reason: str
    """What it gives, or why it does not work."""
    advice: str = ""
    """What to do about it."""


async def choose(kind: SandboxChoice, python: Path) -> Sandbox:
    """The sandbox of a kind for an interpreter; `auto` is bubblewrap where it holds, else none, with the reason.

    Raises
    ------
    SandboxError
        A kind that was named does not work here.
    """
    if kind == "off":
        return NoSandbox()
    if kind == "process":
        return await PlainProcess.start(python)
    try:
        return await Bubblewrap.start(python)
    except SandboxError as error:
        if kind == "bubblewrap":
            raise
        return NoSandbox(error.message, error.advice)


async def examine(python: Path) -> tuple[Finding, ...]:
    """Try each kind of sandbox."""
    return (await _examine_bubblewrap(python), await _examine_process(python))


async def _examine_bubblewrap(python: Path) -> Finding:
    try:
        await Bubblewrap.start(python)
    except SandboxError as error:
        return Finding("bubblewrap", False, error.message, error.advice)
    return Finding("bubblewrap", True, "Candidates run without network and see only the project and its interpreter.")


async def _examine_process(python: Path) -> Finding:
    try:
        await PlainProcess.start(python)
    except SandboxError as error:
        return Finding("process", False, error.message, error.advice)
    return Finding(
        "process", True, "No protection but limits: candidates could read and write all that you can.",
        "Use it only for code that you trust: --sandbox process",
    )  # fmt: skip
