"""`soa.cancel` for one agent of a run, and what the editor is told when an answer of its own model is not wanted."""

from __future__ import annotations

import asyncio

import pytest

from editor import Refused
from gated import GatedModel
from soa.contracts import Address
from soa.errors import ModelError
from soa.model import Message, Query

INVALID = -32602
MODULE = '''
    def double(n):
        """Twice n.

        >>> double(2)
        4
        """


    def triple(n):
        """Three times n.

        >>> triple(2)
        6
        """
'''
QUERY = Query((Message("user", "Write half."),), "r1", "child", "write", Address("m.py", "half"), 0)
COMPLETES = {"initializationOptions": {"complete": True}}


def agent_in(run, target):
    (found,) = [agent for agent in run["agents"] if agent["target"] == target]
    return found


def implementing(editor, uri):
    return editor.ask("workspace/executeCommand", {"command": "soa.implementFile", "arguments": [{"uri": uri}]})[1]


async def test_one_agent_is_stopped_and_the_run_goes_on(open_editor, file):
    model = GatedModel()
    editor = await open_editor(model)
    running = implementing(editor, editor.open(file("m.py", MODULE)))
    await model.asked("double", "triple")
    (run,) = (await editor.request("soa/runs"))["runs"]
    agent = agent_in(run, "m.py::double")["id"]
    assert await editor.execute("soa.cancel", {"run": run["id"], "agent": agent}) == {"cancelled": 1}
    told = await editor.wait_for("soa/runChanged", lambda run: any(a["status"] for a in run["agents"]))
    stopped = agent_in(told, "m.py::double")
    assert (stopped["status"], stopped["reason"]) == ("cancelled", "stopped")
    assert told["status"] == "running"
    model.reply("triple", "def triple(n):\n    return n * 3\n")
    answer = await running
    assert {stub["name"]: stub["status"] for stub in answer["stubs"]} == {"double": "cancelled", "triple": "verified"}
    assert answer["problem"] == ""
    assert model.given_up == 1
    assert await editor.execute("soa.cancel", {"run": run["id"], "agent": agent}) == {"cancelled": 0}


async def test_who_is_not_there_is_not_stopped(open_editor, file):
    model = GatedModel()
    editor = await open_editor(model)
    running = implementing(editor, editor.open(file("m.py", MODULE)))
    await model.asked("double", "triple")
    (run,) = (await editor.request("soa/runs"))["runs"]
    for arguments in ({"run": run["id"], "agent": "a99"}, {"run": "nobody", "agent": "a1"}):
        assert await editor.execute("soa.cancel", arguments) == {"cancelled": 0}
    assert model.given_up == 0
    assert await editor.execute("soa.cancel", {"run": run["id"]}) == {"cancelled": 1}
    await running
    (run,) = (await editor.request("soa/runs"))["runs"]
    assert {agent["reason"] for agent in run["agents"]} == {"its run was cancelled"}


@pytest.mark.parametrize("more", [{}, {"uri": "file:///m.py"}])
async def test_an_agent_without_its_run_says_too_little(open_editor, more):
    editor = await open_editor()
    with pytest.raises(Refused, match=r"soa\.cancel: 'run' is missing, an agent alone says too little") as refused:
        await editor.execute("soa.cancel", {"agent": "a1", **more})
    assert refused.value.code == INVALID


async def pending(editor):
    """A question to the editor's model that is not answered, and its id."""
    asking = asyncio.create_task(editor.server.client.complete(QUERY))
    await editor.wait_for("soa/complete")
    (asked,) = [message for message in editor.received if message.get("method") == "soa/complete"]
    return asking, asked["id"]


async def test_the_editor_is_told_that_an_answer_is_not_wanted_any_more(open_editor):
    late = asyncio.get_running_loop().create_future()
    editor = await open_editor("", answers={"soa/complete": lambda _: late}, start=COMPLETES)
    asking, ident = await pending(editor)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await editor.wait_for("$/cancelRequest", lambda params: params == {"id": ident})
    late.set_result({"text": "too late"})
    editor.answers["soa/complete"] = lambda _: {"text": "in time"}
    assert (await editor.server.client.complete(QUERY)).text == "in time"
    assert len(editor.seen("$/cancelRequest")) == 1


async def test_an_answer_that_came_is_not_taken_back(open_editor):
    editor = await open_editor("", answers={"soa/complete": lambda _: {"text": "x"}}, start=COMPLETES)
    await editor.server.client.complete(QUERY)
    editor.answers["soa/complete"] = lambda _: None
    with pytest.raises(ModelError):
        await editor.server.client.complete(QUERY)
    await editor.request("soa/runs")
    assert not editor.seen("$/cancelRequest")
