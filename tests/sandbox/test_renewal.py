"""What a fork server was given when it started is no longer used once it is no longer true."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from soa.errors import SandboxError
from soa.sandbox import Job, Limits
from soa.sandbox.landlock import Landlock
from soa.sandbox.zygote import Zygote
from trial import write

KINDS = (Zygote, Landlock)
NOTHING = {"roots": [], "watched": {}, "resolve": [], "examples": [], "project": [], "files": []}
TIME = {"share": 5.0, "seconds": 10.0}
FILL = """
import os
try:
    for n in range(1000):
        with open(os.path.join(os.environ["HOME"], str(n)), "wb") as file:
            file.write(bytes(1 << 20))
except OSError:
    pass
"""
DEEP = """
import os
os.chdir(os.environ["HOME"])
for n in range(100):
    os.mkdir(str(n))
    os.chdir(str(n))
open("x", "w").close()
os.mkdir("0", 0)
"""
WRITE = """
import os
with open(os.path.join(os.environ["HOME"], "0"), "xb") as file:
    file.write(bytes(3 << 20))
"""
FORBIDDEN = "PermissionError: [Errno 13] Permission denied: '{}'"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """An interpreter with packages of its own."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


@pytest.fixture
def site(environment):
    (found,) = environment.glob("lib/*/site-packages")
    return found


@pytest.fixture(params=KINDS, ids=["zygote", "landlock"])
async def sandbox(request, environment):
    made = await request.param.start(environment / "bin" / "python")
    yield made
    await made.close()


async def actual(sandbox, root, source, limits=None):
    """What a piece of code raises in the project's module, with its message; its outcome if it raises nothing."""
    (root / "m.py").exists() or (root / "m.py").touch()
    request = {
        **NOTHING,
        **TIME,
        "roots": [str(root)],
        "module": {"name": "m", "file": str(root / "m.py")},
        "generated": [{"key": 0, "source": source}],
    }
    report = await sandbox.run(Job(root, request, {}, limits or Limits()))
    results = [e for e in report.answer["events"] if "result" in e]
    return results[0].get("actual", results[0]["outcome"]) if results else report.failure


async def shown(sandbox, root, expression):
    """The value of an expression inside, as its `repr`."""
    return await actual(sandbox, root, f"import os, sys\nassert ({expression}) is NotImplemented")


def last(sandbox):
    """The number of the server that was used last."""
    return sandbox.forks._pool.idle[-1].pid


