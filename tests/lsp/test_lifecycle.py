"""From `initialize` to `exit`: what the server says of itself, and what is left of a connection that ends."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types
from lsprotocol.converters import get_converter

from editor import CAPABILITIES, PLAIN, Editor, Refused, connected, opened
from gated import GatedModel
from soa.lsp import capabilities
from soa.lsp.client import Refresh
from soa.lsp.server import SoaLanguageServer
from soa.lsp.traits import Traits, read_traits
from soa.session.client import Message

CANCELLED = -32800
STUBS = '''
    def double(n):
        """Twice n."""


    def half(n):
        """Half of n."""
'''
REFRESH = "workspace/codeLens/refresh"
EGLOT = {
    "workspace": {
        "applyEdit": True,
        "executeCommand": {"dynamicRegistration": False},
        "workspaceEdit": {"documentChanges": True},
        "configuration": True,
        "workspaceFolders": True,
    },
    "textDocument": {
        "synchronization": {"dynamicRegistration": False, "willSave": True, "willSaveWaitUntil": True, "didSave": True},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
        "publishDiagnostics": {"relatedInformation": False, "tagSupport": {"valueSet": [1, 2]}},
    },
    "experimental": {},
}
"""What eglot 1.9 says, as far as it matters."""


def traits_of(client, **more) -> Traits:
    params = {"processId": None, "rootUri": None, "capabilities": client, **more}
    return read_traits(get_converter().structure(params, types.InitializeParams))


async def test_the_server_names_itself_and_what_it_can(open_editor):
    editor = await open_editor()
    assert editor.result["serverInfo"]["name"] == "soa"
    assert editor.result["capabilities"]["textDocumentSync"] == {"openClose": True, "change": 2, "save": True}
    assert "soa.implement" in editor.result["capabilities"]["executeCommandProvider"]["commands"]


async def test_a_plain_client_is_served_and_asked_for_nothing(open_editor, file):
    editor = await open_editor(capabilities=PLAIN)
    assert "diagnosticProvider" not in editor.result["capabilities"]
    assert "notebookDocumentSync" not in editor.result["capabilities"]
    uri = editor.open(file("m.py", STUBS))
    assert len(await editor.request("textDocument/codeLens", {"textDocument": {"uri": uri}})) == 4
    assert not [m for m in editor.received if "method" in m and "id" in m]


async def test_what_is_offered_is_answered_and_what_is_answered_is_offered(open_editor):
    editor = await open_editor()
    features, offered = editor.server.protocol.fm.features, editor.result["capabilities"]
    assert sorted(editor.server.commands) == sorted(offered["executeCommandProvider"]["commands"])
    for provider, method in (
        ("hoverProvider", types.TEXT_DOCUMENT_HOVER),
        ("codeLensProvider", types.TEXT_DOCUMENT_CODE_LENS),
        ("codeActionProvider", types.TEXT_DOCUMENT_CODE_ACTION),
        ("inlineCompletionProvider", types.TEXT_DOCUMENT_INLINE_COMPLETION),
        ("diagnosticProvider", types.TEXT_DOCUMENT_DIAGNOSTIC),
        ("notebookDocumentSync", types.NOTEBOOK_DOCUMENT_DID_OPEN),
    ):
        assert provider in offered
        assert method in features


def test_traits_of_a_client_that_can_everything_and_of_one_that_can_nothing():
    everything = traits_of(CAPABILITIES, initializationOptions={"commandLinks": True, "complete": True})
    can = {name for name in Traits.__slots__ if getattr(everything, name, None) is True}
    assert {name for name in Traits.__slots__ if getattr(Traits(), name, None) is False} - can == {"waits_for_commands"}
    assert traits_of({}, clientInfo={"name": "x"}) == Traits()
    assert traits_of({}, initializationOptions="odd", clientInfo={"name": "x"}) == Traits()


@pytest.mark.parametrize(
    ("client", "more", "waits"),
    [
        (EGLOT, {}, True),
        (CAPABILITIES, {"clientInfo": {"name": "Eglot", "version": "1.17"}}, True),
        (CAPABILITIES, {"clientInfo": {"name": "emacs"}}, True),
        (CAPABILITIES, {"clientInfo": {"name": "Neovim"}}, False),
        (CAPABILITIES, {}, False),
    ],
)
def test_editors_that_stand_still_while_a_command_runs(client, more, waits):
    assert traits_of(client, **more).waits_for_commands is waits


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"), ([], "utf-16"), (["utf-8", "utf-16"], "utf-8"), (["utf-16", "utf-8"], "utf-16"),
        (["utf-7", "utf-32"], "utf-32"), (["utf-7"], "utf-16"),
    ],
)  # fmt: skip
def test_positions_are_counted_as_the_client_likes_best(offered, chosen):
    general = {} if offered is None else {"general": {"positionEncodings": offered}}
    assert traits_of(general).encoding == chosen
    assert capabilities.offer(Traits(encoding=chosen)).position_encoding == chosen


async def test_shutdown_ends_runs_and_answers_who_waits(open_editor, file):
    model = GatedModel()
    editor = await open_editor(model)
    uri = editor.open(file("m.py", STUBS))
    _, command = editor.ask("workspace/executeCommand", {"command": "soa.implementFile", "arguments": [{"uri": uri}]})
    await model.asked("double")
    await editor.request("shutdown")
    with pytest.raises(Refused) as caught:
        await command
    assert caught.value.code == CANCELLED
    assert not [run for run in editor.server.session.runs() if run.status == "running"]
    assert not model.waiting
    editor.notify("exit")


async def test_a_client_that_dies_takes_its_runs_with_it(project, file):
    model = GatedModel()
    async with opened(project, replies=model) as editor:
        uri = editor.open(file("m.py", STUBS))
        editor.ask("workspace/executeCommand", {"command": "soa.implementFile", "arguments": [{"uri": uri}]})
        await model.asked("double")
        editor.hang_up()
        await editor.ended()
        assert editor.exit_code == 1
        assert not [run for run in editor.server.session.runs() if run.status == "running"]
        assert not model.waiting


async def test_a_connection_on_which_nothing_is_said():
    async with connected(SoaLanguageServer(lambda _: pytest.fail("nobody introduced himself"))) as editor:
        editor.hang_up()
        await editor.ended()
    assert editor.exit_code == 1


async def test_two_windows_have_nothing_in_common_but_the_store(project, file, tmp_path):
    path = file("m.py", STUBS)
    async with opened(project, store=tmp_path / "s") as one, opened(project, store=tmp_path / "s") as two:
        uri = one.open(path)
        await one.request("soa/runs")
        await two.request("soa/runs")
        assert one.server.session.documents() == (uri,)
        assert two.server.session.documents() == ()


async def test_a_client_that_never_says_what_is_set_is_served_all_the_same(open_editor, file):
    never = asyncio.get_running_loop().create_future()
    editor = await open_editor(answers={"workspace/configuration": lambda _: never})
    uri = editor.open(file("m.py", STUBS))
    await editor.server.configuration.ensure_for(uri)
    assert editor.server.session.settings_of(editor.root).depth == 2
    never.set_result([{"depth": 5}])
    await editor.request("soa/runs")
    await editor.server.configuration.ensure_for(uri)


async def test_refreshes_wait_for_each_other(open_editor):
    answers = [asyncio.get_running_loop().create_future() for _ in range(2)]
    waiting = iter(answers)
    editor: Editor = await open_editor(answers={REFRESH: lambda _: next(waiting)})
    refresh = Refresh(editor.server, REFRESH)
    for _ in range(5):
        refresh()
    await editor.wait_for(REFRESH)
    refresh()
    answers[0].set_result(None)
    await editor.until(lambda: len(editor.seen(REFRESH)) == 2)
    answers[1].set_result(None)
    await editor.request("soa/runs")
    assert len(editor.seen(REFRESH)) == 2


async def test_changes_are_shown_together(open_editor):
    editor = await open_editor()
    shown, told = [], asyncio.Event()

    def fails(uris, runs):
        raise ValueError("a fault of one listener")

    def listens(uris, runs):
        shown.append(uris)
        told.set()

    editor.server.on_change(fails)
    editor.server.on_change(listens)
    for name in ("a", "b", "a"):
        editor.server.client.changed(frozenset({name}), ())
    await told.wait()
    assert shown == [frozenset({"a", "b"})]


async def test_messages_reach_the_user_and_their_cause_the_log(open_editor, caplog):
    editor = await open_editor()
    caplog.set_level("INFO", "soa")
    for grade in ("error", "warning", "info", "log"):
        editor.server.client.tell(Message(grade, f"an {grade}", "because"))
    await editor.request("soa/runs")
    assert [p["type"] for p in editor.seen("window/showMessage")] == [1, 2, 3]
    assert editor.seen("window/logMessage") == [{"type": 4, "message": "an log"}]
    assert caplog.text.count("because") == 4
