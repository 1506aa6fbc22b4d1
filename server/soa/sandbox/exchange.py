"""What goes to the harness and what comes back, the same for every sandbox."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from soa.errors import SandboxError
from soa.sandbox import Report
from soa.sandbox.answers import read_answer
from soa.sandbox.launch import Ending

if TYPE_CHECKING:
    from soa.sandbox import Job, Limits
    from soa.sandbox.interpreter import Interpreter

ANSWER_BYTES = 16 << 20
STARTER = "import sys; sys.path[0] = {archive!r}; from soa_harness.{module} import main; main()"
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


def arguments(interpreter: Interpreter, archive: str, module: str = "main") -> tuple[str, ...]:
    """How the interpreter is started on a module of the harness in an archive."""
    return (str(interpreter.executable), "-s", "-S", "-c", STARTER.format(archive=archive, module=module))


def environment(interpreter: Interpreter) -> dict[str, str]:
    """All the variables that a run gets, but for its home."""
    zone = {"TZ": os.environ["TZ"]} if "TZ" in os.environ else {}
    return {**ENVIRONMENT, **zone, "PATH": f"{interpreter.executable.parent}:{ENVIRONMENT['PATH']}"}


Carry = Callable[[bytes], Awaitable[Ending]]
"""Has a request, as the harness reads it, carried out."""


async def exchange(job: Job, interpreter: Interpreter, carry: Carry) -> Report:
    """Ask the harness, and read its answer.

    Raises
    ------
    SandboxError
        The harness was never reached.
    """
    token = secrets.token_hex(16)
    request = _request(job, interpreter) | {"token": token}
    return _report(await carry(json.dumps(request).encode("ascii")), token, job)


def _request(job: Job, interpreter: Interpreter) -> dict[str, Any]:
    return {
        "limits": {
            "cpu": job.limits.cpu_seconds,
            "memory": job.limits.memory_bytes,
            "file": job.limits.file_bytes,
            "processes": job.limits.processes,
        },
        "path": [str(p) for p in interpreter.path],
        "prefixes": [str(p) for p in interpreter.prefixes[:2]],
        "outside": [str(p) for p in interpreter.inside(job.root)],
        "root": str(job.root),
        "overlay": {str(path): base64.b64encode(content).decode("ascii") for path, content in job.overlay.items()},
        "task": dict(job.request),
    }


def _report(ending: Ending, token: str, job: Job) -> Report:
    read = read_answer(ending.said, token, job.request, ending.status)
    output = ending.output.decode("utf-8", "replace")
    if not read.events and not ending.timed_out:
        said = [line for line in output.splitlines() if line.strip()]
        raise SandboxError(f"The sandbox does not start: {said[-1] if said else f'status {ending.status}'}.")
    failure = "" if read.ended else _failure(ending, job.limits)
    return Report({"events": read.events} if read.events else None, failure, output, read.tampered)


def _failure(ending: Ending, limits: Limits) -> str:
    if ending.stopped:
        return ending.stopped
    if ending.timed_out:
        return f"ran out of time ({limits.wall_seconds:g} s)"
    number = -ending.status if ending.status < 0 else ending.status - 128
    if number == signal.SIGXCPU:
        return f"used up its processor time ({limits.cpu_seconds} s)"
    if 0 < number < signal.NSIG:
        return f"was killed (signal {number})"
    return "exited without a result"
