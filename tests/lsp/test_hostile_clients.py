"""Clients that are careless or worse: whatever they send, nobody's text is harmed, nothing secret is logged, and the
server goes on.
"""

from __future__ import annotations

import asyncio
import logging

import pytest

from editor import Refused
from gated import GatedModel
from soa.lsp.logs import write_log

INVALID_PARAMS = -32602
STUB = 'def f(x):\n    """Twice x.\n\n    >>> f(2)\n    4\n    """\n'
BODY = "    return 2 * x\n"
REPLY = f"def f(x):\n{BODY}"


def replies(*files):
    return "".join(f"=== write {file}::f\n{REPLY}" for file in files)


async def titles(editor, uri):
    lenses = await editor.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    return [lens["command"]["title"] for lens in lenses]


async def goes_on(editor, file):
    """An ordinary request gets an ordinary answer, and no fault of ours was logged."""
    uri = editor.open(file("ordinary.py", STUB))
    assert await titles(editor, uri) == ["Implement", "Decompose"]
    editor.close(uri)


# -- who the client is and what it holds


@pytest.mark.parametrize(
    "odd",
    [
        {"trace": "compact"}, {"clientInfo": {}}, {"locale": 5}, {"processId": "me"}, {"workspaceFolders": 7},
        {"workspaceFolders": [{"uri": "file://[", "name": ""}]}, {"workspaceFolders": None, "rootUri": "file://["},
        {"workspaceFolders": None, "rootPath": "\0x"}, {"workspaceFolders": None, "rootUri": "file:///\ud800"},
        {"workspaceFolders": None, "rootUri": "file:///" + "q" * 300}, {"initializationOptions": 5},
        {"initializationOptions": {"soa": [1]}},
    ],
)  # fmt: skip
async def test_an_odd_introduction_is_no_reason_not_to_serve(open_editor, file, odd, caplog):
    editor = await open_editor(start=odd, strict=False)
    await goes_on(editor, file)
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "uri",
    [
        "", "::::", "file:", "file://[x/a.py", "file://elsewhere/a.py", "file:///a%00.py", "file:///\ud800.py",
        "git:/a.py?%7B%22ref%22%7D", "vscode-notebook-cell:/a.ipynb#W0", "http://[x",
    ],
)  # fmt: skip
async def test_what_names_no_file_is_passed_over(open_editor, file, uri, caplog):
    editor = await open_editor(strict=False)
    editor.open(uri, STUB)
    assert await titles(editor, uri) == []
    for command, more in (("implement", {"name": "f"}), ("accept", {"name": "f"}), ("implementWorkspace", {})):
        arguments = {"folders": [uri]} if command == "implementWorkspace" else {"uri": uri, **more}
        with pytest.raises(Refused) as caught:
            await editor.execute(f"soa.{command}", arguments)
        assert caught.value.code == INVALID_PARAMS
    editor.replace(uri, 0, 0, "# typed\n")
    editor.save(uri) if not uri.startswith("file:") else None
    editor.close(uri)
    await goes_on(editor, file)
    assert "Traceback" not in caplog.text


async def test_names_that_no_file_can_have_get_an_answer(open_editor, file, project, caplog):
    editor = await open_editor(strict=False)
    uri = editor.open(project.as_uri(), STUB)
    done = await editor.execute("soa.implement", {"uri": uri, "name": "f"})
    assert [stub["status"] for stub in done["stubs"]] == ["failed"]
    for uri in (f"{project.as_uri()}/{'n/' * 3000}m.py", f"{project.as_uri()}/{'n' * 300}.py"):
        editor.open(uri, STUB)
        with pytest.raises(Refused, match="no open Python document"):
            await editor.execute("soa.implement", {"uri": uri, "name": "f"})
    await goes_on(editor, file)
    assert "Traceback" not in caplog.text


async def test_a_file_is_one_file_however_its_uri_is_written(open_editor, file, project):
    path = file("ü b/100% #ö.py", STUB)
    editor = await open_editor(replies("ü b/100% #ö.py"))
    uri = editor.open(path)
    await editor.execute("soa.implement", {"uri": uri, "name": "f"})
    plain = path.as_posix().replace("#", "%23").replace("100%", "100%25")
    for other in (f"file://{plain}", f"file://localhost{plain}", f"FILE://{plain}", uri.replace("/p", "/x/../p", 1)):
        editor.open(other, STUB)
        assert (await titles(editor, other))[0] == "✓ 1/1 tests · Accept"


# -- texts

TEXTS = {
    "cr": STUB.replace("\n", "\r") + "\rx = 1\r",
    "crlf": "\r\n" + STUB.replace("\n", "\r\n"),
    "mixed": STUB.replace("\n", "\r\n", 2) + "\r# über 🦉\r\n\n",
    "bom": "\ufeff" + STUB,
    "feeds": "\f" + STUB + "\f\nx = 1\n\x0b\n",
    "separators": "# a\u2028b\x85c\x1cd\n" + STUB + "# e\u2029\n",
    "nul": STUB + "\n\nx = '\0'\n",
    "alone": "# \ud800\n" + STUB + "y = '\udfff'\n",
    "combining": "# e\u0301 \uffff 🧑‍🚀\n" + STUB + "z = '🦉'\n",
    "broken": STUB + "\ndef (((\n",
    "nested": STUB + "\nx = " + "(" * 2000 + ")" * 2000 + "\n",
}


