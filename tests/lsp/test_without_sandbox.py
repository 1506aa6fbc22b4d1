"""What ran without a sandbox is called so wherever a proposal is shown, also when it comes back later."""

from __future__ import annotations

import pytest
import pytest_asyncio
from attrs import evolve
from lsprotocol.types import Position

from showing import begins, running, view_of
from soa.lsp.hover import hover_at
from soa.lsp.traits import Traits
from soa.settings import Settings

MODULE = """
    def double(n):
        \"\"\"Twice n.

        >>> double(2)
        4
        \"\"\"


    def half(n):
        \"\"\"Half of n.

        >>> half(4)
        2
        \"\"\"
"""
REPLIES = """\
=== write m.py::double
def double(n):
    return n * 2
=== write m.py::half
def half(n):
    return n
"""
SETTINGS = {None: {"generateTests": "never", "attempts": 1, "depth": 0, "sandbox": "process"}}
SAID = "ran without a sandbox"


@pytest.fixture
def module(file):
    return file("m.py", MODULE)


@pytest_asyncio.fixture
async def shown(open_editor, module):
    """An editor with what came of both stubs: one verified, one failed."""
    editor = await open_editor(REPLIES, settings=SETTINGS)
    uri = editor.open(module)
    answer = await editor.execute("soa.implementFile", {"uri": uri})
    assert {stub["name"]: (stub["status"], stub["sandbox"]) for stub in answer["stubs"]} == {
        "double": ("verified", "process"),
        "half": ("failed", "process"),
    }
    return editor, uri


async def ask(editor, uri, method, **params):
    return await editor.request(f"textDocument/{method}", {"textDocument": {"uri": uri}, **params})


async def test_lenses(shown):
    titles = [lens["command"]["title"] for lens in await ask(*shown, "codeLens")]
    assert titles[0] == f"✓ 1/1 tests, {SAID} · Accept"
    assert titles[3].startswith("✗ 1 of 1 test failed")
    assert titles[3].endswith(f", {SAID} · Retry")


async def test_hovers(shown):
    ready, lost = [
        (await ask(*shown, "hover", position={"line": line, "character": 6}))["contents"]["value"] for line in (0, 8)
    ]
    assert f"✓ verified: 1/1 tests, {SAID}" in ready
    assert f"✗ failed, {SAID}: 1 of 1 test failed" in lost


async def test_code_actions_and_the_edit_behind_them(shown):
    editor, uri = shown
    place = {"line": 0, "character": 6}
    selected = {"start": place, "end": place}
    found = await ask(editor, uri, "codeAction", range=selected, context={"diagnostics": []})
    accept = next(action for action in found if action["title"].startswith("Accept"))
    assert accept["title"] == f"Accept double (✓ 1/1 tests, {SAID})"
    edit = (await editor.request("codeAction/resolve", accept))["edit"]
    (annotation,) = edit["changeAnnotations"].values()
    assert f"1/1 tests passed, {SAID}" in annotation["description"]


async def test_diagnostics(shown):
    messages = [one["message"] for one in (await ask(*shown, "diagnostic"))["items"]]
    assert messages[0].endswith(f"a proposal: ✓ 1/1 tests, {SAID}")
    assert f"half could not be implemented, {SAID}: " in messages[1]


async def test_the_proposal_and_the_title_of_its_diff(shown):
    editor, uri = shown
    told = await editor.request("soa/proposal", {"uri": uri, "name": "double"})
    assert told["title"] == f"m.py: double (verified, 1/1 tests, {SAID})"
    assert told["sandbox"] == "process"


async def test_runs_and_their_progress(shown):
    editor, _ = shown
    (run,) = (await editor.request("soa/runs"))["runs"]
    assert run["sandbox"] == "process"
    end = await editor.wait_for("$/progress", lambda told: told["value"]["kind"] == "end")
    assert f"1 test passed, 1 failed, {SAID}" in end["value"]["message"]


def test_before_and_meanwhile():
    place, settings = Position(8, 10), Settings(sandbox="process")
    before = hover_at(view_of(settings=settings), place, Traits(), now=0.0)
    assert "They would run without a sandbox." in before.contents.value
    state = running(begins("a1"))
    at_work = view_of(settings=settings, Ledger_post={**state, "run": evolve(state["run"], sandbox="process")})
    assert hover_at(at_work, place, Traits(), now=0.0).contents.value.count(SAID) == 1


async def test_what_comes_back_in_a_later_session_says_so_whatever_is_set_then(shown, open_editor, module):
    first, _ = shown
    (run,) = (await first.request("soa/runs"))["runs"]
    again = await open_editor(settings={None: {"generateTests": "never"}}, store=first.store)
    uri = again.open(module)
    await ask(again, uri, "codeLens")
    await again.wait_for("workspace/codeLens/refresh")
    titles = [lens["command"]["title"] for lens in await ask(again, uri, "codeLens")]
    assert titles[0] == f"✓ 1/1 tests, {SAID} · Accept"
    listed = (await again.request("soa/history", {}))["runs"]
    whole = (await again.request("soa/history", {"run": run["id"]}))["runs"]
    assert [one["sandbox"] for one in (*listed, *whole)] == ["process", "process"]
