"""Bad input gets a clear error, and nothing is lost: through the whole command, with an endpoint on this machine.

Each case checks the same three things besides its own: no traceback, an exit code that the design knows, and files
that hold either what they held before or a whole new function.
"""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from textwrap import indent

import pytest

from loopback import Cut, Hang, Raw, Status, Text, quota, unknown_model, web_page, wrong_key
from soa.cli import soa
from soa.cli.boundary import guarded

DOUBLE = 'def double(n):\n    """Twice n.\n\n    >>> double(4)\n    8\n    >>> double(5)\n    10\n    """\n'
WRITTEN = DOUBLE + "    return n * 2\n"


def stub(name):
    return DOUBLE.replace("double", name)


def answer(request):
    return f"```python\ndef {request.name}(n):\n    return n * 2\n```"


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    (folder / "a.py").write_text(DOUBLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(capsys):
    def call(*arguments):
        code = guarded(soa, arguments)
        out, err = capsys.readouterr()
        assert code in (0, 1, 2)
        assert "Traceback" not in out + err
        assert "bug in soa" not in err
        return code, out, err

    return call


@pytest.fixture
def implement(run, loopback):
    """Implements `a.py`, or what is named, with these answers."""

    def call(reply, *arguments):
        server = loopback(reply if callable(reply) else lambda _: reply)
        targets = [a for a in arguments[:1] if not a.startswith("-")] or ["a.py"]
        flags = arguments[len([a for a in arguments[:1] if not a.startswith("-")]) :]
        endpoint = ("--base-url", server.url, "--model", "m", "--write", "--depth", "0", "--attempts", "2")
        return run("implement", *targets, *endpoint, *flags)

    return call


def statuses(out):
    return {s["name"]: (s["status"], s["reason"]) for s in json.loads(out)["stubs"]}


# What the user points at


@pytest.mark.parametrize(
    ("target", "said"),
    [
        pytest.param("x" * 5000 + ".py", "There is no file xxx", id="long"),
        ("a\x1b[2J.py", r"There is no file a\x1b[2J.py"),
        ("aa.py::double", "Did you mean a.py?"),
        ("gone/", "There is no file or folder gone"),
        ("", "A target is empty"),
        ("::double", "names no function of a file"),
        ("a.py::dubl", "Did you mean a.py::double?"),
        ("pipe.py", "a device or a pipe"),
        ("circle.py", "There is no file circle.py"),
    ],
)
def test_a_target_that_is_none(project, run, target, said):
    os.mkfifo("pipe.py")
    Path("circle.py").symlink_to("circle.py")
    code, out, err = run("implement", target)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) <= 3


@pytest.mark.parametrize("text", ["", '"""Only a docstring."""\n', "x = 1"])
def test_a_file_without_a_stub(project, run, text):
    Path("a.py").write_text(text)
    assert run("implement", "a.py", "--write") == (0, "", "soa: no stubs found in a.py: nothing to do\n")


def test_without_a_model_one_screen_says_what_to_set(project, run):
    code, out, err = run("implement", "a.py", "--model", "no-such-model-anywhere")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) <= 24
    assert "--model NAME" in err


def test_one_file_under_several_names_is_one_target(project, implement):
    Path("link.py").symlink_to("a.py")
    code, out, _ = implement(answer, "a.py", "./a.py", "link.py", "a.py::double", "--json")
    assert code == 0
    assert list(statuses(out)) == ["double"]
    assert Path("a.py").read_text() == WRITTEN
    assert Path("link.py").is_symlink()


def test_odd_names_and_places_work(project, implement):
    for path in ("a b/größe 1.py", "class.py", "my-mod.py"):
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_text(stub("größe"), encoding="utf-8")
    Path("long.py").write_text(f"LONG = {'x' * 200_000!r}\n{stub('after')}")
    code, out, _ = implement(answer, ".", "--json")
    assert code == 0, out
    assert "return n * 2" in Path("a b/größe 1.py").read_text(encoding="utf-8")


