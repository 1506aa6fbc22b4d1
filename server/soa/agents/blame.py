"""Whose fault a failed test is: the function in which it was raised, if that belongs to the run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soa.agents.board import Board, Entry
    from soa.evidence import TestResult

_FRAME = re.compile(r'^File "(?P<path>[^"]+)", line \d+, in (?P<name>\S+)$', re.MULTILINE)


def culprit_of(result: TestResult, board: Board) -> Entry | None:
    """The entry whose function is the innermost of the run's in a traceback."""
    frames = [(m["path"], m["name"].replace(".<locals>", "")) for m in _FRAME.finditer(result.traceback)]
    for path, name in reversed(frames):
        found = [e for e in board.entries() if e.address.path == path and _is_inside(name, e.contract.qualname)]
        if found:
            return max(found, key=lambda e: len(e.contract.qualname))
    return None


def _is_inside(name: str, qualname: str) -> bool:
    """Whether a frame's name is a function's, or that of a function inside it."""
    return name == qualname or name.startswith(f"{qualname}.")
