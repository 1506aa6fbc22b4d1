"""Landlock: a process and all its children write only in a few places, and reach no process besides themselves."""

from __future__ import annotations

import errno
import os
import stat
import struct

from . import syscalls

OLDEST = 2
"""The first ABI in which files can be moved between folders; with an older one ordinary tests fail."""

WRITE_FILE, REMOVE_DIR, REMOVE_FILE, MAKE_CHAR, MAKE_DIR, MAKE_REG = 1 << 1, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8
MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM, REFER, TRUNCATE = 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14
IOCTL_DEV = 1 << 15
BIND_TCP, CONNECT_TCP = 1 << 0, 1 << 1
SCOPE_ABSTRACT_SOCKET, SCOPE_SIGNAL = 1 << 0, 1 << 1

FILES = WRITE_FILE | TRUNCATE | IOCTL_DEV
"""Rights that a file itself can have."""
FOLDERS = FILES | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM | REFER
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
    version = abi()
    if version < OLDEST:
        return 0
    rules = syscalls.call("landlock_create_ruleset", attributes(version, network), 24, 0)
    try:
        for path in writable:
            _allow(rules, path, known(version))
        syscalls.call("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        syscalls.call("landlock_restrict_self", rules, 0)
    finally:
        os.close(rules)
    return version


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


def attributes(version: int, network: bool) -> bytes:
    """What is taken: rights on files, rights on the network, and the reach of signals and abstract sockets."""
    ports = 0 if network or version < NETWORK_ABI else BIND_TCP | CONNECT_TCP
    scopes = 0 if version < SCOPES_ABI else SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL
    return struct.pack("QQQ", known(version), ports, scopes)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights &= FOLDERS if stat.S_ISDIR(os.fstat(place).st_mode) else FILES
        syscalls.call("landlock_add_rule", rules, BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)
