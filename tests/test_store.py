"""The store: what comes back, what was rejected, older files, and two processes at one file."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from itertools import chain
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from soa.contracts import Address, Candidate, Contract, Proposal, Status, Usage
from soa.errors import ConfigurationError
from soa.events import Event
from soa.model import Message, Query, Reply
from soa.store import Store
from soa.store.history import Outcome
from soa.store.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE = "/home/someone/project"
FILE = "src/sums.py"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as opened:
        yield opened


def contract(name: str = "total") -> Contract:
    return Contract(name, (), f"def {name}(xs):", "Add up.")


def proposal(body: str | None = "return sum(xs)", name: str = "total", status: Status = Status.VERIFIED) -> Proposal:
    candidate = None if body is None else Candidate(body)
    return Proposal(Address(FILE, name), contract(name), status, candidate)


async def keep(store: Store, run: str, *proposals: Proposal, workspace: str = HERE) -> None:
    await store.begin_run(run, workspace, {})
    for one in proposals:
        await store.keep_proposal(run, one)


async def bodies(store: Store, *names: str, path: str = FILE) -> list[str | None]:
    digests = [contract(n).digest for n in names or ("total",)]
    found = await store.latest(HERE, path, digests)
    return [p.candidate.body if p.candidate else None for p, _ in found]


async def test_the_newest_proposal_of_a_contract_comes_back_with_its_time(store):
    await keep(store, "one", proposal("return 1"))
    await keep(store, "two", proposal("return 2"))
    ((found, at),) = await store.latest(HERE, FILE, [contract().digest])
    assert found == proposal("return 2")
    assert at > 1e9


async def test_a_failed_proposal_comes_back_too_but_a_cancelled_one_hides_nothing(store):
    await keep(store, "one", proposal("return 1"))
    await keep(store, "two", proposal(None, status=Status.CANCELLED))
    assert await bodies(store) == ["return 1"]
    await keep(store, "three", proposal(None, status=Status.FAILED))
    assert await bodies(store) == [None]


async def test_what_is_cancelled_does_not_take_the_place_of_what_the_run_proposed_before(store):
    await keep(store, "one", proposal("return 1"))
    await keep(store, "one", evolve(proposal(""), status=Status.CANCELLED, candidate=None))
    assert await bodies(store) == ["return 1"]
    assert await store.find_proposals("one") == (proposal("return 1"),)


async def test_other_workspaces_files_and_contracts_stay_out(store):
    await keep(store, "one", proposal("return 1"), workspace="/elsewhere")
    await keep(store, "two", evolve(proposal("return 2"), address=Address("src/other.py", "total")))
    await keep(store, "three", proposal("return 3", name="mean"))
    assert await bodies(store) == []
    assert await bodies(store, path="src/other.py") == ["return 2"]
    assert await bodies(store, "mean", "total") == ["return 3"]


async def test_any_number_of_contracts_can_be_asked_for(store):
    await keep(store, "one", proposal())
    assert await store.latest(HERE, FILE, []) == ()
    many = [contract(f"f{i}").digest for i in range(40_000)]
    found = await store.latest(HERE, FILE, {*many, contract().digest})
    assert [p for p, _ in found] == [proposal()]


async def test_what_was_rejected_stays_away_and_what_comes_later_does_not(store):
    await keep(store, "one", proposal("return 1"), proposal("return 9", name="mean"))
    await keep(store, "two", proposal("return 2"))
    await store.reject(HERE, FILE, contract().digest)
    assert await bodies(store, "total", "mean") == ["return 9"]
    await keep(store, "three", proposal("return 3"))
    assert await bodies(store) == ["return 3"]


async def test_a_rejection_elsewhere_rejects_nothing_here(store):
    await keep(store, "one", proposal())
    await store.reject("/elsewhere", FILE, contract().digest)
    await store.reject(HERE, "src/other.py", contract().digest)
    assert await bodies(store) == ["return sum(xs)"]


async def test_a_run_that_tells_the_same_code_again_does_not_bring_it_back(store):
    await keep(store, "one", proposal("return 1"))
    await store.reject(HERE, FILE, contract().digest)
    await keep(store, "one", evolve(proposal("return 1"), usage=Usage(3, 30, 3, 10)))
    assert await bodies(store) == []
    await keep(store, "one", proposal("return 2"))
    assert await bodies(store) == ["return 2"]


async def test_the_last_word_of_a_run_keeps_the_time_of_its_code(store):
    await keep(store, "one", proposal("return 1"))
    ((_, made),) = await store.latest(HERE, FILE, [contract().digest])
    await keep(store, "two", proposal("return 2"))
    last = evolve(proposal("return 1"), usage=Usage(3, 30, 3, 10))
    await keep(store, "one", last)
    assert await bodies(store) == ["return 2"]
    assert await store.find_proposals("one") == (last,)
    await keep(store, "one", proposal("return 4"))
    ((found, at),) = await store.latest(HERE, FILE, [contract().digest])
    assert found == proposal("return 4")
    assert at > made


@pytest.mark.parametrize("version", [0, 1, 2])
async def test_a_file_of_an_earlier_version_keeps_what_it_holds(path, version):
    with Store(path) as store:
        await keep(store, "one", proposal("return 1"))
        await keep(store, "two", proposal("return 2"))
        await store.exchanges.keep("two", "a1", "k", Reply("return 2", Usage(1, 20, 5, 20)))
        await store.end_run("two", Outcome("done", 1.0))
        before = await store.find_run("one")
    downgrade(path, version)
    with Store(path) as store:
        assert await bodies(store) == ["return 2"]
        ((_, at),) = await store.latest(HERE, FILE, [contract().digest])
        assert at > 1e9
        assert await store.find_run("one") == before
        assert await store.exchanges.find("a1", "k", question("two")) == Reply("return 2", Usage(1, 20, 5, 20))
        two, one = await store.history.newest([HERE], [], 9)
        assert [(r.run, r.outcome.status, r.stubs) for r in (two, one)] == [
            ("two", "done", ((FILE, "total"),)),
            ("one", "cancelled", ((FILE, "total"),)),
        ]
        await store.reject(HERE, FILE, contract().digest)
        assert await bodies(store) == []


def question(run: str, text: str = "Write total.") -> Query:
    return Query((Message("user", text),), run, "child", "write", Address(FILE, "total"), 0)


def downgrade(path: Path, version: int) -> None:
    """Put what a file holds into one of an earlier version; the first ones were not counted."""
    newer = path.rename(path.with_suffix(".newer"))
    with sqlite3.connect(path) as db:
        for statement in chain.from_iterable(MIGRATIONS[: max(version, 1)]):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {version}")
        db.execute("ATTACH ? AS newer", (str(newer),))
        for (table,) in db.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall():
            columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
            db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")
    db.close()


async def test_a_file_of_a_later_version_is_refused(path):
    Store(path).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    with pytest.raises(ConfigurationError, match="newer version"):
        Store(path)


async def test_a_damaged_file_is_named(path):
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        Store(path)


async def test_it_is_opened_off_the_loop_and_used_on_it(path):
    store = await asyncio.to_thread(Store, path)
    await keep(store, "one", proposal())
    assert await bodies(store) == ["return sum(xs)"]
    await asyncio.to_thread(store.close)


WRITER = """
import asyncio, pathlib, sys
from soa.contracts import Address, Candidate, Contract, Proposal, Status
from soa.model import Message, Query, Reply
from soa.store import Store

