"""Lenses: what they say in each state, where they stand, and that they are the protocol's."""

from __future__ import annotations

import json

import pytest
from attrs import evolve
from lsprotocol.types import CodeLens
from pygls.protocol import default_converter

from gated import GatedModel
from showing import LEDGER, URI, begins, ends, failure, proposal_of, ready, running, stale, view_of
from soa.contracts import Candidate, Helper, Status
from soa.lsp import code_lens


def lenses(view, encoding):
    return json.loads(code_lens.lenses(view, encoding))


def said(view):
    """Titles and commands of the lenses at each line."""
    found: dict[int, list[tuple[str, str]]] = {}
    for lens in lenses(view, "utf-16"):
        command = lens["command"]
        found.setdefault(lens["range"]["start"]["line"], []).append((command["title"], command["command"]))
    return found


def at_post(**known):
    return said(view_of(Ledger_post=known))[8]


def test_a_stub_of_which_nothing_is_known():
    assert said(view_of())[8] == [("Implement", "soa.implement"), ("Decompose", "soa.decompose")]
    assert list(said(view_of())) == [8, 14, 19]


def test_while_a_run_is_at_it_the_agents_are_counted():
    assert at_post(**running()) == [("waiting · Cancel", "soa.cancel")]
    at_work = running(
        begins("a1", role="mother"),
        begins("a2", "first", "a1", depth=1),
        begins("a3", "second", "a1", depth=1),
        begins("a4", "Ledger.balance"),
        ends("a2"),
    )
    assert at_post(**at_work) == [("1/3 agents · Cancel", "soa.cancel")]


def test_a_ready_proposal_says_its_evidence():
    actions = [("Diff", "soa.showDiff"), ("Reject", "soa.reject")]
    assert at_post(**ready()) == [("✓ 1/1 tests · Accept", "soa.accept"), *actions]
    unverified = proposal_of(status=Status.UNVERIFIED, results=(), reason="there is no test for it")
    assert at_post(**ready(unverified)) == [("? not verified · Accept", "soa.accept"), *actions]
    skeleton = Candidate("return first()", (Helper("first", 'def first():\n    """One."""'),))
    decomposed = proposal_of(status=Status.UNVERIFIED, candidate=skeleton, skeleton=True, results=())
    assert at_post(**ready(decomposed)) == [("Skeleton · Accept", "soa.accept"), *actions]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("2 of 7 tests failed; example 1: expected 1, got 2", "2 of 7 tests failed"),
        ("No model is configured.\nSet OPENAI_BASE_URL.", "No model is configured"),
        ("helper `parse_the_lines_of_it`: no usable reply came", "helper `parse_the_lines_of_it`: no usable…"),
        ("x" * 200, "x" * 47 + "…"),
        ("", "it failed"),
        ("line\x1b[31m one\u202e", "line\\x1b[31m one\\u202e"),
    ],
)  # fmt: skip
def test_a_failure_says_why_in_a_few_words(reason, words):
    assert at_post(**failure(reason)) == [(f"✗ {words} · Retry", "soa.implement"), ("Reject", "soa.reject")]


def test_a_changed_contract():
    assert at_post(**stale()) == [("~ contract changed · Implement", "soa.implement")]


def test_none_where_nothing_can_be_implemented():
    assert lenses(view_of(problem="pyproject.toml cannot be read."), "utf-16") == []


def test_a_run_can_be_cancelled_where_the_settings_have_become_wrong():
    view = view_of(problem="pyproject.toml cannot be read.", Ledger_post=running(), parse=ready())
    assert said(view) == {8: [("waiting · Cancel", "soa.cancel")]}


def test_where_nothing_may_run_they_are_plain_text():
    view = evolve(view_of(problem="There is no trust."), trusted=False)
    assert said(view) == {line: [("stub · workspace not trusted", "")] for line in (8, 14, 19)}
    assert all(lens["command"].keys() == {"title", "command"} for lens in lenses(view, "utf-16"))
    assert default_converter().structure(lenses(view, "utf-16"), list[CodeLens])


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", 28), ("utf-16", 25), ("utf-32", 24)])
def test_they_stand_at_the_def(encoding, end):
    text = 'class A:\n\n    def f(self, x="😀é"): "Doc."\n'
    lens = lenses(view_of(text), encoding)[0]
    assert lens["range"] == {"start": {"line": 2, "character": 4}, "end": {"line": 2, "character": end}}


def test_a_header_over_several_lines_and_other_line_ends():
    text = '@cache\r\nasync def f(\r\n    a,\r\n):\r\n    "Doc."\r\n'
    lens = lenses(view_of(text), "utf-16")[0]
    assert lens["range"] == {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 12}}


