"""What bubblewrap shows and hides, and how it ends."""

from __future__ import annotations

import asyncio
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from soa.errors import SandboxError
from soa.evidence import Test
from soa.sandbox import Job
from soa.sandbox.bubblewrap import InBubblewrap
from soa.sandbox.forking import Forks
from soa.sandbox.interpreter import probe
from soa.sandbox.zygote import Zygote
from trial import LIMITS, judge

NOTHING = {
    "roots": [],
    "watched": {},
    "resolve": [],
    "examples": [],
    "project": [],
    "files": [],
    "share": 5.0,
    "seconds": 10.0,
}


async def actual(sandbox, root, source, overlay=None):
    """What a piece of code raises, with its message, inside."""
    request = {**NOTHING, "generated": [{"key": 0, "source": source}]}
    report = await sandbox.run(Job(root, request, overlay or {}, LIMITS))
    results = [e for e in report.answer["events"] if "result" in e]
    return results[0].get("actual", results[0]["outcome"])


async def shows(sandbox, root, expression, overlay=None):
    """The value of an expression inside, as its `repr`."""
    return await actual(sandbox, root, f"import os, sys\nassert ({expression}) is NotImplemented", overlay)


async def test_the_project_is_there_without_its_history_and_secrets(zygote, project):
    for name in (".git", "kept"):
        (project / name).mkdir()
        (project / name / "config").write_text("secret")
    for name in (".env", ".env.local", "environment"):
        (project / name).write_text("secret")
    seen = "sorted(p for p in os.listdir('.')), os.listdir('.git'), [open(n).read() for n in ('.env', '.env.local')]"
    assert await shows(zygote, project, seen) == (
        "(['.env', '.env.local', '.git', 'environment', 'kept', 'pyproject.toml'], [], ['', ''])"
    )
    assert await shows(zygote, project, "open('kept/config').read()") == "'secret'"


async def test_only_a_minimal_environment_is_there(zygote, project, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "sk-1")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    names = await shows(zygote, project, "' '.join(sorted(os.environ))")
    assert "SECRET_KEY" not in names
    assert {"HOME", "PATH", "TZ", "LANG"} <= set(names.strip("'").split())
    assert await shows(zygote, project, "os.getcwd()") == repr(str(project))
    assert await shows(zygote, project, "sys.stdin.read()") == "''"


async def test_nothing_of_the_machine_is_there(zygote, project):
    top = "sorted(set(os.listdir('/')) - {'usr', 'lib', 'lib32', 'lib64', 'libx32', 'bin', 'sbin'})"
    shown = {str(p.parts[1]) for p in (project, *zygote.interpreter.visible)} - {"usr"}
    assert await shows(zygote, project, top) == repr(sorted({"dev", "etc", "proc", "run", "tmp"} | shown))
    etc = await shows(zygote, project, "sorted(os.listdir('/etc'))")
    assert set(etc.strip("[]").replace("'", "").split(", ")) <= {
        "alternatives", "group", "hosts", "ld.so.cache", "localtime", "passwd",
    }  # fmt: skip
    assert await shows(zygote, project, "len(os.listdir(os.path.dirname(os.getcwd())))") == "1"
    assert await shows(zygote, project, "__import__('getpass').getuser()") == "'soa'"


async def test_scratch_space_is_writable(zygote, project):
    assert await shows(zygote, project, "__import__('tempfile').mkdtemp()[:5]") == "'/tmp/'"
    assert await actual(zygote, project, "import multiprocessing\nmultiprocessing.Lock()\nassert 1 == 2") == "1"


async def test_no_descriptor_of_ours_is_there(zygote, project):
    paths = "[f'/proc/self/fd/{n}' for n in os.listdir('/proc/self/fd')]"
    found = await shows(zygote, project, f"sorted(os.readlink(p)[:5] for p in {paths} if os.path.lexists(p))")
    assert found == "['/dev/', 'pipe:', 'pipe:', 'pipe:']"


