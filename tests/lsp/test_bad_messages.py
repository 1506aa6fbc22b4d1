"""Messages that are none, come at the wrong time or ask for nonsense: each gets its answer, and the server goes on."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor import CAPABILITIES, Refused, opened

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
INTERNAL, NOT_INITIALIZED, CANCELLED = -32603, -32002, -32800
HOVER = {"textDocument": {"uri": "file:///nowhere.py"}, "position": {"line": 0, "character": 0}}


def answers(editor):
    return [m for m in editor.received if "method" not in m]


async def raw(editor, body):
    """Sends a body and gives the error that comes back without an id, or with one."""
    count = len(answers(editor))
    editor.send_raw(body if isinstance(body, bytes) else json.dumps(body).encode())
    await editor.until(lambda: len(answers(editor)) > count)
    return answers(editor)[count]


async def goes_on(editor):
    assert await editor.request("textDocument/hover", HOVER) is None


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"", b" ", b"\xff\xfe", b'{"a": NaN}', b"nonsense", b"[" * 100_000, b'{"id": 1' + b"0" * 5000 + b"}",
        b'{"jsonrpc": "2.0", "id": 7, "method": "textDocument/hover"',
    ],
)  # fmt: skip
async def test_what_is_not_json_gets_a_parse_error_and_a_log_line(open_editor, caplog, body):
    editor = await open_editor()
    answer = await raw(editor, body)
    assert answer["id"] is None
    assert answer["error"]["code"] == PARSE_ERROR
    assert "not JSON" in caplog.text
    await goes_on(editor)


@pytest.mark.parametrize(
    ("body", "ident"),
    [
        ([], None), ([HOVER], None), (3, None), (None, None), ({}, None), ({"id": 901}, 901), ({"id": [1]}, None),
        ({"jsonrpc": "2.0", "id": [1], "method": "textDocument/hover", "params": HOVER}, None),
        ({"jsonrpc": "2.0", "id": None, "method": "textDocument/hover", "params": HOVER}, None),
        ({"jsonrpc": "2.0", "id": True, "method": "shutdown"}, None),
        ({"jsonrpc": "2.0", "id": 902, "method": 5}, 902),
    ],
)  # fmt: skip
async def test_json_that_is_no_message_is_an_invalid_request(open_editor, body, ident):
    editor = await open_editor(strict=False)
    answer = await raw(editor, body)
    assert (answer["id"], answer["error"]["code"]) == (ident, INVALID_REQUEST)
    await goes_on(editor)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        (None, "params"),
        ([], "params"),
        ({}, "text_document"),
        ({"textDocument": {"uri": 3}, "position": {"line": "x"}}, "position"),
        ({"textDocument": {"uri": "file:///a.py"}, "position": {"line": 10**30, "character": 0}}, "position"),
        ({"textDocument": {"uri": "file:///a.py"}, "position": {"line": -1, "character": 0}}, "position"),
    ],
)
async def test_parameters_that_do_not_fit_are_named(open_editor, params, said):
    editor = await open_editor()
    with pytest.raises(Refused, match=f"textDocument/hover cannot be read.*{said}") as caught:
        await editor.request("textDocument/hover", params)
    assert caught.value.code == INVALID_PARAMS
    assert "\n" not in caught.value.message
    await goes_on(editor)
    assert not editor.shown


async def test_unknown_methods_are_told_from_unknown_notifications(open_editor):
    editor = await open_editor()
    for method in ("soa/nothing", "textDocument/definition", "$/what"):
        with pytest.raises(Refused) as caught:
            await editor.request(method, {})
        assert caught.value.code == METHOD_NOT_FOUND
        editor.notify(method, {"any": "thing"})
    editor.notify("$/setTrace", {"value": "verbose"})
    editor.notify("$/setTrace", {"value": "loudly"})
    editor.notify("textDocument/didClose", {"textDocument": 5})
    await goes_on(editor)
    assert not editor.shown


async def test_requests_before_initialize_are_refused_and_notifications_dropped(open_editor, file):
    editor = await open_editor(start=None)
    with pytest.raises(Refused) as caught:
        await editor.request("textDocument/hover", HOVER)
    assert caught.value.code == NOT_INITIALIZED
    editor.notify("textDocument/didClose", {"textDocument": {"uri": "file:///a.py"}})
    await editor.start()
    with pytest.raises(Refused, match="already") as caught:
        await editor.start()
    assert caught.value.code == INVALID_REQUEST
    await goes_on(editor)


async def test_requests_after_shutdown_are_refused(open_editor):
    editor = await open_editor()
    await editor.request("shutdown")
    for method in ("textDocument/hover", "shutdown", "initialize"):
        with pytest.raises(Refused, match="shutting down") as caught:
            await editor.request(method, {"capabilities": {}})
        assert caught.value.code == INVALID_REQUEST
    editor.notify("exit")


async def test_a_capability_that_cannot_be_read_is_no_reason_not_to_start(open_editor, caplog):
    capabilities = {**CAPABILITIES, "notebookDocument": {"synchronization": 5}, "window": "none"}
    editor = await open_editor(capabilities=capabilities)
    assert "capabilities cannot be read" in caplog.text
    assert editor.server.traits.lens_refresh
    assert not editor.server.traits.progress
    await goes_on(editor)


async def test_answers_to_nothing_and_answers_that_do_not_fit_change_nothing(open_editor):
    editor = await open_editor(answers={"workspace/configuration": lambda _: "what"})
    editor.send_raw(b'{"jsonrpc": "2.0", "id": "nobody", "result": {}}')
    editor.send_raw(b'{"jsonrpc": "2.0", "id": "nobody", "error": {"code": "x"}}')
    await goes_on(editor)


async def test_a_fault_of_our_own_is_an_error_with_a_sentence_and_a_traceback_in_the_log(open_editor, caplog):
    editor = await open_editor()

    def fails(_):
        raise KeyError("secret")

    async def fails_later(_):
        raise KeyError("secret")

    for name, handler in (("soa/fails", fails), ("soa/failsLater", fails_later)):
        editor.server.feature(name)(handler)
        with pytest.raises(Refused, match=f"{name} failed, by a fault of soa's own") as caught:
            await editor.request(name, {})
        assert caught.value.code == INTERNAL
        assert "secret" not in caught.value.message
        editor.notify(name, {})
        await goes_on(editor)
    assert sum("Traceback" in (record.exc_text or "") for record in caplog.records) == 4
    assert not editor.shown


async def test_an_answer_that_cannot_be_written_is_an_error(open_editor):
    editor = await open_editor()
    editor.server.feature("soa/odd")(lambda _: object)
    with pytest.raises(Refused, match="cannot be written"):
        await editor.request("soa/odd", {})
    await goes_on(editor)


async def test_cancelling_reaches_the_handler(open_editor):
    editor = await open_editor()
    ends = []

    async def waits(_):
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ends.append("withdrawn")

    editor.server.feature("soa/waits")(waits)
    ident, answer = editor.ask("soa/waits", {})
    editor.cancel(ident)
    with pytest.raises(Refused, match="soa/waits was cancelled") as caught:
        await answer
    assert caught.value.code == CANCELLED
    assert ends == ["withdrawn"]
    editor.cancel(ident)
    editor.notify("$/cancelRequest", {"id": [1]})
    editor.notify("$/cancelRequest")
    await goes_on(editor)


async def test_an_unknown_command_offers_the_nearest(open_editor):
    editor = await open_editor()
    with pytest.raises(Refused, match=r"There is no command soa\.implment\. Did you mean soa\.implement\?") as caught:
        await editor.execute("soa.implment")
    assert caught.value.code == INVALID_PARAMS
    with pytest.raises(Refused, match=r"There is no command zzz\.$"):
        await editor.execute("zzz")


async def test_what_is_typed_is_never_logged(open_editor, file, caplog):
    caplog.set_level(logging.DEBUG, "soa")
    editor = await open_editor()
    uri = editor.open(file("m.py", "x = 'very private'\n"))
    editor.replace(uri, 0, 0, "# utterly secret\n")
    with pytest.raises(Refused):
        await editor.request("textDocument/hover", {"textDocument": "quite confidential"})
    assert not {word for word in ("private", "secret", "confidential") if word in caplog.text}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
METHODS = st.sampled_from(
    [
        "textDocument/hover", "textDocument/codeLens", "textDocument/codeAction", "codeAction/resolve",
        "workspace/executeCommand", "textDocument/didOpen", "textDocument/didChange", "textDocument/didSave",
        "textDocument/didClose", "workspace/didChangeConfiguration", "workspace/didChangeWorkspaceFolders",
        "textDocument/diagnostic", "$/cancelRequest", "soa/runs", "soa/proposal", "window/workDoneProgress/cancel",
    ]
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(METHODS, JSON, st.booleans()), max_size=12), st.lists(st.binary(max_size=40), max_size=3))
async def test_no_nonsense_ends_the_server(tmp_path_factory, calls, bodies):
    async with opened(tmp_path_factory.mktemp("any") / "project", strict=False) as editor:
        for number, (method, params, is_request) in enumerate(calls):
            message = {"jsonrpc": "2.0", "method": method, "params": params}
            editor.send_raw(json.dumps({**message, "id": f"r{number}"} if is_request else message).encode())
        for body in bodies:
            editor.send_raw(body)
        await goes_on(editor)
        requests = sum(is_request for _, _, is_request in calls)
        await editor.until(lambda: sum(str(m["id"]).startswith("r") for m in answers(editor)) == requests)
