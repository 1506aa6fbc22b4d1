"""What goes to the harness and what comes back, the same for every sandbox."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
from typing import TYPE_CHECKING, Any

from attrs import frozen

from soa.errors import SandboxError
from soa.sandbox import Report
from soa.sandbox.answers import read_events
from soa.sandbox.launch import launch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from soa.sandbox import Job, Limits
    from soa.sandbox.interpreter import Interpreter
    from soa.sandbox.launch import Command, Ending

ANSWER_BYTES = 16 << 20
STARTER = "import sys; sys.path[0] = {archive!r}; from soa_harness.main import main; main()"
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


def arguments(interpreter: Interpreter, archive: str) -> tuple[str, ...]:
    """How the interpreter is started on the harness in an archive."""
    return (str(interpreter.executable), "-s", "-S", "-c", STARTER.format(archive=archive))


def environment(interpreter: Interpreter) -> dict[str, str]:
    """All the variables that a run gets, but for its home."""
    zone = {"TZ": os.environ["TZ"]} if "TZ" in os.environ else {}
    return {**ENVIRONMENT, **zone, "PATH": f"{interpreter.executable.parent}:{ENVIRONMENT['PATH']}"}


@frozen
class Terms:
    """What a sandbox asks of the harness, besides the job."""

    overlay: Mapping[Path, bytes]
    """Files whose content the sandbox itself cannot replace."""
    user: int | None = None
    """The uid to become; None: stay."""
    network: bool = False
    """Whether networks may be used that others are on, too."""


async def exchange(command: Command, job: Job, interpreter: Interpreter, terms: Terms) -> Report:
    """Run a command that ends up in the harness, and read its answer.

    Raises
    ------
    SandboxError
        The harness was never reached.
    """
    token = secrets.token_hex(16)
    request = _request(job, interpreter, terms) | {"token": token}
    kept = (ANSWER_BYTES, job.limits.output_bytes)
    try:
        ending = await launch(command, json.dumps(request).encode("ascii"), job.limits.wall_seconds, kept)
    except OSError as error:
        raise SandboxError(f"{command.arguments[0]} cannot be started: {error.strerror}.") from None
    return _report(ending, token, job.limits)


def _request(job: Job, interpreter: Interpreter, terms: Terms) -> dict[str, Any]:
    return {
        "user": terms.user,
        "network": terms.network,
        "limits": {
            "cpu": job.limits.cpu_seconds,
            "memory": job.limits.memory_bytes,
            "file": job.limits.file_bytes,
            "processes": job.limits.processes,
        },
        "path": [str(p) for p in interpreter.path],
        "prefixes": [str(p) for p in interpreter.prefixes[:2]],
        "outside": [str(p) for p in interpreter.prefixes if p != job.root and p.is_relative_to(job.root)],
        "root": str(job.root),
        "overlay": {str(path): base64.b64encode(content).decode("ascii") for path, content in terms.overlay.items()},
        "task": dict(job.request),
    }


def _report(ending: Ending, token: str, limits: Limits) -> Report:
    events = read_events(ending.said, token)
    output = ending.output.decode("utf-8", "replace")
    if not events and not ending.timed_out:
        said = [line for line in output.splitlines() if line.strip()]
        raise SandboxError(f"The sandbox does not start: {said[-1] if said else f'status {ending.status}'}.")
    failure = "" if events and "end" in events[-1] else _failure(ending, limits)
    return Report({"events": events} if events else None, failure, output)


def _failure(ending: Ending, limits: Limits) -> str:
    if ending.timed_out:
        return f"ran out of time ({limits.wall_seconds:g} s)"
    number = -ending.status if ending.status < 0 else ending.status - 128
    if number == signal.SIGXCPU:
        return f"used up its processor time ({limits.cpu_seconds} s)"
    if 0 < number < signal.NSIG:
        return f"was killed (signal {number})"
    return "exited without a result"