def test_a_name_that_is_not_utf_8(project, implement):
    Path(os.fsdecode(b"\xff.py")).write_text(DOUBLE)
    code, _, err = implement(answer, ".")
    assert code in (0, 1), err
    assert Path("a.py").read_text() == WRITTEN


# The endpoint


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (wrong_key(), "Set OPENAI_API_KEY"),
        (unknown_model("m"), "It has: loopback."),
        (quota(), "quota is used up"),
        (Hang(), "raise --timeout"),
        (Hang("def double"), "raise --timeout"),
        (web_page(), "a web page, '502 Bad Gateway'"),
        (Raw(b"<!DOCTYPE html><title>Login</title>", "text/html"), "is no OpenAI-compatible API"),
        (Status(307, headers={"Location": "http://elsewhere.invalid/v1"}), "points to another address (307)"),
        (Cut("def double", after=4), "breaks its replies off"),
    ],
    ids=["key", "model", "quota", "hang", "hang-midway", "page", "html", "redirect", "cut"],
)
def test_an_endpoint_that_gives_no_answer(project, implement, fault, said):
    patience = "0.3" if isinstance(fault, Hang) else "30"  # where an answer comes, no machine is too slow for it
    code, out, err = implement(fault, "--retries", "0", "--timeout", patience)
    assert (code, out) == (1, "")
    assert said in err
    assert len(err.splitlines()) <= 6
    assert Path("a.py").read_text() == DOUBLE


def test_an_endpoint_that_is_down_as_json(project, run):
    code, out, _ = run("implement", "a.py", "--json", "--base-url", "http://127.0.0.1:9/v1", "--model", "m")
    assert code == 1
    assert list(json.loads(out)) == ["error"]
    assert "Is the server running?" in json.loads(out)["error"]["advice"]


REPLIES = {
    "empty": "",
    "prose": "I cannot help with that.",
    "cut_off": Text("```python\ndef cut_off(n):\n    return (n,", finish="length"),
    "another": "def something(n):\n    return n * 2",
    "parameters": "def parameters(a, b):\n    return a * 2",
    "syntax": "```python\ndef syntax(n):\n    return n *\n```",
    "huge": "def huge(n):\n" + "    n = n + 1\n" * 100_000,
    "endless": Text("x = 1\n" * 200, endless=True),
    "still_empty": "def still_empty(n):\n    ...",
    "zero": "def zero(n):\n    return '\0'",
}


def test_replies_that_are_no_use(project, implement):
    text = "\n\n".join(map(stub, REPLIES))
    Path("a.py").write_text(text)
    code, out, _ = implement(lambda r: REPLIES[r.name], "--json", "--reply-tokens", "2000")
    assert code == 1
    found = statuses(out)
    assert {name for name, (status, _) in found.items() if status == "failed"} == set(REPLIES)
    assert all(reason for _, reason in found.values())
    assert "cut off" in found["huge"][1]
    assert "(a, b)" in found["parameters"][1]
    assert Path("a.py").read_text() == text


def test_half_a_character_is_no_harm(project, implement):
    body = "print('\\ud800\\x1b[2J')\n    return n"
    replies = [f"def double(n):\n    {body}\n", "def double(n):\n    return n * 2  # \ud800 \ud83d\ude00\n"]
    code, out, _ = implement(lambda r: replies[min(r.index, 1)])
    assert code == 0, out
    assert Path("a.py").read_text(encoding="utf-8").endswith("    return n * 2  # \ufffd \U0001f600\n")


def test_a_terminal_is_not_steered(project, implement):
    _, out, err = implement("def double(n):\n    raise ValueError('\\ud800\\x1b[2J')\n")
    assert "\x1b" not in out + err
    assert "\\x1b[2J" in out


# What candidates and the user's modules do

