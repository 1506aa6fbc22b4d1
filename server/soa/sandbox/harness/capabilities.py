"""The rights that Linux calls capabilities, and who may look into a process."""

from __future__ import annotations

import os
import struct

from .syscalls import c_library

DAC_READ_SEARCH, KILL, SETGID, SETUID = 1 << 2, 1 << 5, 1 << 6, 1 << 7
FOR_SERVER = DAC_READ_SEARCH | KILL | SETGID | SETUID
"""To end runs of another user, and to become it."""
FOR_RUN = DAC_READ_SEARCH
"""To read what only root may, a project in its home for instance, as far as Landlock lets it."""

VERSION = 0x20080522
SET_DUMPABLE, KEEP_CAPABILITIES, SET_SUBREAPER, AMBIENT_SET, RAISE = 4, 8, 36, 47, 2


def keep(wanted: int) -> None:
    """Give up all others, for good and for all children."""
    halves = struct.pack("=6I", *[wanted] * 3, 0, 0, 0)
    _call("capset", struct.pack("=Ii", VERSION, 0), halves)
    for number in range(wanted.bit_length()):
        if wanted >> number & 1:
            _control(AMBIENT_SET, RAISE, number)


def outlive_change_of_user() -> None:
    """Keep what there is when this process becomes another user."""
    _control(KEEP_CAPABILITIES, 1)


def hide_from_owner() -> None:
    """Let no process of this user look into this one or its children."""
    _control(SET_DUMPABLE, 0)


def show_to_owner() -> None:
    """Let this process read what the kernel tells of it again."""
    _control(SET_DUMPABLE, 1)


def take_in_orphans() -> None:
    """Become the parent of all that descends from this process and has lost its own."""
    _control(SET_SUBREAPER, 1)


def _control(*arguments: int) -> None:
    _call("prctl", *(*arguments, 0, 0, 0)[:5])


def _call(name: str, *arguments: int | bytes) -> None:
    """Call a function of the C library, also where the numbers of system calls are not known.

    Raises
    ------
    OSError
        The kernel refuses.
    """
    library, ctypes = c_library()
    handed = [a if isinstance(a, bytes) else ctypes.c_ulong(a) for a in arguments]
    if getattr(library, name)(*handed) < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
