"""`soa implement` from the command line to the files, against an endpoint on this machine."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from loopback import Hang, wrong_key
from soa.cli import soa
from soa.cli.boundary import guarded
from soa.model.recorded import load_records

SHAPES = '''\
"""Shapes."""


def area(width, height):
    """Area of a rectangle.

    >>> area(2, 3)
    6
    >>> area(1, 7)
    7
    """


def label(name):
    """Name a shape, in capitals."""
'''
ANSWERS = {"area": "return width * height", "label": "return name.upper()"}


def answer(request):
    if request.step == "tests":
        return "Sorry, I cannot think of a test."
    parameters = {"area": "width, height", "label": "name"}[request.name]
    return f"```python\ndef {request.name}({parameters}):\n    {ANSWERS[request.name]}\n```"


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "shapes.py").write_text(SHAPES, encoding="utf-8")
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(capsys):
    def call(*arguments):
        code = guarded(soa, arguments)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return call


def text_of(project):
    return (project / "shapes.py").read_text(encoding="utf-8")


def run_id(err):
    return re.search(r"--resume (\w+)", err)[1]


def test_nothing_is_written_unasked_and_a_resumed_run_writes_without_a_call(project, run, loopback):
    server = loopback(answer)
    code, out, err = run("implement", "shapes.py::area", "--base-url", server.url)
    assert code == 0
    assert "+    return width * height" in out
    assert re.search(r"^verified +shapes.py::area +2/2 \(doctest 2\) +1 agent +[\d,]+ tokens$", out, re.MULTILINE)
    assert re.search(r"^1 verified; 1 agent, 1 call, ", out, re.MULTILINE)
    assert text_of(project) == SHAPES

    code, out, err = run("implement", "--resume", run_id(err), "--write")
    assert code == 0
    assert "wrote 1 function to shapes.py" in err
    assert text_of(project) == SHAPES.replace('7\n    """\n', '7\n    """\n    return width * height\n')
    assert len(server.requests) == 1


def test_what_is_unverified_is_written_and_said(project, run, loopback):
    code, out, err = run("implement", ".", "--write", "--base-url", loopback(answer).url)
    assert code == 1
    assert "unverified shapes.py::label" in out
    assert "not verified: label" in err
    assert "name.upper()" in text_of(project)
    assert run("check", ".")[0] == 0


def test_verified_only_leaves_the_unverified_out(project, run, loopback):
    code, out, _ = run("implement", ".", "--write", "--verified-only", "--base-url", loopback(answer).url)
    assert code == 1
    assert "name.upper()" not in out
    assert "width * height" in text_of(project)
    assert "name.upper()" not in text_of(project)


def test_what_failed_is_never_written(project, run, loopback):
    wrong = loopback("```python\ndef area(width, height):\n    return width + height\n```")
    code, out, err = run("implement", "shapes.py::area", "--write", "--attempts", "2", "--base-url", wrong.url)
    assert code == 1
    assert re.search(r"^failed +shapes.py::area +0/2", out, re.MULTILINE)
    assert "expected 6, got 5" in out
    assert "nothing is written" in err
    assert text_of(project) == SHAPES


def test_json_is_one_object_alone_on_standard_output(project, run, loopback):
    code, out, err = run("implement", ".", "--json", "--base-url", loopback(answer).url)
    told = json.loads(out)
    assert code == 1
    assert list(told) == ["run", "stubs", "usage", "seconds"]
    area, label = told["stubs"]
    assert list(area)[:5] == ["file", "name", "status", "agents", "depth"]
    assert list(area)[5:] == ["evidence", "usage", "reason", "sandbox", "tests"]
    assert area["sandbox"] != "process"
    assert (area["file"], area["name"], area["status"]) == ("shapes.py", "area", "verified")
    assert area["evidence"] == [{"origin": "doctest", "passed": 2, "failed": 0}]
    assert label["status"] == "unverified"
    assert label["reason"]
    assert told["usage"]["calls"] == area["usage"]["calls"] + label["usage"]["calls"]
    assert "+    return width * height" in err


def test_without_stubs_there_is_nothing_to_do(project, run):
    (project / "shapes.py").write_text("x = 1\n", encoding="utf-8")
    assert run("implement", ".") == (0, "", "soa: no stubs found in .: nothing to do\n")
    code, out, _ = run("implement", ".", "--json")
    assert (code, json.loads(out)["stubs"]) == (0, [])


def test_a_name_that_is_no_stub_is_an_error(project, run):
    code, _, err = run("implement", "shapes.py::aera")
    assert code == 2
    assert "Did you mean shapes.py::area?" in err
    assert run("implement")[0] == 2


def test_targets_of_two_projects_are_refused(project, run, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "pyproject.toml").write_text("", encoding="utf-8")
    (other / "x.py").write_text(SHAPES, encoding="utf-8")
    code, _, err = run("implement", "shapes.py", str(other / "x.py"))
    assert code == 2
    assert "different projects" in err


def test_a_plain_process_is_told_of_now_and_when_its_run_is_resumed(project, run, loopback):
    code, out, err = run("implement", "shapes.py::area", "--sandbox", "process", "--base-url", loopback(answer).url)
    assert code == 0
    assert re.search(r"^verified +shapes.py::area +2/2 \(doctest 2\), ran without a sandbox  ", out, re.MULTILINE)
    assert ", without a sandbox" in err
    code, out, _ = run("implement", "--resume", run_id(err), "--json", "--write")
    assert code == 0
    assert [stub["sandbox"] for stub in json.loads(out)["stubs"]] == ["process"]


def test_without_a_sandbox_nothing_is_verified(project, run, loopback):
    code, out, _ = run("implement", "shapes.py::area", "--sandbox", "off", "--base-url", loopback(answer).url)
    assert code == 1
    assert "unverified shapes.py::area" in out
    assert "the sandbox is off" in out


def test_an_endpoint_that_is_down_is_told_in_a_few_lines(project, run):
    code, out, err = run("implement", ".", "--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--retries", "0")
    assert (code, out) == (1, "")
    assert "127.0.0.1:9" in err
    assert len(err.splitlines()) < 15


def test_a_key_that_is_refused_is_not_shown(project, run, loopback, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-abcdefgh")
    code, _, err = run("implement", ".", "--base-url", loopback(lambda _: wrong_key()).url, "--model", "m")
    assert code == 1
    assert "OPENAI_API_KEY" in err
    assert "abcdefgh" not in err


def test_a_bad_setting_is_told(project, run):
    code, _, err = run("implement", ".", "--concurrency", "0")
    assert code == 2
    assert "--concurrency" in err
    (project / "pyproject.toml").write_text("[tool.soa]\nsandbox = 'none'\n", encoding="utf-8")
    code, _, err = run("implement", ".")
    assert code == 2
    assert "sandbox in [tool.soa]" in err


def test_an_unknown_run_cannot_be_resumed(project, run):
    code, _, err = run("implement", "--resume", "cafe")
    assert code == 2
    assert "no run cafe" in err


def test_replies_can_be_recorded(project, run, loopback, tmp_path):
    kept = tmp_path / "replies.txt"
    run("implement", "shapes.py::area", "--record", str(kept), "--base-url", loopback(answer).url)
    (record,) = load_records(kept)
    assert (record.step, record.target) == ("write", "shapes.py::area")
    assert "width * height" in record.text


def test_a_budget_stops_the_run_before_the_call(project, run, loopback):
    server = loopback(answer)
    code, _, err = run("implement", ".", "--budget-tokens", "1", "--base-url", server.url)
    assert code == 1
    assert "budget" in err.lower()
    assert len(server.requests) <= 1
    assert text_of(project) == SHAPES


SKELETON = '''\
```python
def area(width, height):
    check_side(width)
    check_side(height)
    return width * height


def check_side(side):
    """Refuse a side that is negative.

    >>> check_side(1)
    """
```'''


def test_decompose_stops_after_the_skeleton(project, run, loopback):
    server = loopback(lambda request: SKELETON if request.step == "skeleton" else "no")
    code, out, _ = run("implement", "shapes.py::area", "--decompose", "--write", "--base-url", server.url)
    assert code == 0, out
    assert "check_side(width)" in text_of(project)
    assert "check_side" in run("stubs", ".")[1]
    assert {request.step for request in server.requests} == {"skeleton"}


def start(project, *arguments, **options):
    command = [sys.executable, "-m", "soa", *arguments]
    return subprocess.Popen(command, cwd=project, stdin=subprocess.DEVNULL, env=dict(os.environ), **options)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_at_once_and_the_run_can_be_resumed(project, run, loopback, number):
    server = loopback(lambda request: Hang() if request.name == "label" else answer(request))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with start(project, "implement", ".", "--write", "--base-url", server.url, **pipes) as process:
        said = []
        for line in process.stderr:
            said.append(line)
            if line.startswith("ended") and "::area" in line:
                process.send_signal(number)
                break
        _, rest = process.communicate(timeout=20)
    err = "".join(said) + rest
    assert process.returncode == 130, err
    assert "1 proposal kept (shapes.py::area)" in err
    assert "Traceback" not in err
    assert text_of(project) == SHAPES

    server.answer = answer
    before = len(server.requests)
    run("implement", "--resume", run_id(err), "--write", "--base-url", server.url)
    assert {request.name for request in server.requests[before:]} == {"label"}
    assert "width * height" in text_of(project)


def test_a_second_interrupt_leaves_on_the_spot(project, loopback):
    server = loopback(lambda _: Hang())
    with start(project, "implement", ".", "--base-url", server.url, stderr=subprocess.PIPE, text=True) as process:
        server.arrived.acquire(timeout=20)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 130


def on_a_terminal(project, *arguments, **variables):
    mother, daughter = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", **variables}
    command = [sys.executable, "-m", "soa", *arguments]
    process = subprocess.Popen(command, cwd=project, stdin=daughter, stdout=daughter, stderr=daughter, env=environment)
    os.close(daughter)
    shown = b""
    try:
        while piece := os.read(mother, 65536):
            shown += piece
    except OSError:
        pass
    os.close(mother)
    return process.wait(), shown.decode()


def test_on_a_terminal_there_is_a_live_tree_and_colour(project, loopback):
    arguments = ("implement", "shapes.py::area", "--base-url", loopback(answer).url)
    code, shown = on_a_terminal(project, *arguments)
    assert code == 0
    assert "0 of 1 agents at work" in shown
    assert "\x1b[32mverified" in shown
    code, shown = on_a_terminal(project, *arguments, NO_COLOR="1")
    assert code == 0
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", shown)


def test_output_to_a_pipe_is_plain(project, loopback):
    command = [sys.executable, "-m", "soa", "implement", "shapes.py::area", "--base-url", loopback(answer).url]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert "ended    child   shapes.py::area  verified" in done.stderr


def test_a_reader_that_leaves_early_is_no_error(project):
    Path("many.py").write_text("".join(f'def f{i}():\n    """Do."""\n\n\n' for i in range(4000)), encoding="utf-8")
    with start(project, "stubs", ".", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert "Traceback" not in err
    assert "Broken" not in err