async def test_a_body_goes_into_any_text_and_every_other_character_stays(open_editor, project):
    editor = await open_editor(replies(*(f"{name}.py" for name in TEXTS)))
    for name, text in TEXTS.items():
        uri = editor.open(f"{project.as_uri()}/{name}.py", text)
        await editor.execute("soa.implement", {"uri": uri, "name": "f"})
        answer = await editor.execute("soa.accept", {"uri": uri, "name": "f"})
        if not answer["applied"]:
            assert (name, answer["reason"] != "", editor.text(uri)) == (name, True, text)
            continue
        here = text.index('"""', text.index('"""') + 3) + 3
        added = editor.text(uri)[here : len(editor.text(uri)) - len(text[here:])]
        assert editor.text(uri) == text[:here] + added + text[here:], name
        assert added.lstrip("\r\n") == BODY.rstrip(), name


async def test_documents_are_held_as_they_were_told_whatever_the_order(open_editor, project, file):
    model = GatedModel()
    editor = await open_editor(model)
    uri = editor.open(file("m.py", STUB))
    _, answer = editor.ask("workspace/executeCommand", {"command": "soa.implement", "arguments": [uri, "f"]})
    await model.asked("f")
    editor.open(uri, f"# opened twice\n{STUB}")
    for version, text in ((9, "# a\n"), (3, "# b\n"), (-3, "# c\n")):
        named = {"uri": uri, "version": version}
        change = {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": text}
        editor.notify("textDocument/didChange", {"textDocument": named, "contentChanges": [change]})
    beyond = {"start": {"line": 10**6, "character": 10**6}, "end": {"line": 3, "character": 0}}
    last = {"textDocument": {"uri": uri, "version": 10}, "contentChanges": [{"range": beyond, "text": "# end"}]}
    editor.notify("textDocument/didChange", last)
    editor.notify("textDocument/didChange", {**last, "textDocument": {"uri": f"{uri}x", "version": 1}})
    for method in ("didClose", "didSave"):
        editor.notify(f"textDocument/{method}", {"textDocument": {"uri": f"{uri}x"}})
    (project / "m.py").unlink()
    model.reply("f", REPLY)
    await answer
    view = editor.server.session.snapshot(uri)
    assert (view.version, view.text) == (10, f"# c\n# b\n# a\n# opened twice\n{STUB}# end")
    assert [stub.state for stub in view.stubs] == ["ready"]


# -- clients that do not do what they are asked


def refuses(_):
    raise Refused({"code": -32601, "message": "no such thing"})


@pytest.mark.parametrize("how", [refuses, lambda _: None, lambda _: {"what": 1}, lambda _: [[1]]])
async def test_a_client_that_refuses_or_talks_nonsense_loses_nothing(open_editor, file, how, caplog):
    editor = await open_editor(replies("m.py"), start=None, strict=False)
    editor.answers = Always(how)
    await editor.start([editor.root])
    uri = editor.open(file("m.py", STUB))
    done = await editor.execute("soa.implement", {"uri": uri, "name": "f"})
    assert [stub["status"] for stub in done["stubs"]] == ["verified"]
    shown = await editor.execute("soa.showDiff", {"uri": uri, "name": "f"})
    assert "+    return 2 * x" in shown["diff"]
    answer = await editor.execute("soa.accept", {"uri": uri, "name": "f"})
    assert (answer["applied"], editor.text(uri)) == (False, STUB)
    assert f"Not accepted: {answer['reason']}" in editor.shown
    assert (await titles(editor, uri))[0] == "✓ 1/1 tests · Accept"
    assert "Traceback" not in caplog.text


async def test_what_a_client_never_answers_is_not_waited_for_by_others(open_editor, file):
    editor = await open_editor(replies("m.py"))
    editor.answers = Always(lambda _: asyncio.get_running_loop().create_future())
    uri = editor.open(file("m.py", STUB))
    await editor.execute("soa.implement", {"uri": uri, "name": "f"})
    ident, answer = editor.ask("workspace/executeCommand", {"command": "soa.accept", "arguments": [uri, "f"]})
    await editor.wait_for("workspace/applyEdit")
    assert (await titles(editor, uri))[0] == "✓ 1/1 tests · Accept"
    editor.cancel(ident)
    with pytest.raises(Refused, match="cancelled"):
        await answer
    await editor.request("shutdown")


class Always(dict):
    """The same answer to every request."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer

    def get(self, _method, _default=None):
        return self.answer


# -- the log


async def test_a_diff_that_is_shown_as_a_message_does_not_go_to_the_log(open_editor, file, caplog):
    caplog.set_level(logging.DEBUG, "soa")
    editor = await open_editor(replies("m.py"), capabilities={"workspace": {"applyEdit": True}})
    uri = editor.open(file("m.py", f"{STUB}# very private\n"))
    await editor.execute("soa.implement", {"uri": uri, "name": "f"})
    await editor.execute("soa.showDiff", {"uri": uri, "name": "f"})
    assert "+    return 2 * x" in editor.shown[-1]
    assert not {word for word in ("private", "return 2 * x") if word in caplog.text}


def test_the_log_takes_names_that_cannot_be_encoded(tmp_path, capsys):
    root = logging.getLogger()
    before = root.handlers[:], root.level
    root.handlers = []
    try:
        write_log("info", tmp_path / "log", lambda text: text)
        logging.getLogger("soa").info("a file called %s", "\ud800.py")
        logging.getLogger("soa").info("and on")
    finally:
        logging.captureWarnings(False)
        for handler in root.handlers:
            handler.close()
        root.handlers, root.level = before
    lines = (tmp_path / "log").read_text().splitlines()
    assert [line.partition("soa: ")[2] for line in lines] == [r"a file called \ud800.py", "and on"]
    assert capsys.readouterr().err == ""
