"""Who stands outside of the sandbox and tells whether anybody came: sockets, and a process that must stay as it is."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from siege.camp import Camp

VICTIM = "import signal, sys\nprint('ready', flush=True)\nsignal.pause()\n"
PATHS = ("stream", "letters")
"""Names of the unix sockets that have one."""
TRAITS = ("State", "TracerPid", "NSpid", "Cpus_allowed", "Seccomp", "Uid")
"""What of `/proc/PID/status` must stay; a process that waits is in state S."""


class Witnesses:
    """A context manager: listens, and keeps a victim alive."""

    def __init__(self, camp: Camp) -> None:
        self._camp = camp
        self._open = ExitStack()

    def __enter__(self) -> Witnesses:
        take = self._open.enter_context
        self.tcp = take(_listening(socket.AF_INET, ("127.0.0.1", 0)))
        self.tcp6 = take(_listening(socket.AF_INET6, ("::1", 0))) if _has_ipv6() else None
        self.udp = take(_bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)))
        self.named = take(_listening(socket.AF_UNIX, str(self._camp.beside / PATHS[0])))
        self.letters = take(_bound(socket.AF_UNIX, socket.SOCK_DGRAM, str(self._camp.beside / PATHS[1])))
        self.abstract = take(_listening(socket.AF_UNIX, f"\0{self._camp.mark}-stream"))
        self.abstract_letters = take(_bound(socket.AF_UNIX, socket.SOCK_DGRAM, f"\0{self._camp.mark}-letters"))
        for name in PATHS:
            (self._camp.beside / name).chmod(0o777)
        self._victim = self._start()
        self._before = self._traits()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._victim.send_signal(signal.SIGKILL)
        self._victim.wait()
        assert self._victim.stdout is not None
        self._victim.stdout.close()
        self._open.close()
        for name in PATHS:
            (self._camp.beside / name).unlink()

    @property
    def facts(self) -> dict[str, Any]:
        """Where they are, for candidates."""
        return {
            "tcp": self.tcp.getsockname()[1],
            "tcp6": self.tcp6.getsockname()[1] if self.tcp6 else 0,
            "udp": self.udp.getsockname()[1],
            "named": self.named.getsockname(),
            "letters": self.letters.getsockname(),
            "abstract": f"{self._camp.mark}-stream",
            "abstract_letters": f"{self._camp.mark}-letters",
            "victim": self._victim.pid,
            "others": [os.getpid(), os.getppid()],
        }

    def visits(self) -> list[str]:
        """What they saw that must not be."""
        streams = {"TCP": self.tcp, "TCP over IPv6": self.tcp6, "a unix socket": self.named, "abstract": self.abstract}
        letters = {"UDP": self.udp, "unix datagrams": self.letters, "abstract datagrams": self.abstract_letters}
        came = [name for name, listening in streams.items() if listening and _was_called(listening)]
        return [*came, *(name for name, bound in letters.items() if _got_mail(bound)), *self._hurt()]

    def _start(self) -> subprocess.Popen[bytes]:
        camp = self._camp
        victim = subprocess.Popen(
            [camp.python, "-I", "-c", VICTIM, camp.mark], stdout=subprocess.PIPE, cwd="/", start_new_session=True,
            env={"SECRET": camp.canary}, user=camp.user, group=camp.user, extra_groups=[],
        )  # fmt: skip
        assert victim.stdout is not None
        assert victim.stdout.readline() == b"ready\n"
        return victim

    def _hurt(self) -> list[str]:
        if self._victim.poll() is not None:
            return [f"the victim ended: {self._victim.returncode}"]
        after = self._traits()
        return [f"the victim's {k}: {after[k]!r}, was {v!r}" for k, v in self._before.items() if after[k] != v]

    def _traits(self) -> dict[str, object]:
        pid = self._victim.pid
        status = dict(line.partition(":\t")[::2] for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return {
            **{name: status[name] for name in TRAITS if name in status and name != "State"},
            "stopped": status["State"][:1] in "tT",
            "limits": Path(f"/proc/{pid}/limits").read_text(),
            "nice": os.getpriority(os.PRIO_PROCESS, pid),
            "affinity": os.sched_getaffinity(pid),
            "scheduler": os.sched_getscheduler(pid),
            "group": (os.getpgid(pid), os.getsid(pid)),
            "score": Path(f"/proc/{pid}/oom_score_adj").read_text(),
        }


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def _bound(family: int, kind: int, place: Any) -> socket.socket:
    made = socket.socket(family, kind)
    made.setblocking(False)
    made.bind(place)
    return made


def _listening(family: int, place: Any) -> socket.socket:
    made = _bound(family, socket.SOCK_STREAM, place)
    made.listen(64)
    return made


def _was_called(listening: socket.socket) -> bool:
    try:
        listening.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def _got_mail(bound: socket.socket) -> bool:
    try:
        bound.recv(1 << 16)
    except BlockingIOError:
        return False
    return True
