"""What a candidate's process must be refused, tried inside. As a program: the same as another user.

Nothing here may ever run outside a sandbox.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from ast import literal_eval
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from soa.sandbox import Job, Limits
from soa.sandbox.harness.seccomp import REFUSED
from soa.sandbox.harness.syscalls import number
from soa.sandbox.process import PlainProcess
from soa.sandbox.zygote import Zygote

if TYPE_CHECKING:
    from soa.sandbox import Sandbox

KINDS = {"zygote": Zygote, "process": PlainProcess}
LIMITS = Limits(wall_seconds=60.0, cpu_seconds=60)
REQUEST = {
    "roots": [], "watched": {}, "resolve": [], "examples": [], "project": [], "files": [],
    "share": 30.0, "seconds": 60.0,
}  # fmt: skip
START = """
import ctypes, errno, os, socket, sys
kernel = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    kernel.syscall(*map(ctypes.c_long, (number, *arguments)))
    return errno.errorcode.get(ctypes.get_errno(), "no error")
def attempt(function, *arguments, **named):
    try:
        made = function(*arguments, **named)
    except OSError as error:
        return errno.errorcode[error.errno]
    getattr(made, "close", int)()
    return "no error"
"""
"""What each of the pieces below may use; each leaves what it found in `found`."""


def calls() -> dict[str, tuple[int, ...]]:
    """By name a call's number and its arguments: for most they are such that it would fail for another reason."""
    machine = os.uname().machine
    forever = {name: (number(name, machine), *[0] * 6) for name in REFUSED if number(name, machine) >= 0}
    terminal = {
        n: (number("ioctl", machine), 0, request) for n, request in (("TIOCSTI", 0x5412), ("TIOCLINUX", 0x541C))
    }
    return {**forever, **terminal}


NAMESPACES = {
    "mount": 0x20000, "cgroup": 0x2000000, "uts": 0x4000000, "ipc": 0x8000000, "user": 0x10000000, "pid": 0x20000000,
    "net": 0x40000000,
}  # fmt: skip
PIECES = {
    "calls": f"found = {{name: call(*arguments) for name, arguments in {calls()}.items()}}",
    "namespaces": f"""
        clone = {number("clone", os.uname().machine)}
        found = {{name: call(clone, flag, 0, 0, 0, 0) for name, flag in {NAMESPACES}.items()}}
        """,
    "clone3": f"found = call({number('clone3', os.uname().machine)}, 0, 0)",
    "families": "found = {n: attempt(socket.socket, n, socket.SOCK_DGRAM) for n in (0, 3, 4, 16, 17, 31, 38, 40, 44)}",
    "pairs": "found = [attempt(lambda: socket.socketpair(n)[0].detach()) for n in (1, 30)]",
    "x32": "found = call(0x40000000 | 39) if os.uname().machine == 'x86_64' else 'EPERM'",
    "32 bits": """
        import mmap
        code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        code.write(bytes.fromhex("53 b8 14 00 00 00 cd 80 5b c3"))
        child = os.fork()
        if child == 0 and os.uname().machine == "x86_64":
            answer = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
            os._exit(-answer if -answer in errno.errorcode else 0)
        if child == 0:
            os._exit(errno.EPERM)
        status = os.waitpid(child, 0)[1]
        found = "killed" if os.WIFSIGNALED(status) else errno.errorcode.get(os.WEXITSTATUS(status), "no error")
        """,
    "devices": "import stat\nfound = attempt(os.mknod, os.environ['HOME'] + '/made', stat.S_IFCHR, 0)",
    "process": "found = attempt(open, '/proc/self/comm', 'w')",
    "children": """
        import subprocess
        code = "import ctypes; c = ctypes.CDLL(None, use_errno=True); c.unshare(0); print(ctypes.get_errno())"
        printed = subprocess.run([sys.executable, "-S", "-c", code], stdout=subprocess.PIPE, check=True).stdout
        found = errno.errorcode[int(printed)]
        """,
    "deeper": """
        sys.path += [place for place in sys.path_importer_cache if place.endswith("harness.zip")]
        from soa_harness import landlock
        home = os.environ["HOME"]
        os.mkdir(home + "/inner")
        abstract, tcp = socket.socket(socket.AF_UNIX), socket.create_server(("127.0.0.1", 0))
        abstract.bind(chr(0) + "ours")
        abstract.listen()
        port = tcp.getsockname()[1]
        def tries():
            yield attempt(open, home + "/outer", "w")
            yield attempt(open, home + "/inner/file", "w")
            yield attempt(os.rename, home + "/inner/file", home + "/moved")
            yield attempt(os.kill, os.getppid(), 0)
            yield attempt(os.kill, os.getpid(), 0)
            yield attempt(open, f"/proc/{os.getppid()}/environ")
            yield attempt(socket.socket(socket.AF_UNIX).connect, chr(0) + "ours")
            yield attempt(socket.socket().connect, ("127.0.0.1", port))
            yield attempt(socket.socket().bind, ("127.0.0.1", 0))
        reader, writer = os.pipe()
        if os.fork() == 0:
            landlock.restrict([home + "/inner", home + "/nowhere"], False)
            os.write(writer, ",".join(tries()).encode())
            os._exit(0)
        os.wait()
        found = os.read(reader, 4096).decode().split(",")
        """,
}
"""Tried in one run, one after the other."""


async def look(sandbox: Sandbox) -> dict[str, Any]:
    """Run each piece; return what it found, or what became of it instead."""
    show = "\nclass Shown(Exception): pass\nraise Shown(repr(found))"
    tests = [{"key": name, "source": START + dedent(source) + show} for name, source in PIECES.items()]
    report = await sandbox.run(Job(Path("/usr"), {**REQUEST, "generated": tests}, {}, LIMITS))
    assert report.answer is not None, report
    return {e["result"]: _value(e["actual"]) for e in report.answer["events"] if "result" in e}


def _value(actual: str) -> object:
    kind, _, shown = actual.partition("Shown: ")
    return literal_eval(shown) if shown and not kind else actual


async def main(kind: str, python: str) -> None:
    """Start a sandbox as whoever we are, and tell what was found in it."""
    sandbox = await KINDS[kind].start(Path(python))
    sys.stdout.write(json.dumps(await look(sandbox)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
