"""Other systems than Linux: what is said there, and that nothing breaks before it can be said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from soa.errors import SandboxError
from soa.sandbox import Job
from soa.sandbox.choose import choose, examine
from soa.sandbox.off import NoSandbox

PYTHON = Path(sys.executable)
# Modules and names that Windows does not have are taken away before anything of ours is imported: a real interpreter
# without them, as far as Linux can be one.
AS_ON_WINDOWS = """
import asyncio, json, os, signal, socket, subprocess, sys, tempfile, zipfile
from pathlib import Path

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in ("resource", "fcntl", "pwd", "grp", "pty", "termios", "tty", "syslog"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

for name in ("resource", "fcntl", "pwd", "grp", "pty", "termios", "tty", "syslog"):
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Missing())
for module, names in (
    (os, "fork killpg getuid getgid geteuid setuid setgid setgroups setsid pidfd_open memfd_create uname statvfs"),
    (signal, "SIGKILL SIGALRM SIGXCPU setitimer alarm pthread_sigmask"),
    (socket, "AF_UNIX socketpair send_fds recv_fds"),
):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.platform = "win32"

from soa.errors import SandboxError
from soa.sandbox.choose import choose, examine
from soa.sandbox.interpreter import probe

async def look():
    python = Path(sys.executable)
    try:
        await probe(python)
    except SandboxError as error:
        refused = error.message
    return {
        "auto": [(await choose("auto", python)).name, (await choose("auto", python)).reason],
        "kinds": [[f.name, f.works, f.reason, f.advice] for f in await examine(python)],
        "interpreter": refused,
    }

try:
    look().send(None)  # there is no loop: nothing may be started that would need one
except StopIteration as done:
    print(json.dumps(done.value))
"""

AS_ON_MACOS = """
import asyncio, json, os, socket, sys
from pathlib import Path

for module, names in ((os, "pidfd_open memfd_create"), (socket, "SOCK_SEQPACKET")):
    for name in names.split():
        delattr(module, name)
sys.platform = "darwin"

from soa.sandbox import Job, Limits
from soa.sandbox.choose import choose, examine

ENDLESS = {
    "files": [], "project": [], "roots": [], "resolve": [], "examples": [], "watched": {}, "share": 9, "seconds": 9,
    "generated": [{"key": 0, "source": "while True: pass"}],
}

async def look():
    python = Path(sys.executable)
    process = await choose("process", python)
    report = await process.run(Job(Path.cwd(), ENDLESS, {}, Limits(wall_seconds=0.5)))
    return {"failure": report.failure, "kinds": [[f.name, f.works] for f in await examine(python)]}

print(json.dumps(asyncio.run(look())))
"""


async def test_on_macos_nothing_runs_unless_it_is_asked_for():
    chosen = await choose("auto", PYTHON, "darwin")
    assert isinstance(chosen, NoSandbox)
    with pytest.raises(SandboxError, match="There is no sandbox on macOS") as caught:
        await chosen.run(Job(Path("/usr"), {}, {}))
    assert "Run soa in Linux" in caught.value.advice
    with pytest.raises(SandboxError, match="There is no sandbox on macOS"):
        await choose("zygote", PYTHON, "darwin")
    assert (await choose("process", PYTHON, "darwin")).name == "process"


async def test_on_macos_the_doctor_says_what_is_missing():
    zygote, landlock, process = await examine(PYTHON, "darwin")
    for finding in (zygote, landlock):
        assert (finding.works, finding.automatic) == (False, False)
        assert finding.reason == "There is no sandbox on macOS: namespaces, Landlock and seccomp are Linux's."
    assert process.works
    assert not process.automatic


def test_on_windows_all_of_it_is_imported_and_says_that_nothing_runs():
    done = subprocess.run([sys.executable, "-c", AS_ON_WINDOWS], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert told["auto"][0] == "off"
    assert told["auto"][1].startswith("There is no sandbox on Windows")
    assert [kind[:2] for kind in told["kinds"]] == [["zygote", False], ["landlock", False], ["process", False]]
    assert told["kinds"][2][2].startswith("Nothing can be run on Windows")
    assert all("WSL" in kind[3] for kind in told["kinds"])
    assert told["interpreter"].startswith("Nothing can be run on Windows")


def test_a_plain_process_runs_and_is_ended_with_what_macos_has(tmp_path):
    done = subprocess.run([sys.executable, "-c", AS_ON_MACOS], capture_output=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert told["failure"] == "ran out of time (0.5 s)"
    assert told["kinds"] == [["zygote", False], ["landlock", False], ["process", True]]
