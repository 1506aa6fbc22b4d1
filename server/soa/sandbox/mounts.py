"""What a sandbox shows of the machine: mounts, as arguments of bubblewrap."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from attrs import frozen

from soa.errors import SandboxError

HARNESS = "/run/soa/harness.zip"
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
CONFIGURATION = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives")
MASK_BYTES = 4096
SPLIT_LIMIT = 512
"""How many mounts a folder that only its owner may read may be split into."""

Keep = Callable[[bytes], int]
"""Keeps content for bubblewrap to read: from the content to the number of an open file descriptor."""


@frozen
class Mount:
    """Something that appears in the sandbox."""

    place: Path
    arguments: tuple[str, ...]


def flatten(mounts: Iterable[Mount]) -> list[str]:
    """The arguments of all mounts, outer places before inner ones, later mounts of a place over earlier ones."""
    known = list(mounts)
    taken = {m.place for m in known}
    above = {p for m in known for p in m.place.parents if p not in taken and p != Path("/")}
    ordered = sorted([*map(folder, sorted(above)), *known], key=lambda m: len(m.place.parts))
    return [a for m in ordered for a in m.arguments]


def folder(path: Path) -> Mount:
    """An empty folder that everyone may enter."""
    return Mount(path, ("--perms", "0755", "--dir", str(path)))


def bind(path: Path) -> Mount:
    """Show a file or folder where it is, read-only."""
    return Mount(path, ("--ro-bind", str(path), str(path)))


def link(path: Path) -> Mount:
    """Show a symbolic link."""
    return Mount(path, ("--symlink", str(path.readlink()), str(path)))


def content(path: Path, number: int) -> Mount:
    """Show what a file descriptor holds as a file."""
    return Mount(path, ("--perms", "0444", "--ro-bind-data", str(number), str(path)))


def scratch(path: str, size: int) -> Mount:
    """A writable folder of limited size."""
    return Mount(Path(path), ("--perms", "1777", "--size", str(size), "--tmpfs", path))


def mask(path: Path, keep: Keep) -> Mount:
    """Hide a file or a folder behind an empty one."""
    if path.is_dir():
        return Mount(path, ("--perms", "0555", "--size", str(MASK_BYTES), "--tmpfs", str(path)))
    return content(path, keep(b""))


def system(user: int, group: int, keep: Keep) -> Iterator[Mount]:
    """The operating system: programs and libraries, and of its configuration only what they need to run."""
    for path in map(Path, SYSTEM):
        if path.is_symlink():
            yield link(path)
        elif path.is_dir():
            yield bind(path)
    for path in map(Path, CONFIGURATION):
        if path.exists():
            yield Mount(path, ("--ro-bind", str(path.resolve()), str(path)))
    yield content(Path("/etc/passwd"), keep(f"soa:x:{user}:{group}::/tmp:/bin/sh\n".encode()))
    yield content(Path("/etc/group"), keep(f"soa:x:{group}:\n".encode()))
    yield content(Path("/etc/hosts"), keep(b"127.0.0.1 localhost\n::1 localhost\n"))
    yield Mount(Path("/proc"), ("--proc", "/proc"))
    yield Mount(Path("/dev"), ("--dev", "/dev"))


def folders(paths: Iterable[Path], home: Path, foreign: bool, keep: Keep) -> Iterator[Mount]:
    """Files and folders of an interpreter; those that the system holds already, or that hold everything, are left out.

    `foreign` says that another user than ours will read them.
    """
    for path in _outermost(paths):
        broad = path == home or path in home.parents or path in (Path("/"), Path("/tmp"))
        known = any(path.is_relative_to(s) for s in SYSTEM)
        if path.exists() and not broad and not known:
            yield from shown(path, foreign, keep)


def _outermost(paths: Iterable[Path]) -> list[Path]:
    known = set(paths)
    return sorted(p for p in known if not known.intersection(p.parents))


def shown(path: Path, foreign: bool, keep: Keep) -> Iterator[Mount]:
    """Show a path; split it where a foreign user could not enter a folder of ours.

    Raises
    ------
    SandboxError
        It would take too many pieces.
    """
    for count, mount in enumerate(_pieces(path, foreign, keep)):
        if count > SPLIT_LIMIT:
            raise SandboxError(
                f"{path} can be read by its owner only, so the sandbox cannot show it.",
                f"Run as another user than root, or allow others to read it: chmod -R go+rX {path}",
            )
        yield mount


def _pieces(path: Path, foreign: bool, keep: Keep) -> Iterator[Mount]:
    if not foreign or _open_to_others(path):
        yield bind(path)
    elif path.is_file():
        yield content(path, keep(path.read_bytes()))
    elif path.is_dir():
        yield folder(path)
        for entry in sorted(path.iterdir()):
            if entry.is_symlink():
                yield link(entry)
            else:
                yield from _pieces(entry, foreign, keep)


def _open_to_others(path: Path) -> bool:
    wanted = stat.S_IROTH | stat.S_IXOTH if path.is_dir() else stat.S_IROTH
    return path.stat().st_mode & wanted == wanted


def workspace(root: Path, secrets: Iterable[Path], foreign: bool, keep: Keep) -> Iterator[Mount]:
    """The user's project, with what is secret masked.

    Raises
    ------
    SandboxError
        The workspace is the whole machine.
    """
    check_workspace(root)
    yield from shown(root, foreign, keep)
    for path in secrets:
        yield mask(path, keep)


def check_workspace(root: Path) -> None:
    """See that a workspace is one.

    Raises
    ------
    SandboxError
        It is the whole machine.
    """
    if root == Path("/"):
        raise SandboxError("The workspace is the whole machine.", "Put a pyproject.toml into the project's folder.")


def identity(path: Path) -> tuple[int, int] | None:
    """What another file or folder in the same place does not have in common, as long as this one is held; None: gone.

    A mount and a rule hold what they were made for. What comes in its place has neither.
    """
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def entries(root: Path, secrets: Iterable[Path]) -> Iterator[Path]:
    """What may be seen of a workspace, where nothing can be masked: folders as a whole if nothing below is secret.

    Links are not among it: what they lead to may be anything, and if it may be seen it is named by itself.

    Raises
    ------
    SandboxError
        The workspace is the whole machine.
    """
    check_workspace(root)
    hidden = frozenset(secrets)
    opened = {parent for path in hidden for parent in path.parents}
    for entry in sorted(root.iterdir()):
        if entry in opened:
            yield from entries(entry, hidden)
        elif entry not in hidden and not entry.is_symlink():
            yield entry