CANDIDATES = {
    "loops": "while True: pass",
    "forks": "import os\nwhile True: os.fork()",
    "eats": "kept = []\nwhile True: kept.append(bytearray(1 << 24))",
    "prints": "for _ in range(1024): print('x' * (1 << 20))\nreturn 2 * n",
    "leaves": "import os\nos._exit(0)",
    "deletes": "import os, shutil\nshutil.rmtree(os.getcwd(), ignore_errors=True)\nos.remove(__file__)\nreturn 2 * n",
}


def processes_of(folder):
    """Processes that work in a folder or name it."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line, where = (entry / "cmdline").read_bytes(), (entry / "cwd").readlink()
        except OSError:
            continue
        if int(entry.name) != os.getpid() and (str(folder).encode() in line or where.is_relative_to(folder)):
            found[int(entry.name)] = line.replace(b"\0", b" ").decode()
    return found


def test_candidates_that_mean_harm(project, implement):
    text = "\n\n".join(map(stub, CANDIDATES))
    Path("a.py").write_text(text)
    Path("kept.txt").write_text("kept")

    def harm(request):
        return f"def {request.name}(n):\n{indent(CANDIDATES[request.name], '    ')}\n"

    limits = ("--attempts", "1", "--test-seconds", "3", "--test-memory-mb", "256")
    code, out, _ = implement(harm, "--json", *limits)
    assert code == 1
    assert {status for status, _ in statuses(out).values()} == {"failed"}
    assert Path("a.py").read_text() == text
    assert Path("kept.txt").exists()
    assert processes_of(project) == {}


MODULES = {
    "missing": ("import no_such_module\n", "unverified"),
    "raises": ("raise RuntimeError('at import')\n", "unverified"),
    "asks": ("NAME = input('name? ')\n", "unverified"),
    "exits": ("import sys\nsys.exit(3)\n", "unverified"),
    "endless": ("while True: pass\n", "unverified"),
    "broken": ("def half(:\n    pass\n", "unverified"),
    "threads": ("import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n", "verified"),
    "reads": ("import sys\nsys.stdin.read()\n", "verified"),
    "prints": ("print('hello' * 1000)\n", "verified"),
    "closes": ("import os\nos.close(0); os.close(1); os.close(2)\n", "verified"),
}


def test_modules_that_misbehave_when_imported(project, implement):
    Path("a.py").unlink()
    for name, (text, _) in MODULES.items():
        Path(f"{name}.py").write_text(f"{text}\n\n{DOUBLE}")
    _, out, err = implement(answer, ".", "--json", "--test-seconds", "3")
    told = {s["file"].removesuffix(".py"): s for s in json.loads(out)["stubs"]}
    assert {name: s["status"] for name, s in told.items()} == {name: status for name, (_, status) in MODULES.items()}
    assert all("cannot be imported, with or without" in s["reason"] for s in told.values() if s["reason"])
    assert "hello" not in out + err
    for name, (text, _) in MODULES.items():
        assert Path(f"{name}.py").read_text() == f"{text}\n\n{WRITTEN}"
    assert processes_of(project) == {}


# Files that change while the model works


def meanwhile(change):
    def act(request):
        change()
        return answer(request)

    return act


def test_a_file_that_changed_elsewhere_is_re_anchored(project, implement):
    code, *_ = implement(meanwhile(lambda: Path("a.py").write_text(f"import os\n\n\n{DOUBLE}\n\nY = 2\n")))
    assert code == 0
    assert Path("a.py").read_text() == f"import os\n\n\n{WRITTEN}\n\nY = 2\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (DOUBLE.replace("Twice", "Thrice").encode(), "its contract changed meanwhile"),
        (f"{DOUBLE}    return n + n\n".encode(), "it is no stub there any more"),
        (b"\0\0", "is a binary file"),
        (None, "does not exist"),
    ],
    ids=["contract", "filled", "binary", "deleted"],
)
def test_what_cannot_be_anchored_is_stale_and_the_rest_is_written(project, implement, content, reason):
    Path("b.py").write_text(DOUBLE)

    def change():
        if content is None:
            Path("a.py").unlink(missing_ok=True)
        else:
            Path("a.py").write_bytes(content)

    code, out, _ = implement(meanwhile(change), ".", "--json")
    assert code == 1
    told = {s["file"]: (s["status"], s["reason"]) for s in json.loads(out)["stubs"]}
    assert told["a.py"][0] == "stale"
    assert reason in told["a.py"][1]
    assert told["b.py"][0] == ("verified" if content is not None else told["b.py"][0])
    assert Path("b.py").read_text() == WRITTEN
    assert content is None or Path("a.py").read_bytes() == content


def test_a_project_that_vanishes(project, implement):
    code, out, err = implement(meanwhile(lambda: shutil.rmtree(project, ignore_errors=True)))
    assert code == 1, err
    assert "stale" in out
    assert not project.exists()


def test_a_file_that_cannot_be_written(project, implement):
    """Seen by all as read-only, root included, as on a read-only disk."""
    with read_only(project / "a.py") as works:
        code, out, err = implement(answer)
    if not works:
        pytest.skip("neither an unprivileged user nor allowed to make a file immutable")
    assert code == 1
    assert "verified" in out
    assert "cannot be written: it is read-only" in err
    assert Path("a.py").read_text() == DOUBLE


@contextmanager
def read_only(path):
    if os.getuid() != 0:
        path.chmod(0o444)
        yield True
        return
    tool = shutil.which("chattr")
    works = (
        tool is not None and subprocess.run([tool, "+i", str(path)], capture_output=True, check=False).returncode == 0
    )
    try:
        yield works
    finally:
        if works:
            subprocess.run([tool, "-i", str(path)], check=True)


def test_a_file_that_cannot_be_read(project):
    """As somebody else than root, whom no permission stops."""
    (project / "a.py").chmod(0o000)
    done = as_nobody(project, "stubs", "a.py")
    assert done.returncode == 2, done.stderr
    assert "a.py cannot be read: permission denied" in done.stderr


def as_nobody(folder, *arguments):
    python = "/usr/bin/python3" if os.getuid() == 0 else sys.executable
    test = [python, "-c", "import enum; enum.StrEnum"]
    if os.getuid() == 0 and (not Path(python).exists() or subprocess.run(test, check=False).returncode):
        pytest.skip(f"{python} is missing or too old")
    for parent in (folder, *folder.parents):
        if parent.owner() == "root" and parent != Path("/") and os.getuid() == 0:
            parent.chmod(parent.stat().st_mode | 0o055)
    who = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    environment = {**os.environ, "PYTHONPATH": ":".join(p for p in sys.path if p), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python, "-m", "soa", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, **who)


# Being stopped


def start(project, *arguments):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, "text": True}
    return subprocess.Popen([sys.executable, "-m", "soa", *arguments], cwd=project, env=dict(os.environ), **pipes)


def until(process, beginning):
    """Read standard error up to a line that begins like this."""
    lines = iter(process.stderr.readline, "")
    return next(line for line in lines if line.startswith(beginning))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_goes_on_where_it_was(project, run, loopback, number):
    """The first stub is finished, the second is being tested, the third waits for its answer."""
    Path("a.py").write_text("\n\n".join(map(stub, ("first", "second", "third"))))
    forever = "def second(n):\n    while True: pass\n"
    server = loopback(lambda r: {"second": forever, "third": Hang()}.get(r.name) or answer(r))
    with start(project, "implement", "a.py", "--write", "--base-url", server.url, "--depth", "0") as process:
        ident = until(process, "started").split()[-1]
        until(process, "ended    child   a.py::first")
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    assert "Traceback" not in err
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    wait_until_gone(project)
    asked = {r.name for r in server.requests}
    before = len(server.requests)
    server.answer = answer
    code, out, _ = run("implement", "--resume", ident, "--write", "--base-url", server.url, "--test-seconds", "2")
    assert code == 0, out
    assert asked == {"first", "second", "third"}
    assert {r.name for r in server.requests[before:]} <= {"second", "third"}
    assert {r.step for r in server.requests[before:] if r.name == "second"} <= {"repair"}
    assert Path("a.py").read_text().count("return n * 2") == 3


def wait_until_gone(folder):
    """The kernel ends what a killed process leaves; that takes a moment, and must not take long."""
    for pid in processes_of(folder):
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            ended, _, _ = select.select([handle], [], [], 10)
            os.close(handle)
            assert ended
    assert processes_of(folder) == {}


def test_an_interrupt_while_python_loads_is_quiet(project):
    program = "import os, signal, sys; sys.argv = ['soa', 'stubs', 'a.py']; from soa.__main__ import main;\n" + (
        "import importlib.abc\n"
        "class Stop(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'click': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Stop())\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=project, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_reader_that_leaves_stops_no_work(project, loopback):
    command = f"{sys.executable} -m soa implement a.py --write --base-url {loopback(answer).url} 2>&1 | head -n 1"
    done = subprocess.run(command, shell=True, cwd=project, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("started")
    assert len(done.stdout.splitlines()) == 1
    assert Path("a.py").read_text() == WRITTEN


def test_a_full_disk_behind_standard_output(project):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "soa", "stubs", "a.py"]
        done = subprocess.run(command, cwd=project, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_two_runs_at_once_on_one_file(project, loopback):
    server = loopback(lambda r: Hang())
    arguments = ("implement", "a.py", "--write", "--depth", "0", "--retries", "2", "--base-url", server.url)
    with start(project, *arguments) as one, start(project, *arguments) as other:
        for _ in range(2):
            server.arrived.acquire(timeout=30)
        server.answer = answer
        server.release()
        codes = sorted(p.wait(timeout=60) for p in (one, other))
        said = one.stderr.read() + other.stderr.read()
    assert "Traceback" not in said
    assert codes in ([0, 0], [0, 1])
    assert Path("a.py").read_text() == WRITTEN


# Settings and surroundings


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--concurrency", "0"), "--concurrency"),
        (("--concurrency", "-1"), "--concurrency"),
        (("--concurrency", "many"), "--concurrency"),
        (("--timeout", "nan"), "--timeout"),
        (("--python", "/etc/passwd"), "no interpreter at /etc/passwd"),
        (("--base-url", "nonsense://x"), "is not an address"),
        (("--budget-usd", "1"), "no price is known for the model m"),
        (("--record", "/nowhere/x"), "/nowhere/x cannot be written"),
        (("--resume", "cafe"), "no run cafe"),
        (("--nonsense",), "No such option"),
    ],
)
def test_settings_that_are_nonsense(project, run, flags, said):
    endpoint = ("--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--json")
    code, out, err = run("implement", "a.py", *endpoint, *flags)
    assert code == 2
    assert said in err
    assert list(json.loads(out)) == ["error"]
    assert set(json.loads(out)["error"]) == {"message", "advice"}


@pytest.mark.parametrize("kind", ["folder", "garbage", "file above"])
def test_a_store_that_cannot_be_used(project, run, tmp_path, kind):
    folder = tmp_path / "data/soa-language-server"
    if kind == "file above":
        folder.parent.write_text("")
    else:
        folder.mkdir(parents=True)
    if kind == "folder":
        (folder / "store.sqlite3").mkdir()
    if kind == "garbage":
        (folder / "store.sqlite3").write_bytes(b"garbage" * 1000)
    code, out, err = run("implement", "a.py", "--base-url", "http://127.0.0.1:9/v1", "--model", "m")
    assert (code, out) == (2, "")
    assert re.search(r"The store .* cannot be used", err)
    assert "XDG_DATA_HOME" in err


def test_a_limit_says_how_to_raise_it(project, implement):
    code, out, _ = implement("def double(n):\n    return n\n", "--budget-tokens", "300", "--json")
    assert code == 1
    assert "--budget-tokens" in statuses(out)["double"][1]


def test_a_home_that_is_not_there(project, implement, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "40")
    code, out, err = implement(answer)
    assert code == 0
    assert "\x1b" not in out + err
    assert Path("a.py").read_text() == WRITTEN
