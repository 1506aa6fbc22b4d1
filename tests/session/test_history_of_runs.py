"""What a session knows of runs beyond its own."""

from __future__ import annotations

import asyncio

import pytest

from soa.contracts import Address
from soa.errors import ConfigurationError, SoaError
from soa.events import Event
from soa.model import Message, Query
from soa.session.runs import title_of
from soa.store import Store

TWICE = 'def twice(n):\n    """Twice n."""\n'
REPLY = "def twice(n):\n    return n * 2\n"


@pytest.fixture
def broken_off(root, tmp_path):
    """Has a run begin that does not end, as another process would."""

    async def begin(ident="cafe", folder=root):
        with await asyncio.to_thread(Store, tmp_path / "store.sqlite3") as store:
            await store.begin_run(ident, str(folder), {}, [("m.py", "twice"), ("n.py", "half")])
            where = Address("m.py", "twice")
            store.keep_event(Event(ident, "run-started", model="m"))
            store.keep_event(Event(ident, "agent-started", "a1", role="child", address=where))
            query = Query((Message("user", "Write."),), ident, "child", "write", where, 0)
            await store.exchanges.ask("a1", "k", query)

    return begin


@pytest.mark.parametrize(
    ("stubs", "title"),
    [
        ([], "no stubs"),
        ([("a/m.py", "Box.half")], "Box.half"),
        ([("a/m.py", "f"), ("a/m.py", "g")], "2 stubs of m.py"),
        ([("a/m.py", "f"), ("b/m.py", "g"), ("b/m.py", "h")], "3 stubs in 2 files"),
    ],
)
def test_a_run_is_called_by_its_stubs(stubs, title):
    assert title_of(stubs) == title


async def test_a_run_that_was_broken_off_is_told_as_cancelled(broken_off, window, root):
    await broken_off()
    here = window()
    here.open("m.py", TWICE)
    (listed,) = await here.session.history.newest(9)
    assert (listed.ident, listed.title, listed.status) == ("cafe", "2 stubs in 2 files", "cancelled")
    assert listed.agents == ()
    run = await here.session.history.run("cafe")
    assert [(agent.ident, str(agent.status)) for agent in run.agents] == [("a1", "cancelled")]
    assert (run.root, run.done, run.total, run.model) == (root, 1, 1, "m")
    (exchange,) = await here.session.history.exchanges("cafe", "a1")
    assert (exchange.messages, exchange.reply) == ((Message("user", "Write."),), None)


async def test_what_belongs_to_a_workspace_that_is_not_open_is_not_told(broken_off, window, root):
    await broken_off("cafe")
    await broken_off("beef", root.parent)
    await broken_off("fade", root / "inner")
    here = window()
    assert await here.session.history.newest(9) == ()
    here.session.set_folders([root])
    assert [run.ident for run in await here.session.history.newest(9)] == ["cafe"]
    for ident in ("beef", "fade"):
        with pytest.raises(SoaError, match=f"No run '{ident}' is kept of the workspaces that are open here"):
            await here.session.history.run(ident)
        with pytest.raises(SoaError, match=f"No run '{ident}'"):
            await here.session.history.exchanges(ident, "a1")


async def test_own_runs_are_told_as_they_stand_also_when_their_file_is_closed(window):
    here = window(ready={"twice": REPLY})
    uri = here.open("m.py", TWICE)
    done = await here.implement(uri, "twice")
    here.close(uri)
    assert here.session.roots == ()
    assert await here.session.history.newest(9) == ()
    assert await here.session.history.run(done.run) == here.session.runs()[0]
    (exchange,) = await here.session.history.exchanges(done.run, "a1")
    assert exchange.reply == REPLY


async def test_without_a_store_there_is_no_history_and_it_is_said_once(window, root):
    def broken():
        raise ConfigurationError("The store cannot be used.")

    here = window(open_store=broken)
    here.session.set_folders([root])
    assert await here.session.history.newest(9) == ()
    with pytest.raises(SoaError, match="No run 'cafe'"):
        await here.session.history.run("cafe")
    assert here.said("warning") == ["Proposals are not remembered: The store cannot be used."]


async def test_whoever_was_at_work_when_a_run_was_cancelled_is_so_no_more(window):
    here = window()
    asked = here.ask(here.open("m.py", TWICE), "twice")
    await here.model.asked("twice")
    here.session.cancel_all()
    await asked
    (run,) = here.session.runs()
    assert (run.status, run.done, run.total) == ("cancelled", 1, 1)
    (agent,) = run.agents
    assert str(agent.status) == "cancelled"
    assert agent.seconds(0.0) == agent.seconds(1e9)
