"""A workspace that its user does not trust: whatever is in it, and whatever is asked for, nothing runs."""

from __future__ import annotations

import asyncio
import shlex
import sys
from typing import TYPE_CHECKING, Any

import pytest

from editor import CAPABILITIES, Refused
from served import family, served
from soa.lsp import names
from soa.session.folders import NO_TRUST

if TYPE_CHECKING:
    from pathlib import Path

    from editor import Editor

DOUBLE = '''def double(n):
    """Twice n.

    >>> double(2)
    4
    """
'''
TRAPS = """
import pathlib
pathlib.Path({marker!r}).touch()
"""

WATCH = """
import os, sys
log = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
STARTS = ("subprocess.", "os.posix_spawn", "os.fork", "os.exec", "os.system", "os.spawn", "socket.connect", "sqlite3.")

def heard(event, arguments):
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if event.startswith(STARTS) or writes:
        os.write(log, f"{{event}} {{arguments[:1]}}\\n".encode())

sys.addaudithook(heard)
"""
"""Has the server write down what it starts, connects to and writes to."""


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """Is there as soon as anything of the workspace has run."""
    return tmp_path / "ran"


@pytest.fixture
def endpoint(loopback):
    return loopback("def double(n):\n    return n * 2\n")


@pytest.fixture
def trap(project: Path, marker: Path, endpoint) -> Path:
    """A workspace that says where to ask and what to run, and brings an interpreter of its own."""
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\ntouch {shlex.quote(str(marker))}\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    (project / "pyproject.toml").write_text(
        f'[tool.soa]\nmodel = "loopback"\nbase-url = "{endpoint.url}"\ngenerate-tests = "never"\non-save = "propose"\n'
    )
    for name in ("conftest.py", "sitecustomize.py", "test_m.py", "soa.py"):
        (project / name).write_text(TRAPS.format(marker=str(marker)))
    (project / "m.py").write_text(DOUBLE)
    (project / "other.py").write_text(DOUBLE)
    return project


def sprung(marker: Path) -> bool:
    """Whether something of the workspace has run since this was asked last."""
    found = marker.exists()
    marker.unlink(missing_ok=True)
    return found


def watch(folder: Path) -> dict[str, str]:
    """Variables of a server that is watched."""
    (folder / "watch").mkdir()
    (folder / "watch" / "sitecustomize.py").write_text(WATCH.format(log=str(folder / "log")))
    return {"PYTHONPATH": str(folder / "watch"), "PYTHONDONTWRITEBYTECODE": "1"}


def done_by_server(folder: Path) -> set[str]:
    """What watched servers have done since this was asked last, by the names of Python's audit events."""
    lines = (folder / "log").read_text().splitlines()
    (folder / "log").write_text("")
    return {line.split()[0] for line in lines}


def contents(*roots: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for root in roots for path in root.rglob("*") if path.is_file()}


async def everything(editor: Editor, uri: str, elsewhere: str) -> dict[str, list[Any]]:
    """Ask for all that can be asked for; the answers, or what was refused."""
    answers: dict[str, list[Any]] = {}

    async def ask(method: str, params: Any = None) -> None:
        try:
            answer = await editor.request(method, params)
        except Refused as refused:
            answer = refused.message
        name = params["command"] if method == "workspace/executeCommand" else method
        answers.setdefault(name, []).append(answer)

    at = editor.place(uri, '    """')
    span = {"start": {"line": 0, "character": 0}, "end": at["position"]}
    for method in ("codeLens", "hover", "diagnostic"):
        await ask(f"textDocument/{method}", at)
    await ask("textDocument/inlineCompletion", {**at, "context": {"triggerKind": 1}})
    for trigger in (1, 2):
        for only in (None, ["quickfix.soa"], ["source.soa.insertVerified"]):
            context = {"diagnostics": [], "triggerKind": trigger, **({"only": only} if only else {})}
            await ask("textDocument/codeAction", {**at, "range": span, "context": context})
    for data in ({"uri": uri, "name": "double"}, {"uri": elsewhere}):
        await ask("codeAction/resolve", {"title": "t", "kind": "source.soa.insertVerified", "data": data})
    await ask(names.RUNS)
    await ask(names.HISTORY, {})
    await ask(names.EXCHANGES, {"run": "r1", "agent": "a1"})
    await ask(names.PROPOSAL, {"uri": uri, "name": "double"})
    for command in names.COMMANDS:
        for arguments in _arguments(command, uri, elsewhere):
            await ask("workspace/executeCommand", {"command": command, "arguments": arguments})
    return answers


def _arguments(command: str, uri: str, elsewhere: str) -> list[list[Any]]:
    named = {"uri": uri, "name": "double"}
    special = {
        names.IMPLEMENT_FILE: [[{"uri": uri}]],
        names.IMPLEMENT_WORKSPACE: [[]],
        names.CANCEL: [[], [named]],
        names.ACCEPT: [[named], [{**named, "beside": True}], [{"uri": elsewhere}]],
        names.REGENERATE: [[{**named, "remark": "quick"}]],
    }
    return special.get(command, [[named]])


