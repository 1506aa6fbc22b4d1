"""What stands in bubblewrap: no network, no environment, nothing of the machine but what is needed, read-only."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from soa.sandbox import mounts
from soa.sandbox.exchange import arguments, environment
from soa.sandbox.forking import Ground
from soa.sandbox.keys import Keys
from soa.sandbox.launch import Command, content_file

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from soa.sandbox import Limits
    from soa.sandbox.interpreter import Interpreter

PROGRAM = "bwrap"
FIRST_USER, USERS = 1 << 30, 1 << 29
"""Where nobody's uids are, for runs started by root."""
SCRATCH = ("/tmp", "/dev/shm")

# No --die-with-parent: a bubblewrap whose parent is killed in the instant of its start would wait for ever. The fork
# server inside sees the end of its socket instead, and all others end with it.
_ALWAYS = ("--new-session", "--clearenv", "--cap-drop", "ALL")
_AS_USER = ("--unshare-all", "--unshare-user", "--disable-userns", "--as-pid-1")
# Root keeps its uid in a user namespace of its own, and the kernel never limits root's processes: each run becomes
# another user instead, for which the fork server needs these capabilities; it ends what that user has left as well.
_AS_ROOT = (
    "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--as-pid-1",
    "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_KILL",
)  # fmt: skip


def user_of_runs() -> int | None:
    """A uid that nobody has, for runs that root has started; None where they stay ours."""
    return FIRST_USER + secrets.randbelow(USERS) if os.getuid() == 0 else None


@frozen
class InBubblewrap:
    """Fork servers in a bubblewrap each; see `Grounds`."""

    interpreter: Interpreter
    program: str = field(factory=lambda: shutil.which(PROGRAM) or PROGRAM)
    _keys: Keys = field(factory=Keys, eq=False, repr=False)

    def key(self, root: Path, limits: Limits) -> Hashable:
        """What is shown and hidden of a workspace; see `Grounds`."""
        known = mounts.workspace(root, self._keys.of(root, Path.home()), os.getuid() == 0, hash)
        return root, tuple((m.arguments, mounts.identity(m.place)) for m in known), limits.disk_bytes

    def lay(self, root: Path, limits: Limits, files: ExitStack) -> Ground:
        """A command of bubblewrap; see `Grounds`."""
        user, kept = user_of_runs(), list[int]()

        def keep(content: bytes) -> int:
            kept.append(files.enter_context(content_file(content)).fileno())
            return kept[-1]

        mounted = mounts.flatten(self._mounts(root, limits, user, keep))
        flags = (*_ALWAYS, *(_AS_USER if user is None else _AS_ROOT))
        variables = {**environment(self.interpreter), "HOME": SCRATCH[0]}
        set_variables = [part for pair in variables.items() for part in ("--setenv", *pair)]
        last = ("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--")
        started = arguments(self.interpreter, mounts.HARNESS, "forkserver")
        command = Command((self.program, *flags, *mounted, *set_variables, *last, *started), {}, Path("/"), tuple(kept))
        return Ground(command, {"user": user, "readable": None, "listed": [], "writable": SCRATCH}, self._held(root))

    def _mounts(self, root: Path, limits: Limits, user: int | None, keep: mounts.Keep) -> Iterator[mounts.Mount]:
        home, foreign = Path.home(), user is not None
        yield from mounts.system(user or os.getuid(), user or os.getgid(), keep)
        for folder in SCRATCH:
            yield mounts.scratch(folder, limits.disk_bytes)
        yield from mounts.workspace(root, self._keys.of(root, home), foreign, keep)
        yield from mounts.folders(self.interpreter.visible, home, foreign, keep)
        yield from self._links(root)
        yield mounts.content(Path(mounts.HARNESS), keep(self.interpreter.harness))

    def _links(self, root: Path) -> Iterator[mounts.Mount]:
        """The way to the interpreter's program, where no folder shows it yet."""
        shown = (root, *self.interpreter.visible, *map(Path, mounts.SYSTEM))
        for path in self.interpreter.links:
            if not any(path.is_relative_to(s) for s in shown):
                yield mounts.link(path) if path.is_symlink() else mounts.bind(path)

    def _held(self, root: Path) -> ExitStack:
        """What is hidden, held open: its number is no other file's then."""
        held = ExitStack()
        for path in self._keys.of(root, Path.home()):
            held.callback(os.close, os.open(path, os.O_PATH | os.O_CLOEXEC))
        return held