async def main(path, run):
    print("ready", flush=True)
    sys.stdin.readline()
    with Store(pathlib.Path(path)) as store:
        await store.begin_run(run, "/home/someone/project", {})
        for i in range(100):
            name = f"{run}_{i}"
            one = Contract(name, (), f"def {name}(xs):", "Add up.")
            where = Address("src/sums.py", name)
            await store.keep_proposal(run, Proposal(where, one, Status.VERIFIED, Candidate("pass")))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_processes_open_and_write_one_file_at_the_same_time(path):
    runs = ("a", "b", "c")
    writers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, str(path), r, stdin=-1, stdout=-1)
        for r in runs
    ]
    for writer in writers:
        await writer.stdout.readline()
    for writer in writers:
        writer.stdin.write(b"go\n")
    with Store(path) as store:
        for i in range(50):
            await keep(store, f"own{i}", proposal(f"return {i}"))
        for writer in writers:
            await writer.communicate()
            assert writer.returncode == 0
        kept = await bodies(store, *(f"{r}_{i}" for r in runs for i in range(100)))
        assert len(kept) == 300
        assert await bodies(store) == ["return 49"]


async def test_exchanges_are_told_by_agent_in_order(store):
    for agent, key, text in (("a1", "k", "one"), ("a2", "k", "two"), ("a1", "l", "three")):
        await store.exchanges.ask(agent, key, question("r", text))
    await store.exchanges.ask("a1", "k", question("other run"))
    await store.exchanges.keep("r", "a1", "k", Reply("yes", Usage(1, 7, 3, 7)))
    first, second = await store.exchanges.of_agent("r", "a1")
    assert (first.step, first.messages, first.reply, first.usage) == (
        "write",
        (Message("user", "one"),),
        "yes",
        Usage(1, 7, 3, 7),
    )
    assert (second.messages, second.reply, second.usage) == ((Message("user", "three"),), None, Usage())
    assert 1e9 < first.at <= second.at
    assert [one.reply for one in await store.exchanges.of_agent("r", "a2")] == [None]
    assert await store.exchanges.of_agent("r", "a9") == ()