def replace(path, text):
    """Put another file in the place of one, as editors do."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text)
    beside.replace(path)


async def test_a_server_is_used_again(sandbox, project):
    assert await shown(sandbox, project, "1") == "1"
    first = last(sandbox)
    assert await shown(sandbox, project, "2") == "2"
    assert last(sandbox) == first


@pytest.mark.parametrize("change", [replace, Path.write_text], ids=["replaced", "written"])
async def test_a_package_file_that_changes(sandbox, project, site, change):
    change(site / "package.py", "value = 'old'\n")
    (project / "m.py").write_text("import package\n")
    assert await shown(sandbox, project, "m.package.value") == "'old'"
    first = last(sandbox)
    change(site / "package.py", "value = 'newer'\n")
    assert await shown(sandbox, project, "m.package.value") == "'newer'"
    assert last(sandbox) != first


async def test_a_package_that_is_installed(sandbox, project, site):
    (site / "fresh.py").unlink(missing_ok=True)
    (project / "m.py").write_text("try:\n    import fresh\nexcept ImportError:\n    fresh = None\n")
    assert await shown(sandbox, project, "m.fresh") == "None"
    first = last(sandbox)
    (site / "fresh.py").touch()
    assert (await shown(sandbox, project, "m.fresh")).startswith("<module 'fresh'")
    assert last(sandbox) != first


async def test_a_lock_file_that_changes(sandbox, project):
    await shown(sandbox, project, "1")
    first = last(sandbox)
    (project / "uv.lock").write_text("[[package]]\n")
    await shown(sandbox, project, "1")
    assert last(sandbox) != first


@pytest.mark.parametrize("name", [".env", ".env.local"])
async def test_a_secret_that_appears(sandbox, project, name):
    await shown(sandbox, project, "1")
    (project / name).write_text("secret")
    seen = await shown(sandbox, project, f"open('{name}').read()")
    assert seen in ("''", FORBIDDEN.format(name))


@pytest.mark.parametrize("name", [".env", ".env.local"])
async def test_a_secret_that_is_replaced(sandbox, project, name):
    (project / name).write_text("secret")
    assert "secret" not in await shown(sandbox, project, f"open('{name}').read()")
    replace(project / name, "another secret")
    assert "secret" not in await shown(sandbox, project, f"open('{name}').read()")


async def test_a_history_that_is_replaced(sandbox, project):
    (project / ".git").mkdir()
    await shown(sandbox, project, "1")
    (project / ".git").rename(project / "history")
    (project / ".git").mkdir()
    (project / ".git" / "config").write_text("secret")
    assert "secret" not in await shown(sandbox, project, "open('.git/config').read()")


async def test_files_that_appear_change_and_are_replaced(sandbox, project):
    write(project, "folder/inner.txt", "old")
    write(project, "outer.txt", "old")
    read = "[open(n).read() for n in ('outer.txt', 'folder/inner.txt')]"
    assert await shown(sandbox, project, read) == "['old', 'old']"
    for name in ("outer.txt", "folder/inner.txt"):
        replace(project / name, "new")
    assert await shown(sandbox, project, read) == "['new', 'new']"
    write(project, "another.txt", "more")
    assert await shown(sandbox, project, "open('another.txt').read()") == "'more'"


async def test_files_for_us_alone_that_change_and_are_replaced(sandbox, project):
    for name in ("one.txt", "two.txt"):
        write(project, name, "old").chmod(0o600)
    read = "[open(n).read() for n in ('one.txt', 'two.txt')]"
    assert await shown(sandbox, project, read) == "['old', 'old']"
    (project / "one.txt").write_text("new")
    replace(project / "two.txt", "new")
    assert await shown(sandbox, project, read) == "['new', 'new']"


async def test_a_folder_that_is_replaced(sandbox, project):
    write(project, "folder/inner.txt", "old")
    assert await shown(sandbox, project, "open('folder/inner.txt').read()") == "'old'"
    (project / "folder").rename(project / "gone")
    write(project, "folder/inner.txt", "new")
    assert await shown(sandbox, project, "open('folder/inner.txt').read()") == "'new'"


async def test_a_project_that_is_moved_away_and_back(sandbox, project):
    await shown(sandbox, project, "1")
    away = project.with_name(f"{project.name}-away")
    project.rename(away)
    with pytest.raises(SandboxError, match="laid out"):
        await sandbox.run(Job(project, {**NOTHING, **TIME, "generated": []}, {}))
    away.rename(project)
    assert await shown(sandbox, project, "sorted(os.listdir())") == "['m.py', 'pyproject.toml']"
    project.rename(away)
    project.mkdir()
    assert await shown(sandbox, project, "sorted(os.listdir())") == "['m.py']"


@pytest.mark.parametrize("leave", [FILL, DEEP], ids=["much", "deep"])
async def test_a_home_is_clean_for_the_next_run(sandbox, project, leave):
    await actual(sandbox, project, leave, evolve(Limits(), disk_bytes=4 << 20))
    assert await shown(sandbox, project, "[n for n in os.listdir(os.environ['HOME']) if n.isdigit()]") == "[]"
    assert await actual(sandbox, project, WRITE, evolve(Limits(), disk_bytes=4 << 20)) == "passed"


async def test_a_module_with_side_effects_is_not_loaded_beforehand_and_works(sandbox, project, site):
    effect = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\nvalue = 5\n"
    (site / "effect.py").write_text(effect)
    (site / "quiet.py").write_text("value = 6\n")
    (project / "m.py").write_text("import effect, quiet\n")
    loaded = "('effect' in sys.modules, m.effect.value + m.quiet.value, __import__('threading').active_count())"
    assert await shown(sandbox, project, loaded) == "(True, 11, 2)"
    server = last(sandbox)
    assert threads(server) == 1
    assert await shown(sandbox, project, loaded) == "(True, 11, 2)"
    assert last(sandbox) == server


def threads(pid):
    """The most that any has of a process and those that it started."""
    below = [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return max(len(list(Path(f"/proc/{pid}/task").iterdir())), *map(threads, below), 0)
