"""Which kind of sandbox is used, and why another one is not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from soa.errors import SandboxError
from soa.sandbox import remedies
from soa.sandbox.depth import Depth, inspect
from soa.sandbox.landlock import Landlock
from soa.sandbox.off import NoSandbox
from soa.sandbox.process import PlainProcess
from soa.sandbox.systems import check_walls
from soa.sandbox.zygote import Zygote

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
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
    automatic: bool = False
    """Whether it is the one that `auto` takes."""


async def choose(kind: SandboxChoice, python: Path, platform: str = sys.platform) -> Sandbox:
    """The sandbox of a kind for an interpreter; `auto` is the strongest that holds, or none, with all the reasons.

    Raises
    ------
    SandboxError
        A kind that was named does not work here.
    """
    if kind == "off":
        return NoSandbox()
    if kind == "process":
        return await PlainProcess.start(python)
    if kind == "auto":
        return await _strongest(python, platform)
    return await _start(Zygote if kind == "zygote" else Landlock, python, platform)


async def _strongest(python: Path, platform: str) -> Sandbox:
    errors = []
    for kind in (Zygote, Landlock):
        try:
            return await _start(kind, python, platform)
        except SandboxError as error:
            errors.append(error)
    reasons = dict.fromkeys(error.message for error in errors)
    advice = dict.fromkeys(error.advice for error in errors if error.advice)
    return NoSandbox(" ".join(reasons), "\n".join(advice))


async def _start(kind: type[Zygote | Landlock], python: Path, platform: str) -> Zygote | Landlock:
    check_walls(platform)
    try:
        return await kind.start(python)
    except SandboxError as error:
        raise SandboxError(error.message, error.advice or remedies.advice(error.message)) from None


async def examine(python: Path, platform: str = sys.platform) -> tuple[Finding, ...]:
    """Try each kind of sandbox, the strongest first."""
    zygote = await _found("zygote", lambda: _look_at_zygote(python, platform))
    landlock = await _found("landlock", lambda: _look_at_landlock(python, platform))
    process = await _found("process", lambda: _look_at_process(python))
    if zygote.works:
        return evolve(zygote, automatic=True), landlock, process
    return zygote, evolve(landlock, automatic=landlock.works), process


async def _found(name: str, look: Callable[[], Awaitable[tuple[str, str]]]) -> Finding:
    """What a look at a kind showed: what it gives, and what to know of its use."""
    try:
        return Finding(name, True, *await look())
    except SandboxError as error:
        return Finding(name, False, error.message, error.advice)


async def _look_at_zygote(python: Path, platform: str) -> tuple[str, str]:
    made = await _start(Zygote, python, platform)
    await made.close()
    depth = made.depth
    holds = "Candidates have no network, and see only the project, its interpreter and their own processes."
    second = f"Inside, {depth.means} hold as well." if depth.means else ""
    lacking = f"A second wall is lacking: no {depth.missing} here." if depth.missing else ""
    return " ".join(filter(None, (holds, second, lacking))), ""


async def _look_at_landlock(python: Path, platform: str) -> tuple[str, str]:
    made = await _start(Landlock, python, platform)
    await made.close()
    return (
        f"One wall, of {made.depth.means}: candidates have no network, and read only the project, its interpreter and "
        "the system's programs. But they can tell which other files there are, and how large; and tests that need "
        "sockets, or change the mode or the times of files, cannot run."
    ), ""


async def _look_at_process(python: Path) -> tuple[str, str]:
    depth = Depth.of(await inspect(await PlainProcess.start(python)))
    return _unprotected(depth), "Use it only for code that you trust: --sandbox process"


def _unprotected(depth: Depth) -> str:
    """What candidates could do in a plain process."""
    if not depth.means:
        return "No protection but limits: candidates could read and write all that you can."
    if not depth.landlock:
        return f"No sandbox: candidates could read and write all that you can; {depth.means} and limits hold them back."
    return f"No sandbox: candidates could read all you can and use the network; {depth.means} keep them from writing."
