"""What the editor holds is what the session holds, character by character; what is no Python file does no harm."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor import CAPABILITIES, opened

STUB = 'def double(n):\n    """Twice n."""\n'
CHARACTERS = st.sampled_from(
    ["a", "\n", "\r", "\r\n", " ", "é", "e\u0301", "😀", "\u2028", "\x0c", "\x85", "\ufeff", '"""']
)
TEXTS = st.lists(CHARACTERS, max_size=12).map("".join)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), TEXTS), max_size=8)


def held(editor, uri):
    """The text that the server holds."""
    view = editor.server.session.snapshot(uri)
    return view and view.text


async def heard(editor):
    """Waits until the server has taken in all that was sent."""
    await editor.request("soa/runs")


def speaking(encoding):
    return {**CAPABILITIES, "general": {"positionEncodings": [encoding, "utf-16"]}}


def between_pairs(text, offset):
    """No editor has a place between a carriage return and its line feed."""
    return offset + 1 if text[offset - 1 : offset + 1] == "\r\n" else offset


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@settings(max_examples=15, deadline=None)
@given(text=TEXTS, edits=EDITS)
async def test_documents_are_kept_exactly_in_all_encodings(tmp_path_factory, encoding, text, edits):
    root = tmp_path_factory.mktemp("exact") / "project"
    async with opened(root, capabilities=speaking(encoding)) as editor:
        assert editor.encoding == encoding
        uri = editor.open(root / "m.py", STUB + text)
        for first, second, new in edits:
            now = editor.text(uri)
            start, end = sorted(between_pairs(now, round(part * len(now))) for part in (first, second))
            editor.replace(uri, start, end, new)
        await heard(editor)
        assert held(editor, uri) == editor.text(uri)


async def test_several_changes_in_one_message_follow_each_other(open_editor, file):
    editor = await open_editor()
    uri = editor.open(file("m.py", STUB))
    start = {"line": 0, "character": 0}
    changes = [
        {"text": "x = 1\n"},
        {"range": {"start": start, "end": start}, "rangeLength": 0, "text": "# one\n"},
        {"range": {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 500}}, "text": "2"},
        {"range": {"start": {"line": 900, "character": 4}, "end": {"line": 901, "character": 5}}, "text": "end"},
    ]
    editor.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": 7}, "contentChanges": changes})
    await heard(editor)
    assert held(editor, uri) == "# one\nx = 2\nend"
    assert editor.server.session.snapshot(uri).version == 7


async def test_a_change_that_cannot_be_read_gives_the_document_up_and_says_so(open_editor, file):
    editor = await open_editor(strict=False)
    uri = editor.open(file("m.py", STUB))
    bad = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"range": {"start": {}}, "text": "x"}]}
    editor.notify("textDocument/didChange", bad)
    await editor.until(lambda: bool(editor.shown))
    assert f"lost track of {uri}" in editor.shown[0]
    assert held(editor, uri) is None
    editor.close(uri)
    editor.open(editor.path(uri))
    await heard(editor)
    assert held(editor, uri) == STUB


@pytest.mark.parametrize(
    ("uri", "language"),
    [
        ("git:/project/m.py?ref=HEAD", "python"),
        ("vscode-vfs://github/o/r/m.py", "python"),
        ("http://localhost/m.py", "python"),
        ("nonsense", "python"),
        ("", "python"),
        ("file:///m%00.py", "python"),
        ("file:///project/notes.md", "markdown"),
        ("file:///project/m.pyi", "python"),
    ],
)
async def test_what_is_no_python_file_is_left_alone(open_editor, uri, language):
    editor = await open_editor()
    editor.open(uri, STUB, language)
    editor.replace(uri, 0, 0, "# more\n")
    editor.save(uri) if not uri.startswith("file:") else editor.notify(
        "textDocument/didSave", {"textDocument": {"uri": uri}}
    )
    where = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 5}}
    assert await editor.request("textDocument/hover", where) is None
    assert await editor.request("textDocument/codeLens", {"textDocument": {"uri": uri}}) == []
    editor.close(uri)
    await heard(editor)
    assert not editor.shown


async def test_an_unsaved_document_says_what_to_do(open_editor):
    editor = await open_editor()
    uri = editor.open("untitled:Untitled-1", STUB)
    editor.save(uri)
    await heard(editor)
    assert "Save the file first" in editor.server.session.snapshot(uri).problem
    assert not editor.server.session.runs()


@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not have")
@pytest.mark.parametrize(
    "name", ["with space.py", "größe.py", "100%.py", "a#b?.py", "😀.py", "c:\\d.py", "semi;colon.py"]
)
async def test_names_of_all_kinds(open_editor, file, name):
    editor = await open_editor()
    path = file(name, STUB)
    uri = editor.open(path)
    await heard(editor)
    assert editor.server.session.snapshot(uri).path == path


async def test_changes_of_what_was_never_opened_and_opening_twice(open_editor, file):
    editor = await open_editor()
    uri = file("m.py", STUB).as_uri()
    nowhere = {"uri": uri, "version": 3}
    editor.notify("textDocument/didChange", {"textDocument": nowhere, "contentChanges": [{"text": "x"}]})
    editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    editor.open(editor.path(uri))
    editor.open(editor.path(uri), STUB + "# again\n")
    await heard(editor)
    assert held(editor, uri) == STUB + "# again\n"
    assert not editor.shown


async def test_a_request_sees_what_was_typed_before_it_and_not_what_comes_after(open_editor, file):
    editor = await open_editor()
    uri = editor.open(file("m.py", "x = 1\n"))
    _, none = editor.ask("textDocument/codeLens", {"textDocument": {"uri": uri}})
    editor.replace(uri, 0, 0, STUB)
    _, two = editor.ask("textDocument/codeLens", {"textDocument": {"uri": uri}})
    editor.rewrite(uri, "")
    assert await none == []
    assert len(await two) == 2
    await heard(editor)
    assert held(editor, uri) == ""


async def test_folders_come_and_go(open_editor, tmp_path):
    editor = await open_editor()
    folders = {name: {"uri": (tmp_path / name).as_uri(), "name": name} for name in ("one", "two")}
    odd = {"uri": "vscode-vfs://github/o/r", "name": "far"}

    def change(**event):
        editor.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [], **event}})

    change(added=[*folders.values(), odd])
    await heard(editor)
    assert editor.server.session.folders == (editor.root, tmp_path / "one", tmp_path / "two")
    change(removed=[folders["one"], odd], added=[folders["two"]])
    await heard(editor)
    assert editor.server.session.folders == (editor.root, tmp_path / "two")


@pytest.mark.parametrize(
    "said", [{"rootUri": "URI"}, {"rootPath": "PATH"}, {"rootUri": "URI", "workspaceFolders": None}]
)
async def test_older_clients_say_one_folder(open_editor, project, said):
    values = {"URI": project.as_uri(), "PATH": str(project), None: None}
    more = {"workspaceFolders": None, **{key: values[value] for key, value in said.items()}}
    editor = await open_editor(start={"folders": (), **more})
    await heard(editor)
    assert editor.server.session.folders == (project,)
