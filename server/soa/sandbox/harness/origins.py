"""Whose code a file's name stands for."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    Suspect = Callable[[object], bool]
    """Whether code of that file may be the candidate's."""

OURS = ("<soa harness>/", "<frozen ")
_PASSING_ON = ("harness>/overlay.py", "/inspect.py", "/ctypes/__init__.py", "/codeop.py", "/code.py")
_GIVING = {"walk_tb", "walk_stack", "currentframe", "<lambda>"}


@cache
def real(path: str) -> str:
    """Where a path leads; looked up once, in the fork server for what all runs share."""
    return os.path.realpath(path)


def suspicion(asked: dict[str, Any]) -> Suspect:
    """How to tell the candidate's code from others': by what a request says of the interpreter and the project.

    Suspect are the files that are replaced, the module under test, and all that comes from nowhere (`<string>`) or from
    places that are neither the interpreter's nor the project's.
    """
    task = asked["task"]
    own = {*asked["overlay"], (task.get("module") or {}).get("file", "")}
    own |= {real(path) for path in own if path}
    places = {*asked["prefixes"], *asked["path"], asked["root"], os.path.dirname(os.__file__)}
    known = (*OURS, *(os.path.join(p, "") for place in places for p in {place, real(place)}))
    found: dict[str, bool] = {}

    def suspect(name: object) -> bool:
        if type(name) is not str:
            return True
        if name not in found:
            found[name] = name in own or not name.startswith(known)
        return found[name]

    return suspect


def is_behind(frame: FrameType | None, suspect: Suspect) -> bool:
    """Whether the nearest code that is not there to pass on what others ask for is the candidate's."""
    while frame is not None:
        code = frame.f_code
        if suspect(code.co_filename):
            return True
        if code.co_name not in _GIVING and not code.co_filename.endswith(_PASSING_ON):
            return False
        frame = frame.f_back
    return False


def is_on(frame: FrameType | None, start: FrameType, suspect: Suspect) -> bool:
    """Whether any code of the candidate's is among what waits for a frame, from the one that everything began with."""
    while frame is not None and frame is not start:
        if suspect(frame.f_code.co_filename):
            return True
        frame = frame.f_back
    return False


def outermost(frame: FrameType) -> FrameType:
    """The frame that waits for nothing but the end of the process."""
    while frame.f_back is not None:
        frame = frame.f_back
    return frame
