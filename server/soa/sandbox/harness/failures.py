"""What an exception means: its text, its way through the project, and whether the sandbox is to blame."""

from __future__ import annotations

import errno
import os
import sys
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401
from .origins import OURS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .project import Project

TEXT = 2000
"""Characters kept of a value, a message or a statement."""
MESSAGE = 16 << 10
"""Of a message that is compared with what an example wants."""
TRACEBACK_LINES = 20
NETWORK = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}
DENIED = {errno.EROFS, errno.EACCES, errno.EPERM}
WRITABLE = ("/tmp/", "/dev/shm/")

Frame = tuple[FrameType, int]


class OutOfTime(BaseException):
    """The running test used up its share of the time."""


def cut(text: str, limit: int = TEXT) -> str:
    """Shorten a text, saying by how much; a text of the candidate's own making becomes an ordinary one."""
    text = str.__str__(text)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text) - limit} characters more)"


def show(value: object) -> str:
    """A value's `repr`, cut; never raises what that raises."""
    try:
        return cut(repr(value))
    except BaseException as error:
        return f"<{type(value).__name__} whose repr raises {type(error).__name__}>"


def type_name(error: BaseException) -> str:
    """The type's name as a traceback shows it."""
    kind = type(error)
    return (
        kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
    )


def describe(error: BaseException) -> str:
    """`Type: message`, as the last lines of a traceback."""
    if isinstance(error, OutOfTime):
        return "ran out of time"
    try:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
    except BaseException:
        message = "<message cannot be shown>"
    return f"{type_name(error)}: {message}" if message else type_name(error)


def frames(error: BaseException) -> list[Frame]:
    """Frames and lines from where the error was caught to where it was raised."""
    found: list[Frame] = []
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        found.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    return found


def known_frames(error: BaseException, project: Project) -> list[Frame]:
    """Only the frames of the project and of the tests' own texts."""
    return [f for f in frames(error) if project.knows(f[0].f_code.co_filename)]


def raised_by(error: BaseException, path: str, project: Project) -> bool:
    """Whether the innermost frame belongs to a file, but for those of libraries: nothing else was called from there."""
    names = [frame.f_code.co_filename for frame, _ in frames(error)]
    known = [name for name in names if project.knows(name) or _is_from_nowhere(name)]
    return not known or known[-1] == path


def _is_from_nowhere(name: str) -> bool:
    """Whether code was made on the way, as by `exec`: by whom is not known."""
    return name.startswith("<") and not name.startswith(OURS)


def passes_through(error: BaseException, path: str) -> bool:
    """Whether a frame of the file lies on the error's way."""
    return any(frame.f_code.co_filename == path for frame, _ in frames(error))


def trimmed(error: BaseException, project: Project) -> str:
    """A traceback of the known frames only, at most twenty lines."""
    lines: list[str] = []
    for frame, number in known_frames(error, project):
        path = frame.f_code.co_filename
        shown = project.relative(path) if project.owns(path) else path
        lines += [f'File "{shown}", line {number}, in {_function(frame)}', f"  {project.line(path, number)}"]
    if error.__cause__ is not None:
        lines.append(f"caused by {describe(error.__cause__)}")
    lines += describe(error).splitlines()
    if len(lines) > TRACEBACK_LINES:
        lines = [*lines[:6], f"... ({len(lines) - TRACEBACK_LINES + 1} lines left out)", *lines[-TRACEBACK_LINES + 7 :]]
    return "\n".join(cut(line, 300) for line in lines)


def _function(frame: FrameType) -> str:
    """A frame's function, by its qualified name where Python knows it (3.11)."""
    name: str = getattr(frame.f_code, "co_qualname", frame.f_code.co_name)
    return name


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what stands behind it, in whatever way it was wrapped."""
    waiting, seen = [error], set()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        behind = [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
        waiting += [b for b in behind if isinstance(b, BaseException)]


def lacking(error: BaseException, project: Project, subject: str) -> str:
    """Say what the sandbox lacks, if that is why a test failed; empty if it is not.

    `subject` is the path of the module under test: what its own code does to the project's files is its own fault.
    """
    for one in chain(error):
        if _is_of_hypothesis(one) and not passes_through(one, subject):
            return f"hypothesis gives up on it: {cut(describe(one), 200)}"
        if isinstance(one, OSError):
            reason = _lacking(one, error, project, subject)
            if reason:
                return reason
    return ""


def _is_of_hypothesis(error: BaseException) -> bool:
    kind = type(error)
    return getattr(sys.modules.get("hypothesis.errors"), kind.__name__, None) is kind


def _lacking(error: OSError, whole: BaseException, project: Project, subject: str) -> str:
    name = error.filename if isinstance(error.filename, str) else ""
    path = os.path.abspath(name)
    if error.errno in NETWORK or type(error).__name__ == "gaierror":
        return "it needs the network, which the sandbox does not have"
    if not name:
        own = bool(subject) and raised_by(whole, subject, project)
        refused = error.errno in DENIED and not own
        return "it asks the system for something that the sandbox refuses" if refused else ""
    if path.startswith(WRITABLE) and not project.owns(path):
        return ""
    if error.errno in DENIED:
        own = bool(subject) and raised_by(whole, subject, project) and project.owns(path) and os.path.exists(path)
        return "" if own else f"it writes to {name}, which is read-only in the sandbox"
    if isinstance(error, FileNotFoundError) and _is_program(error):
        return f"it starts the program {name!r}, which the sandbox does not have"
    if isinstance(error, FileNotFoundError) and os.path.isabs(name) and not project.owns(path):
        return f"it needs {name}, which the sandbox does not show"
    return ""


def _is_program(error: OSError) -> bool:
    return any(os.path.basename(frame.f_code.co_filename) == "subprocess.py" for frame, _ in frames(error))
