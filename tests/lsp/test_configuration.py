"""The editor's settings: who is asked, when, and what is said of those that are wrong."""

from __future__ import annotations

import asyncio

import pytest

from editor import CAPABILITIES, PLAIN, opened
from soa.lsp.configuration import own_settings

STUB = 'def double(n):\n    """Twice n."""\n'
NEVER = {"generateTests": "never"}
UNREGISTERED = {**CAPABILITIES, "workspace": {**CAPABILITIES["workspace"], "didChangeConfiguration": {}}}
"""Of a client that can be asked, but takes no registration: Emacs."""


async def known(editor, *roots):
    """Waits until the settings of the workspaces are known, as commands do."""
    for root in roots or (editor.root,):
        await editor.server.configuration.ensure(root)


def settings_of(editor, root=None):
    return editor.server.session.settings_of(root or editor.root)


@pytest.mark.parametrize(
    ("payload", "options"),
    [
        ({"soa": {"depth": 1}}, {"depth": 1}),
        ({"settings": {"depth": 1}, "commandLinks": True}, {"depth": 1}),
        ({"settings": {"soa": {"depth": 1}}}, {"depth": 1}),
        ({"depth": 1, "commandLinks": True, "complete": False, "trusted": False}, {"depth": 1}),
        ({"soa": None}, {}),
        ({}, {}),
        (None, None),
        ([1], None),
        ("depth", None),
    ],
)
def test_the_forms_that_clients_send(payload, options):
    assert own_settings(payload) == options


async def test_a_client_that_can_be_asked_is_asked_per_folder(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    two.mkdir()
    settings = {one.as_uri(): {"depth": 1}, two.as_uri(): {"depth": 3}, None: {"depth": 9}}
    async with opened(one, settings=settings, start={"folders": [one, two]}) as editor:
        await editor.wait_for("workspace/configuration")
        await known(editor, one, two)
        assert [settings_of(editor, root).depth for root in (one, two)] == [1, 3]
        asked = [item for params in editor.seen("workspace/configuration") for item in params["items"]]
        assert sorted(item["scopeUri"] for item in asked) == [one.as_uri(), two.as_uri()]
        assert {item["section"] for item in asked} == {"soa"}


async def test_the_workspace_of_a_file_outside_of_all_folders_is_asked_for_when_it_is_opened(open_editor, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "setup.py").write_text("")
    (other / "m.py").write_text(STUB)
    editor = await open_editor(settings={other.as_uri(): {"depth": 7}, None: NEVER})
    editor.open(other / "m.py")
    await editor.wait_for("workspace/configuration", lambda p: p["items"][0]["scopeUri"] == other.as_uri())
    await known(editor, other)
    assert settings_of(editor, other).depth == 7


@pytest.mark.parametrize("capabilities", [CAPABILITIES, UNREGISTERED], ids=["registered", "unregistered"])
async def test_changes_are_heard_of(open_editor, capabilities):
    editor = await open_editor(capabilities=capabilities)
    await known(editor)
    registered = editor.seen("client/registerCapability")
    assert bool(registered) is (capabilities is CAPABILITIES)
    editor.settings[None] = {"depth": 5}
    before = len(editor.received)
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    await editor.wait_for("workspace/configuration", after=before)
    await known(editor)
    assert settings_of(editor).depth == 5


async def test_a_plain_client_sends_its_settings(open_editor):
    editor = await open_editor(capabilities=PLAIN, start={"options": {"settings": {"depth": 4}}})
    await known(editor)
    assert settings_of(editor).depth == 4
    for payload, depth in (({"soa": {"depth": 5}}, 5), ({"depth": 6}, 6), ({"soa": {}}, 2)):
        editor.notify("workspace/didChangeConfiguration", {"settings": payload})
        await editor.request("soa/runs")
        assert settings_of(editor).depth == depth
    assert not editor.shown


async def test_initialization_options_hold_where_the_client_has_nothing_to_say(open_editor):
    editor = await open_editor(settings={None: None}, start={"options": {"depth": 4, "commandLinks": True}})
    await known(editor)
    assert settings_of(editor).depth == 4
    assert editor.server.traits.command_links
    assert not editor.shown


async def test_what_is_wrong_is_named_in_one_message_once(open_editor):
    editor = await open_editor(settings={None: {"deph": 1, "attempts": "many", "depth": 3}})
    await known(editor)
    assert settings_of(editor).depth == 3
    (message,) = editor.shown
    assert "soa.deph (editor): no such setting; did you mean soa.depth?" in message
    assert "soa.attempts (editor): 'many' is not a whole number; 4 is used" in message
    for options in ({"deph": 1, "attempts": "many"}, {"deph": 1, "attempts": "many", "retries": -1}):
        editor.settings[None] = options
        before = len(editor.received)
        editor.notify("workspace/didChangeConfiguration", {"settings": None})
        await editor.wait_for("workspace/configuration", after=before)
        await known(editor)
    await editor.until(lambda: len(editor.shown) > 1)
    assert len(editor.shown) == 2
    assert "retries" in editor.shown[1]
    assert "deph" not in editor.shown[1]


async def test_what_is_wrong_in_a_repository_is_named_too(project, open_editor):
    (project / "pyproject.toml").write_text("[tool.soa]\non-save = 'apply'\ndeepth = 1\n")
    editor = await open_editor()
    await known(editor)
    (message,) = editor.shown
    assert "on-save in [tool.soa]" in message
    assert "a repository may not choose that saving writes code" in message
    assert "did you mean depth?" in message
    assert settings_of(editor).on_save == "propose"


async def test_a_bad_safety_setting_refuses_runs_until_it_is_corrected(open_editor, file):
    editor = await open_editor(
        "=== write m.py::double\ndef double(n):\n    return n * 2\n", settings={None: {**NEVER, "sandbox": "of"}}
    )
    uri = editor.open(file("m.py", STUB))
    answer = await editor.execute("soa.implement", {"uri": uri})
    assert "soa.sandbox (editor)" in answer["problem"]
    assert not editor.server.session.runs()
    assert any("soa.sandbox (editor)" in message for message in editor.shown)
    editor.settings[None] = {**NEVER, "sandbox": "off"}
    before = len(editor.received)
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    await editor.wait_for("workspace/configuration", after=before)
    await known(editor)
    await editor.execute("soa.implement", {"uri": uri})
    assert len(editor.server.session.runs()) == 1


@pytest.mark.parametrize("answer", [None, [], [5], [None], {}, "soa"])
async def test_odd_answers_leave_the_defaults(open_editor, answer):
    editor = await open_editor(answers={"workspace/configuration": lambda _: answer}, strict=False)
    await known(editor)
    assert settings_of(editor).depth == 2


async def test_a_save_waits_for_what_the_user_has_set(open_editor, file):
    setting = asyncio.get_running_loop().create_future()
    editor = await open_editor(answers={"workspace/configuration": lambda _: setting})
    uri = editor.open(file("m.py", ""))
    editor.replace(uri, 0, 0, STUB)
    editor.save(uri)
    await editor.wait_for("workspace/configuration")
    assert not editor.server.session.runs()
    setting.set_result([{"onSave": "off"}])
    await known(editor)
    await editor.request("soa/runs")
    assert not editor.server.session.runs()


async def test_flags_outrank_the_editor(open_editor):
    editor = await open_editor(settings={None: {"depth": 5}}, flags={"depth": 1}, environ={"SOA_DEPTH": "4"})
    await known(editor)
    assert settings_of(editor).depth == 1
