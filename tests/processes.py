"""Processes and what they hold, as the system tells it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def descendants(pid: int) -> Iterator[int]:
    """Yield all processes that a process started, and those that they did."""
    for child in _children(pid):
        yield child
        yield from descendants(child)


def _children(pid: int) -> list[int]:
    try:
        listed = [(task / "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []
    return [int(number) for text in listed for number in text.split()]


def proportional(pids: Iterable[int]) -> int:
    """Bytes that processes hold, what they share with others counted in part; 0 if we are not told."""
    total = 0
    for pid in pids:
        try:
            total += sum(map(int, PSS.findall(Path(f"/proc/{pid}/smaps_rollup").read_text()))) << 10
        except OSError:
            continue
    return total
