"""`soa/history` and `soa/exchanges`: what is told of runs that are over, and of what agents asked."""

from __future__ import annotations

import asyncio
import sqlite3
import textwrap

import pytest

from editor import Refused, opened
from gated import GatedModel
from soa.contracts import Address
from soa.model import Message, Query, Reply
from soa.store import Store

INVALID, FAILED = -32602, -32803
MODULE = '''
    def double(n):
        """Twice n.

        >>> double(2)
        4
        """

    def half(n):
        """Half of n.

        >>> half(4)
        2
        """
'''
REPLIES = {"double": "def double(n):\n    return n * 2\n", "half": "def half(n):\n    return n // 2\n"}


@pytest.fixture
def module(file):
    return file("m.py", MODULE)


def model(*names):
    return GatedModel(ready={name: REPLIES[name] for name in names})


async def implemented(open_editor, module, *names, **options):
    """A session that implements these stubs in a run each and ends; the ids of the runs, the newest first."""
    async with opened(module.parent, replies=model(*names), **options) as editor:
        uri = editor.open(module)
        return [(await editor.execute("soa.implement", uri, name))["run"] for name in names][::-1]


async def history(editor, **params):
    return (await editor.request("soa/history", params))["runs"]


async def exchanges(editor, run, agent="a1"):
    return (await editor.request("soa/exchanges", {"run": run, "agent": agent}))["exchanges"]


# -- runs of earlier sessions


async def test_there_is_no_history_at_first(open_editor):
    editor = await open_editor()
    assert await editor.request("soa/history") == {"runs": []}
    assert await history(editor) == []


async def test_earlier_runs_are_told_the_newest_first(open_editor, module, project):
    half, double = await implemented(open_editor, module, "double", "half")
    editor = await open_editor()
    told = await history(editor)
    assert [(run["id"], run["title"]) for run in told] == [(half, "half"), (double, "double")]
    (run,) = await history(editor, limit=1)
    assert run == told[0]
    assert (run["status"], run["model"], run["calls"], run["tokens"]) == ("done", "gated", 1, 20)
    assert (run["passed"], run["failed"], run["done"], run["total"]) == (1, 0, 1, 1)
    assert (run["folder"], run["agents"], run["decompose"]) == (project.as_uri(), [], False)
    assert run["stubs"] == [{"uri": module.as_uri(), "file": "m.py", "name": "half"}]
    assert run["began"] > 1.7e9
    assert 0 < run["seconds"] < 60


async def test_the_runs_of_this_session_are_in_its_own_list_only(open_editor, module):
    (double,) = await implemented(open_editor, module, "double")
    editor = await open_editor(model("half"))
    mine = (await editor.execute("soa.implement", editor.open(module), "half"))["run"]
    assert [run["id"] for run in await history(editor)] == [double]
    (run,) = await history(editor, run=mine)
    live = (await editor.request("soa/runs"))["runs"][0]
    assert run == live


async def test_a_past_run_is_told_with_its_agents_as_it_was(open_editor, module):
    async with opened(module.parent, replies=model("double", "half")) as editor:
        editor.open(module)
        ident = (await editor.execute("soa.implementFile", {"uri": module.as_uri()}))["run"]
        (live,) = (await editor.request("soa/runs"))["runs"]
    editor = await open_editor()
    (run,) = await history(editor, run=ident)
    (listed,) = await history(editor)
    assert {**run, "agents": []} == listed
    for key in ("id", "title", "folder", "status", "model", "done", "total", "passed", "failed", "calls", "tokens"):
        assert run[key] == live[key], key
    assert run["title"] == "2 stubs of m.py"
    for agent, was in zip(run["agents"], live["agents"], strict=True):
        assert {**agent, "seconds": 0} == {**was, "seconds": 0}
        assert 0 <= agent["seconds"] <= run["seconds"]