async def test_stale_bytecode_does_not_shadow_the_overlay(zygote, project):
    path = project / "thing.py"
    path.write_text("x = 1\n")
    py_compile.compile(str(path), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    run = "__import__('subprocess').check_output([sys.executable, '-c', 'import thing; print(thing.x)'])"
    overlay = {path: b"x = 2\n"}
    assert await shows(zygote, project, run) == r"b'1\n'"
    assert await shows(zygote, project, run, overlay) == r"b'2\n'"
    assert await shows(zygote, project, "__import__('thing').x", overlay) == "2"
    assert await shows(zygote, project, "open('thing.py').read()", overlay) == r"'x = 2\n'"
    assert path.read_text() == "x = 1\n"


async def test_the_whole_machine_is_no_workspace(zygote):
    with pytest.raises(SandboxError, match="whole machine"):
        await zygote.run(Job(Path("/"), NOTHING, {}))


async def test_a_home_folder_as_workspace_keeps_its_hidden_files(zygote, project, monkeypatch):
    monkeypatch.setenv("HOME", str(project))
    (project / ".ssh").mkdir()
    (project / ".ssh" / "id").write_text("secret")
    assert await shows(zygote, project, "os.listdir('.ssh')") == "[]"


async def test_files_that_only_we_may_read(zygote, project):
    inner = project / "inner"
    inner.mkdir(mode=0o700)
    (inner / "module.py").write_text("x = 5\n")
    (inner / "module.py").chmod(0o600)
    (project / "link.py").symlink_to("inner/module.py")
    project.chmod(0o700)
    assert (
        await shows(zygote, project, "open('inner/module.py').read() + open('link.py').read()") == r"'x = 5\nx = 5\n'"
    )


async def test_a_workspace_behind_a_link(zygote, project, tmp_path_factory):
    link = tmp_path_factory.mktemp("links") / "project"
    link.symlink_to(project)
    assert (await judge(zygote, link, "Doc.\n>>> f(1)\n2", "return 2")).verified


async def test_a_virtual_environment_in_the_workspace(project):
    interpreter = await probe(Path(sys.executable))
    venv = project / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(interpreter.links[-1])
    (venv / "pyvenv.cfg").write_text(f"home = {Path(sys.base_prefix) / 'bin'}\n")
    site = venv / f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    site.mkdir(parents=True)
    (site / "installed.py").write_text('def stub():\n    """Not ours to record."""\n')
    sandbox = await Zygote.start(venv / "bin" / "python")
    assert await shows(sandbox, project, "sys.executable, sys.prefix") == f"('{venv}/bin/python', '{venv}')"
    tests = (Test("generated", "t", "import installed\ninstalled.stub()\nassert f(1) == 3"),)
    (result,) = (await judge(sandbox, project, "Doc.", "return 2", tests)).results
    assert (result.outcome, result.blocked_by) == ("failed", frozenset())
    await sandbox.close()


async def test_cancelling_ends_everything_at_once(zygote, project):
    source = "import subprocess\nsubprocess.run(['sleep', '600'])"
    request = {**NOTHING, "generated": [{"key": 0, "source": source}], "share": 600.0, "seconds": 1200.0}
    run = asyncio.create_task(zygote.run(Job(project, request, {}, evolve(LIMITS, wall_seconds=600.0))))
    while not working_in(project):  # noqa: ASYNC110 - there is no way out of the sandbox to tell us
        await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not working_in(project)


SERVER = """
import asyncio, sys
from pathlib import Path
from soa.sandbox import Job
from soa.sandbox.zygote import Zygote
async def main(root, request):
    await (await Zygote.start(Path(sys.executable))).run(Job(root, request, {}))
asyncio.run(main(Path(sys.argv[1]), eval(sys.argv[2])))
"""


def test_nothing_outlives_a_server_that_is_killed(project):
    request = {**NOTHING, "generated": [{"key": 0, "source": "import subprocess\nsubprocess.run(['sleep', '600'])"}]}
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(project), repr(request)])
    while server.poll() is None and not working_in(project):
        os.sched_yield()
    assert server.poll() is None
    server.kill()
    server.wait()
    while working_in(project):
        os.sched_yield()


def working_in(root):
    """Processes inside a sandbox for a project."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if str((path / "cwd").readlink()).endswith(root.name) and int(path.name) != os.getpid():
                found.append(path.name)
        except OSError:
            continue
    return found


async def test_output_is_cut(zygote, project):
    request = {
        **NOTHING,
        "generated": [{"key": 0, "source": "import os\nfor _ in range(99): os.write(1, bytes(99999))"}],
    }
    report = await zygote.run(Job(project, request, {}, evolve(LIMITS, output_bytes=1000)))
    assert report.failure == ""
    assert len(report.output) == 1000


async def test_a_sandbox_that_does_not_hold_is_not_used():
    interpreter = await probe(Path(sys.executable))
    broken = Zygote(interpreter, Forks(interpreter, InBubblewrap(interpreter, shutil.which("false"))))
    with pytest.raises(SandboxError, match="does not start"):
        await broken.check()