async def test_whatever_is_asked_for_nothing_runs(trap: Path, marker: Path, endpoint, tmp_path: Path):
    data = tmp_path / "data"
    watched = watch(tmp_path)
    environ = {**watched, "XDG_DATA_HOME": str(data), "OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "k-1234567"}
    chosen = {"onSave": "apply", "baseUrl": endpoint.url, "model": "loopback"}
    await (await asyncio.create_subprocess_exec(trap / ".venv" / "bin" / "python", "-c", "")).wait()
    assert sprung(marker), "the trap does not work"

    async with served(trap, environ=environ, settings={None: {**chosen, "onSave": "off"}}) as (editor, process):
        uri = editor.open(trap / "m.py")
        done = await editor.execute(names.IMPLEMENT, {"uri": uri, "name": "double"})
        assert done["stubs"][0]["status"] == "verified"
        assert len(family(process.pid)) > 1
        await editor.leave()
        await process.wait()
    assert endpoint.requests
    assert not sprung(marker), "the workspace's interpreter is held while it is asked"
    assert {"subprocess.Popen", "socket.connect", "sqlite3.connect", "open"} <= done_by_server(tmp_path)

    connections, before = endpoint.connections, contents(trap, data)
    options = {"trusted": False, "complete": True, "commandLinks": True, "settings": chosen}
    async with served(trap, environ=environ, options=options, settings={None: chosen}) as (editor, process):
        uri = editor.open(trap / "m.py")
        notebook = (trap / "n.ipynb").as_uri()
        cell = editor.open_notebook(trap / "n.ipynb", "import m\n", DOUBLE)[1]
        for change in ("", "# typed\n"):
            editor.rewrite(uri, DOUBLE + change)
            editor.save(uri)
            editor.notify("workspace/didChangeConfiguration", {"settings": {"soa": chosen}})
            editor.notify("notebookDocument/didSave", {"notebookDocument": {"uri": notebook}})
            await everything(editor, cell, (trap / "elsewhere.py").as_uri())
            answers = await everything(editor, uri, (trap / "other.py").as_uri())
            assert family(process.pid) == [process.pid]
        assert editor.text(uri) == DOUBLE + "# typed\n"
        assert not editor.seen("workspace/applyEdit")
        assert not editor.seen("workspace/configuration")
        assert not editor.seen("soa/complete")
        await editor.leave()
        await process.wait()
    assert contents(trap, data) == {**before, trap / "m.py": editor.text(uri).encode()}
    assert not sprung(marker)
    assert not done_by_server(tmp_path)
    assert endpoint.connections == connections
    _check(answers)


def _check(answers: dict[str, list[Any]]) -> None:
    """What is shown, and what those who asked were told."""
    assert [lens["command"] for lens in answers["textDocument/codeLens"][0]] == [
        {"title": "stub · workspace not trusted", "command": ""}
    ]
    assert NO_TRUST.problem in answers["textDocument/hover"][0]["contents"]["value"]
    assert [item["code"] for item in answers["textDocument/diagnostic"][0]["items"]] == ["stub"]
    assert answers["textDocument/inlineCompletion"] == [[]]
    actions = [action for found in answers["textDocument/codeAction"] for action in found]
    assert {action["disabled"]["reason"] for action in actions} == {NO_TRUST.problem}
    assert answers["codeAction/resolve"] == [NO_TRUST.problem] * 2
    assert answers[names.RUNS] == answers[names.HISTORY] == [{"runs": []}]
    assert "No run 'r1' is kept" in answers[names.EXCHANGES][0]
    assert (answers[names.PROPOSAL][0]["status"], answers[names.PROPOSAL][0]["reason"]) == ("", NO_TRUST.problem)
    for command in (
        names.IMPLEMENT, names.IMPLEMENT_FILE, names.IMPLEMENT_WORKSPACE, names.DECOMPOSE, names.REGENERATE
    ):  # fmt: skip
        assert [(a["run"], a["problem"]) for a in answers[command]] == [("", NO_TRUST.problem)], command
    assert not any(answer["applied"] for answer in answers[names.ACCEPT] + answers[names.REJECT])
    assert answers[names.SHOW_DIFF][0]["reason"] == NO_TRUST.problem
    assert answers[names.CANCEL] == [{"cancelled": 0}] * 2


@pytest.mark.parametrize("capabilities", [CAPABILITIES, {}], ids=["modern", "plain"])
async def test_who_asks_is_told_once_what_to_do(open_editor, file, capabilities):
    editor = await open_editor(start={"options": {"trusted": False}}, capabilities=capabilities)
    uri = editor.open(file("m.py", DOUBLE))
    for command, arguments in (
        (names.IMPLEMENT, {"uri": uri, "name": "double"}),
        (names.IMPLEMENT_FILE, {"uri": uri}),
        (names.IMPLEMENT_WORKSPACE, {}),
        (names.DECOMPOSE, {"uri": uri, "name": "double"}),
    ):
        before = len(editor.shown)
        answer = await editor.execute(command, arguments)
        assert answer["problem"] == NO_TRUST.problem
        assert editor.shown[before:] == [NO_TRUST.problem]
    assert not editor.seen("$/progress")


async def test_without_a_word_of_trust_all_is_as_before(open_editor, file):
    editor = await open_editor("=== write m.py::double\ndef double(n):\n    return n * 2\n", start={"options": {}})
    uri = editor.open(file("m.py", DOUBLE))
    assert (await editor.execute(names.IMPLEMENT, {"uri": uri}))["stubs"][0]["status"] == "verified"
    assert editor.seen("workspace/configuration")


async def test_a_chosen_model_of_the_editor_is_asked_by_its_name(project: Path, file):
    """From the setting to the question, through the engine's process."""
    asked = []

    def answer(params: Any) -> dict[str, str]:
        asked.append(params["model"])
        return {"text": "def double(n):\n    return n * 2\n"}

    settings = {None: {"model": "editor:gpt-4.1", "generateTests": "never"}}
    options = {"complete": True, "trusted": True}
    async with served(
        project, options=options, settings=settings, answers={"soa/complete": answer}
    ) as (editor, process):  # fmt: skip
        uri = editor.open(file("m.py", DOUBLE))
        done = await editor.execute(names.IMPLEMENT, {"uri": uri})
        assert done["stubs"][0]["status"] == "verified"
        await editor.leave()
        await process.wait()
    assert asked == ["gpt-4.1"]