async def test_a_reply_from_before_answers_a_question_of_now(store):
    await store.exchanges.ask("a1", "k", question("r"))
    assert await store.exchanges.find("a1", "k", question("r")) is None
    await store.exchanges.keep("r", "a1", "k", Reply("yes", cut=True))
    assert await store.exchanges.find("a2", "k", question("r")) == Reply("yes", cut=True)
    assert await store.exchanges.find("a2", "k", question("other run")) is None
    assert [one.reply for one in await store.exchanges.of_agent("r", "a2")] == ["yes"]


async def test_a_question_that_was_broken_off_is_not_answered_by_the_next_one(store):
    await store.exchanges.ask("a1", "k", question("r"))
    await store.exchanges.ask("a2", "k", question("r"))
    await store.exchanges.keep("r", "a2", "k", Reply("yes"))
    assert [one.reply for one in await store.exchanges.of_agent("r", "a1")] == [None]


async def test_no_secret_is_in_kept_prompts_and_what_is_shown_of_replies(path, monkeypatch):
    secret = "xq-77-secret-value"
    monkeypatch.setenv("SOME_SERVICE_KEY", secret)
    with Store(path) as store:
        await store.exchanges.ask("a1", "k", question("r", f"It is {secret}."))
        await store.exchanges.keep("r", "a1", "k", Reply(f"key = '{secret}'"))
        assert await store.exchanges.find("a1", "k", question("r")) == Reply(f"key = '{secret}'")
    monkeypatch.delenv("SOME_SERVICE_KEY")
    with Store(path) as store:
        kept = (await store.exchanges.of_agent("r", "a1"))[0]
        assert kept.messages == (Message("user", "It is [key]."),)
        assert kept.reply == "key = '[key]'"


async def test_prompts_that_repeat_themselves_take_little_room(store, path):
    await store.exchanges.ask("a1", "k", question("r", "def parse(line):\n    ...\n" * 50_000))
    assert sum(file.stat().st_size for file in path.parent.iterdir()) < 300_000


async def test_history_is_the_newest_first_and_of_these_workspaces(store):
    for run, workspace in (("one", HERE), ("two", "/elsewhere"), ("three", HERE), ("four", "/third")):
        await store.begin_run(run, workspace, {"decompose": run == "three"}, [(FILE, "total"), (FILE, "mean")])
        await store.end_run(run, Outcome("failed", 1.5, "No model.", "m", 4, 40, 3, 2, 1))
    told = await store.history.newest([HERE, "/third"], ["four"], 9)
    assert [(past.run, past.workspace, past.decompose) for past in told] == [
        ("three", HERE, True),
        ("one", HERE, False),
    ]
    assert told[0].outcome == Outcome("failed", 1.5, "No model.", "m", 4, 40, 3, 2, 1)
    assert told[0].stubs == ((FILE, "total"), (FILE, "mean"))
    assert [past.run for past in await store.history.newest([HERE, "/third"], [], 2)] == ["four", "three"]
    assert await store.history.newest([], [], 9) == ()
    assert await store.history.newest([HERE], [], 0) == ()
    assert await store.history.find("nine") is None


async def test_a_run_that_never_ended_counts_as_cancelled_and_knows_what_it_proposed(store):
    await store.begin_run("one", HERE, {}, [(FILE, "total")])
    store.keep_event(Event("one", "agent-started", "a1", role="child", address=Address(FILE, "total")))
    await store.keep_proposal("one", evolve(proposal(), usage=Usage(3, 30, 5, 10)))
    (past,) = await store.history.newest([HERE], [], 9)
    assert (past.outcome.status, past.outcome.calls, past.outcome.tokens) == ("cancelled", 3, 35)
    assert 0 <= past.outcome.seconds < 60
    (agent,) = (await store.history.crew("one")).first
    assert agent.status is Status.CANCELLED


async def test_a_run_that_is_resumed_has_not_ended(store):
    await store.begin_run("one", HERE, {}, [(FILE, "total")])
    await store.end_run("one", Outcome("done", 2.0))
    began = (await store.history.find("one")).began
    await store.begin_run("one", HERE, {}, [(FILE, "mean")])
    past = await store.history.find("one")
    assert (past.outcome.status, past.began, past.stubs) == ("cancelled", began, ((FILE, "total"),))