def test_each_names_its_stub():
    arguments = [lens["command"]["arguments"] for lens in lenses(view_of(LEDGER), "utf-16")]
    assert arguments[0] == [{"uri": URI, "name": "Ledger.post"}]
    assert arguments[-1] == [{"uri": URI, "name": "parse"}]


def test_they_are_lenses_of_the_protocol():
    converter = default_converter()
    view = view_of(Ledger_post=ready(), parse=failure())
    for lens in lenses(view, "utf-16"):
        assert converter.unstructure(converter.structure(lens, CodeLens)) == lens


def test_stubs_of_the_same_name_each_have_theirs():
    text = 'def f():\n    "One."\n\n\ndef f():\n    "One."\n'
    assert list(said(view_of(text))) == [0, 4]


# With a server

MODULE = """
    def double(n):
        \"\"\"Twice n.

        >>> double(2)
        4
        \"\"\"
"""
REPLIES = "=== write m.py::double\ndef double(n):\n    return n * 2\n"


async def ask(editor, uri):
    return await editor.request("textDocument/codeLens", {"textDocument": {"uri": uri}})


def words(found):
    return [lens["command"]["title"] for lens in found]


async def test_from_implement_to_accept_by_lenses_alone(open_editor, file):
    editor = await open_editor(REPLIES)
    uri = editor.open(file("m.py", MODULE))
    implement, _ = await ask(editor, uri)
    await editor.execute(implement["command"]["command"], *implement["command"]["arguments"])
    accept, diff, reject = await ask(editor, uri)
    assert words([accept, diff, reject]) == ["✓ 1/1 tests · Accept", "Diff", "Reject"]
    assert (await editor.execute(accept["command"]["command"], *accept["command"]["arguments"]))["applied"]
    assert "    return n * 2\n" in editor.text(uri)
    assert await ask(editor, uri) == []


async def test_a_running_one_can_be_cancelled_by_its_lens(open_editor, file):
    model = GatedModel()
    editor = await open_editor(model)
    uri = editor.open(file("m.py", MODULE))
    await ask(editor, uri)
    before = len(editor.received)
    running = editor.ask("workspace/executeCommand", {"command": "soa.implement", "arguments": [{"uri": uri}]})[1]
    await model.asked("double")
    await editor.wait_for("workspace/codeLens/refresh", after=before)
    (cancel,) = await ask(editor, uri)
    assert cancel["command"]["title"] == "0/1 agents · Cancel"
    assert (await editor.execute("soa.cancel", *cancel["command"]["arguments"]))["cancelled"] == 1
    await running
    assert words(await ask(editor, uri)) == ["Implement", "Decompose"]


async def test_typing_alone_asks_for_no_refresh(open_editor, file):
    editor = await open_editor(REPLIES)
    uri = editor.open(file("m.py", MODULE))
    await ask(editor, uri)
    editor.replace(uri, 0, 0, "\n# more\n")
    assert [lens["range"]["start"]["line"] for lens in await ask(editor, uri)] == [2, 2]
    await editor.execute("soa.implement", uri)
    await editor.wait_for("workspace/codeLens/refresh")
    assert words(await ask(editor, uri)) == ["✓ 1/1 tests · Accept", "Diff", "Reject"]


@pytest.mark.parametrize("uri", ["untitled:x", "git:/a/b.py", "file:///nowhere/x.py", "nonsense"])
async def test_documents_that_are_not_ours(open_editor, uri):
    editor = await open_editor()
    assert await ask(editor, uri) == []


async def test_a_run_can_be_cancelled_when_pyproject_has_been_broken_meanwhile(open_editor, file, project):
    model = GatedModel()
    editor = await open_editor(model)
    uri = editor.open(file("m.py", 'def double(n):\n    """Twice n."""\n'))
    running = editor.ask("workspace/executeCommand", {"command": "soa.implement", "arguments": [uri]})[1]
    await model.asked("double")
    await editor.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    file("pyproject.toml", "[tool.soa]\nbudget-tokens = 'much'\n")
    before = len(editor.received)
    editor.save(uri)
    await editor.wait_for("workspace/diagnostic/refresh", after=before)
    told = await editor.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    assert [item["code"] for item in told["items"]] == ["settings"]
    (lens,) = await ask(editor, uri)
    assert lens["command"]["title"] == "0/1 agents · Cancel"
    assert await editor.execute(lens["command"]["command"], *lens["command"]["arguments"]) == {"cancelled": 1}
    assert (await running)["stubs"][0]["status"] == "cancelled"
    assert await ask(editor, uri) == []
