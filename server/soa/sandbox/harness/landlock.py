"""Landlock: a process and all its children read and write only in a few places, and reach no process but themselves."""

from __future__ import annotations

import errno
import os
import stat
import struct

from . import syscalls

OLDEST = 2
"""The first ABI in which files can be moved between folders; with an older one ordinary tests fail."""

EXECUTE, READ_FILE, READ_DIR = 1 << 0, 1 << 2, 1 << 3
WRITE_FILE, REMOVE_DIR, REMOVE_FILE, MAKE_CHAR, MAKE_DIR, MAKE_REG = 1 << 1, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8
MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM, REFER, TRUNCATE = 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14
IOCTL_DEV = 1 << 15
BIND_TCP, CONNECT_TCP = 1 << 0, 1 << 1
SCOPE_ABSTRACT_SOCKET, SCOPE_SIGNAL = 1 << 0, 1 << 1
SCOPES = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL

READING = EXECUTE | READ_FILE | READ_DIR
FILES = EXECUTE | READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEV
"""Rights that a file itself can have."""
FOLDERS = (
    WRITE_FILE | TRUNCATE | IOCTL_DEV | REMOVE_DIR | REMOVE_FILE | REFER
    | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM
)  # fmt: skip
"""What may be done below a folder that can be written to."""
WRITING = FOLDERS | MAKE_CHAR | MAKE_BLOCK
"""All that changes something; a device cannot be made anywhere."""
SINCE = {TRUNCATE: 3, IOCTL_DEV: 5}
"""The ABI with which a right came, if that is not the oldest."""
NETWORK_ABI, SCOPES_ABI = 4, 6

VERSION, BENEATH, NO_NEW_PRIVILEGES = 1, 1, 38
NOT_HERE = {errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM}
"""What a kernel says that has none, or where it is switched off; EPERM: something that holds us already."""


def restrict(writable: list[str], network: bool) -> int:
    """Give up, for good, to write but below some paths, and what concerns processes that are not restricted like this.

    Parameters
    ----------
    writable
        Files and folders; those that do not exist are left out.
    network
        Whether TCP stays allowed.

    Returns
    -------
    int
        The kernel's ABI of Landlock; 0 if it has none that can be used.
    """
    rules = ruleset(writable, None, network)
    if rules < 0:
        return 0
    enter(rules)
    return abi()


def ruleset(writable: list[str], readable: list[str] | None, network: bool) -> int:
    """Make rules that a process can enter; a file descriptor, -1 where the kernel has no Landlock that can be used.

    `readable` are the files and folders that can be read besides, and run; None: all of them.
    """
    version = abi()
    if version < OLDEST:
        return -1
    reading = 0 if readable is None else READING
    rules = syscalls.call("landlock_create_ruleset", attributes(version, network, reading), 24, 0)
    for path in readable or ():
        _allow(rules, path, READING)
    for path in writable:
        _allow(rules, path, known(version) & FOLDERS | reading)
    return rules


def allow_reading(rules: int, path: str) -> None:
    """Add a file or folder that can be read."""
    _allow(rules, path, READING)


def allow_listing(rules: int, path: str) -> None:
    """Add a folder of which names can be read, also in folders below it."""
    _allow(rules, path, READ_DIR)


def enter(rules: int) -> None:
    """Hold this process and all its children to rules, for good; they are closed."""
    try:
        syscalls.call("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        syscalls.call("landlock_restrict_self", rules, 0)
    finally:
        os.close(rules)


def parting(version: int, writable: list[str]) -> int:
    """Make rules that keep signals and abstract sockets of a process and its children among themselves; -1: it cannot.

    Files are still moved about below each of some folders: unless that is allowed, it is taken as well.
    """
    if version < SCOPES_ABI:
        return -1
    rules = syscalls.call("landlock_create_ruleset", struct.pack("QQQ", REFER, 0, SCOPES), 24, 0)
    for path in writable:
        _allow(rules, path, REFER)
    return rules


def abi() -> int:
    """Ask the kernel for its version of Landlock; 0: none."""
    if not syscalls.machine():
        return 0
    try:
        return syscalls.call("landlock_create_ruleset", 0, 0, VERSION)
    except ImportError:
        return 0
    except OSError as error:
        if error.errno in NOT_HERE:
            return 0
        raise


def known(version: int) -> int:
    """The rights to write that a version knows."""
    return WRITING & ~sum(right for right, since in SINCE.items() if version < since)


def attributes(version: int, network: bool, reading: int = 0) -> bytes:
    """What is taken: rights to write, to read if asked to, on the network, and the reach of signals and of sockets."""
    ports = 0 if network or version < NETWORK_ABI else BIND_TCP | CONNECT_TCP
    scopes = 0 if version < SCOPES_ABI else SCOPES
    return struct.pack("QQQ", known(version) | reading, ports, scopes)


def _allow(rules: int, path: str, rights: int) -> None:
    """Add a rule: what does not exist or cannot be reached is left out."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= FILES
        syscalls.call("landlock_add_rule", rules, BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)
