"""What a module has left in its process besides its names: seen by comparing before and after."""

from __future__ import annotations

import os
import resource
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HARMLESS = frozenset({"/dev/null", "/dev/urandom", "/dev/random", "/dev/zero"})
_MASKS = ("SigBlk", "SigIgn", "SigCgt")


class Traces:
    """What a fork would lose, or all forks would share; nothing where there is no `/proc`."""

    def __init__(self) -> None:
        self.threads = set(_names("/proc/self/task"))
        self.descriptors = dict(_descriptors())
        self.children = set(_children())
        self.ended = resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt
        self.shared = set(_shared())
        self.folder = _folder()
        self.signals = (*_masks(), *map(signal.getsignal, sorted(signal.valid_signals())))
        self.path = sys.path[:]
        self.written = {(f, n) for f in map(os.environ.get, ("HOME", "TMPDIR")) if f for n in _names(f)}

    def difference(self, after: Traces) -> str:
        """Say what a module does that has led from here to there, as "starts a thread"; empty if nothing is left."""
        return next(filter(None, self._differences(after)), "")

    def _differences(self, after: Traces) -> Iterator[str]:
        yield "starts a thread" if after.threads - self.threads else ""
        yield "starts a process" if after.children - self.children or after.ended != self.ended else ""
        opened = [place for number, place in after.descriptors.items() if self.descriptors.get(number) != place]
        yield f"opens {_kind(opened[0])}" if opened else ""
        yield "closes files of others" if self.descriptors.keys() - after.descriptors.keys() else ""
        yield "shares memory" if after.shared - self.shared else ""
        yield "changes the current folder" if after.folder != self.folder else ""
        yield "changes how signals are handled" if after.signals != self.signals else ""
        yield "changes where modules are looked for" if after.path != self.path else ""
        yield "writes files" if after.written != self.written else ""


@contextmanager
def quiet() -> Iterator[None]:
    """Let what is read or written meanwhile, also by libraries, neither come from nor go to where it would."""
    kept = {number: os.dup(number) for number in (0, 1, 2)}
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        for number in kept:
            os.dup2(nowhere, number)
        yield
    finally:
        _flush()
        for number, copy in kept.items():
            os.dup2(copy, number)
            os.close(copy)
        os.close(nowhere)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _lines(path: str) -> list[str]:
    try:
        with open(path) as file:
            return file.read().splitlines()
    except OSError:
        return []


def _descriptors() -> Iterator[tuple[str, str]]:
    for number in _names("/proc/self/fd"):
        try:
            place = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if place not in _HARMLESS:
            yield number, place


def _kind(place: str) -> str:
    for start, kind in (
        ("socket:", "a socket"),
        ("pipe:", "a pipe"),
        ("anon_inode:", "a descriptor"),
        ("/memfd:", "shared memory"),
    ):
        if place.startswith(start):
            return kind
    return "a file"


def _children() -> Iterator[str]:
    for thread in _names("/proc/self/task"):
        for line in _lines(f"/proc/self/task/{thread}/children"):
            yield from line.split()


def _shared() -> Iterator[str]:
    for line in _lines("/proc/self/maps"):
        if " rw-s " in line[:60]:
            yield line


def _masks() -> Iterator[str]:
    return (line for line in _lines("/proc/self/status") if line.partition(":")[0] in _MASKS)


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None
