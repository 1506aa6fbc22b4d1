"""Which sandbox is used, and why another one is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from soa.errors import SandboxError
from soa.sandbox.bubblewrap import Bubblewrap
from soa.sandbox.depth import Depth, inspect
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
        depth = (await Bubblewrap.start(python)).depth
    except SandboxError as error:
        return Finding("bubblewrap", False, error.message, error.advice)
    return Finding(
        "bubblewrap", True,
        f"Candidates run without network and see only the project and its interpreter. {_inside(depth)}",
    )  # fmt: skip


def _inside(depth: Depth) -> str:
    """How much would still hold if bubblewrap did not."""
    holding = f"Inside, {depth.means} hold as well." if depth.means else ""
    lacking = f"A second wall is lacking: no {depth.missing} here." if depth.missing else ""
    return " ".join(filter(None, (holding, lacking)))


async def _examine_process(python: Path) -> Finding:
    try:
        depth = Depth.of(await inspect(await PlainProcess.start(python)))
    except SandboxError as error:
        return Finding("process", False, error.message, error.advice)
    return Finding(
        "process", True, _unprotected(depth),
        "Use it only for code that you trust: --sandbox process",
    )  # fmt: skip


def _unprotected(depth: Depth) -> str:
    """What candidates could do in a plain process."""
    if not depth.means:
        return "No protection but limits: candidates could read and write all that you can."
    if not depth.landlock:
        return f"No sandbox: candidates could read and write all that you can; {depth.means} and limits hold them back."
    return f"No sandbox: candidates could read all you can and use the network; {depth.means} keep them from writing."