async def test_a_cancelled_and_a_failed_run_are_told_as_what_they_were(open_editor, module):
    gated = GatedModel()
    async with opened(module.parent, replies=gated) as editor:
        running = asyncio.ensure_future(editor.execute("soa.implement", editor.open(module), "double"))
        await gated.asked("double")
        await editor.execute("soa.cancel")
        await running
        (live,) = (await editor.request("soa/runs"))["runs"]
    assert [agent["status"] for agent in live["agents"]] == ["cancelled"]
    async with opened(module.parent, replies="") as editor:
        await editor.execute("soa.implement", editor.open(module), "half")
    editor = await open_editor()
    failed, cancelled = await history(editor)
    assert (cancelled["title"], cancelled["status"]) == ("double", "cancelled")
    assert (failed["title"], failed["status"]) == ("half", "failed")
    assert "No reply is recorded" in failed["problem"]
    (run,) = await history(editor, run=cancelled["id"])
    assert [(agent["status"], agent["doing"]) for agent in run["agents"]] == [("cancelled", "write")]


async def test_runs_of_other_workspaces_are_not_told_of(open_editor, module, tmp_path):
    other = tmp_path / "other"
    store = module.parent.with_suffix(".sqlite3")
    (ident,) = await implemented(open_editor, module, "double")
    async with opened(other, store=store) as editor:
        assert await history(editor) == []
        for ask in (history(editor, run=ident), exchanges(editor, ident)):
            with pytest.raises(Refused, match=f"No run '{ident}' is kept of the workspaces that are open") as refused:
                await ask
            assert refused.value.code == FAILED


@pytest.mark.parametrize("ident", ["cafe", "' OR 1=1 --", "\x00", "\ud800", "é" * 9999])
async def test_an_unknown_run_is_an_error_that_says_so(open_editor, ident):
    editor = await open_editor()
    for ask in (history(editor, run=ident), exchanges(editor, ident)):
        with pytest.raises(Refused, match=r"No run .* is kept") as refused:
            await ask
        assert refused.value.code == FAILED


@pytest.mark.parametrize("limit", [0, 1, 10**30])
async def test_any_limit_of_zero_or_more_will_do(open_editor, module, limit):
    await implemented(open_editor, module, "double", "half")
    assert len(await history(await open_editor(), limit=limit)) == min(limit, 2)


@pytest.mark.parametrize("params", [{"limit": -1}, {"limit": 1.5}, {"limit": True}, {"run": 1}, {"x": 1}, [], "a"])
async def test_wrong_parameters_of_history_are_refused(open_editor, params):
    editor = await open_editor()
    with pytest.raises(Refused, match="soa/history: ") as refused:
        await editor.request("soa/history", params)
    assert refused.value.code == INVALID


# -- what agents asked


async def test_the_prompt_and_the_reply_of_an_agent_are_told(open_editor, module):
    editor = await open_editor(model("double"))
    ident = (await editor.execute("soa.implement", editor.open(module), "double"))["run"]
    (exchange,) = await exchanges(editor, ident)
    assert exchange.keys() == {"step", "at", "messages", "reply", "promptTokens", "completionTokens"}
    assert (exchange["step"], exchange["reply"]) == ("write", REPLIES["double"])
    assert (exchange["promptTokens"], exchange["completionTokens"]) == (10, 10)
    assert exchange["messages"][0]["role"] == "system"
    assert "Twice n." in exchange["messages"][-1]["content"]
    assert exchange["at"] > 1.7e9
    assert await exchanges(editor, ident, "a2") == []
    assert await exchanges(editor, ident, "\ud800") == []


async def test_they_are_told_in_later_sessions_too(open_editor, module):
    (ident,) = await implemented(open_editor, module, "double")
    (exchange,) = await exchanges(await open_editor(), ident)
    assert exchange["reply"] == REPLIES["double"]


async def test_a_question_is_told_before_it_is_answered(open_editor, module):
    gated = GatedModel()
    editor = await open_editor(gated)
    running = asyncio.ensure_future(editor.execute("soa.implement", editor.open(module), "double"))
    await gated.asked("double")
    (run,) = (await editor.request("soa/runs"))["runs"]
    (exchange,) = await exchanges(editor, run["id"])
    assert (exchange["reply"], exchange["promptTokens"], exchange["completionTokens"]) == (None, 0, 0)
    gated.reply("double", REPLIES["double"])
    await running
    (exchange,) = await exchanges(editor, run["id"])
    assert exchange["reply"] == REPLIES["double"]


