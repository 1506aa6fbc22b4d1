"""What is there before and after: files with all their traits, and things of the machine that outlive a process."""

from __future__ import annotations

import ctypes
import hashlib
import os
import stat
from pathlib import Path

SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/dev/mqueue")


def tree(*folders: Path) -> dict[str, str]:
    """By path all that a file is, but for when it was last read."""
    found = {}
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            found[str(path)] = _traits(path)
    return found


def _traits(path: Path) -> str:
    known = path.lstat()
    told = [oct(known.st_mode), known.st_uid, known.st_gid, known.st_nlink, known.st_mtime_ns, known.st_ctime_ns]
    told += [sorted(os.listxattr(path, follow_symlinks=False))]
    if stat.S_ISREG(known.st_mode):
        told.append(hashlib.sha256(path.read_bytes()).hexdigest())
    elif stat.S_ISLNK(known.st_mode):
        told.append(path.readlink())
    return " ".join(map(str, told))


def changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What became of each path that is not as it was."""
    paths = sorted(before.keys() | after.keys())
    return [f"{p}: {before.get(p)} -> {after.get(p)}" for p in paths if before.get(p) != after.get(p)]


def machine(mark: str) -> dict[str, object]:
    """What of the machine must stay, and all on it that bears the mark."""
    return {
        "host": os.uname().nodename,
        "mounts": Path("/proc/self/mounts").read_text(),
        "clock": Path("/proc/self/timens_offsets").read_text() if Path("/proc/self/timens_offsets").exists() else "",
        "marked": sorted(str(p) for folder in map(Path, SHARED) if folder.is_dir() for p in _named(folder, mark)),
        "keys": [line for line in _lines("/proc/keys") if mark in line],
        "queue": _queue(f"/{mark}"),
        "shared memory": [line for kind in ("shm", "sem", "msg") for line in _segments(kind, mark)],
    }


def _named(folder: Path, mark: str) -> list[Path]:
    return [path for path in folder.iterdir() if mark in path.name]


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def key_of(mark: str) -> int:
    """The number that candidates use for System V objects."""
    return int(mark[-7:], 16) + 1


def _segments(kind: str, mark: str) -> list[str]:
    return [f"{kind} {line}" for line in _lines(f"/proc/sysvipc/{kind}")[1:] if int(line.split()[0]) == key_of(mark)]


def _queue(name: str) -> bool:
    """Whether there is a POSIX message queue of a name."""
    library = ctypes.CDLL(None, use_errno=True)
    number = library.mq_open(name.encode(), os.O_RDONLY)
    if number >= 0:
        os.close(number)
    return bool(number >= 0)