async def test_questions_are_in_order(open_editor, module):
    replies = textwrap.dedent("""
        === write m.py::double
        def double(n):
            return n
        === repair m.py::double
        def double(n):
            return n + n
    """)
    editor = await open_editor(replies)
    ident = (await editor.execute("soa.implement", editor.open(module), "double"))["run"]
    told = await exchanges(editor, ident)
    assert [e["step"] for e in told] == ["write", "repair"]
    assert told[0]["at"] <= told[1]["at"]
    assert "return n + n" in told[1]["reply"]


async def test_no_key_is_told_nor_in_the_kept_prompt(open_editor, file, project, monkeypatch):
    key = "xq-77-secret-value"
    monkeypatch.setenv("SOME_SERVICE_TOKEN", key)
    module = file("m.py", f"TOKEN = {key!r}\n\ndef double(n):\n    '''Twice n, not {key}.'''\n")
    reply = f"def double(n):\n    return n * 2  # {key}\n"
    editor = await open_editor(GatedModel(ready={"double": reply}), flags={"generate_tests": "never"})
    ident = (await editor.execute("soa.implement", editor.open(module), "double"))["run"]
    (exchange,) = await exchanges(editor, ident)
    assert key not in repr(exchange)
    assert "not [key]." in exchange["messages"][-1]["content"]
    assert exchange["reply"] == reply.replace(key, "[key]")


async def test_what_has_become_a_secret_since_is_not_told_either(open_editor, module, monkeypatch):
    (ident,) = await implemented(open_editor, module, "double")
    monkeypatch.setenv("NEW_KEY", "Twice n.")
    monkeypatch.setenv("OTHER_KEY", "return n * 2")
    (exchange,) = await exchanges(await open_editor(), ident)
    assert "Twice n." not in repr(exchange)
    assert "return n * 2" not in exchange["reply"]


@pytest.mark.parametrize(
    "params", [None, {}, {"run": "r"}, {"run": "r", "agent": 1}, {"run": "r", "agent": "a", "x": 1}]
)
async def test_wrong_parameters_of_exchanges_are_refused(open_editor, params):
    editor = await open_editor()
    with pytest.raises(Refused, match="soa/exchanges: ") as refused:
        await editor.request("soa/exchanges", params)
    assert refused.value.code == INVALID


# -- without a store


async def test_without_trust_nothing_is_told(open_editor, module):
    (ident,) = await implemented(open_editor, module, "double")
    editor = await open_editor(start={"initializationOptions": {"trusted": False}})
    assert await history(editor) == []
    with pytest.raises(Refused, match="No run"):
        await exchanges(editor, ident)


async def test_a_store_that_breaks_is_an_error_with_a_sentence(open_editor, module, project):
    (ident,) = await implemented(open_editor, module, "double")
    editor = await open_editor()
    with sqlite3.connect(project.with_suffix(".sqlite3")) as db:
        db.execute("DROP TABLE exchanges")
        db.execute("DROP TABLE runs")
    db.close()
    for ask in (history(editor), history(editor, run=ident), exchanges(editor, ident)):
        with pytest.raises(Refused, match=r"The store .* cannot be used any more") as refused:
            await ask
        assert refused.value.code == FAILED


async def test_an_answer_with_any_characters_can_be_told(open_editor, project):
    query = Query((Message("user", "odd: \udc80 \x00 😀"),), "one", "child", "write", Address("m.py", "f"), 0)
    with Store(project.with_suffix(".sqlite3")) as store:
        await store.begin_run("one", str(project), {})
        await store.exchanges.ask("a1", "k", query)
        await store.exchanges.keep("one", "a1", "k", Reply("\x00 😀"))
    (exchange,) = await exchanges(await open_editor(), "one")
    assert exchange["messages"] == [{"role": "user", "content": "odd: \\udc80 \x00 😀"}]
    assert exchange["reply"] == "\x00 😀"
