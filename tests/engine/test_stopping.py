"""One agent of a run is stopped, with all below it; the rest of the run goes on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from gated import DEADLINE, GatedModel
from soa.contracts import Status
from soa.engine.request import Request
from soa.engine.runs import Engine
from soa.settings import Settings
from soa.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from soa.contracts import Proposal
    from soa.events import Event, RunResult
    from soa.sandbox import Job, Report, Sandbox

BOTH = '''
    def double(n):
        """Twice n.

        >>> double(4)
        8
        """

    def triple(n):
        """Three times n.

        >>> triple(2)
        6
        """
'''
DOUBLED = "def double(n):\n    return n * 2\n"
TRIPLED = "def triple(n):\n    return n * 3\n"

WORDS = '''
    def longest(text):
        """The longest word of a text.

        >>> longest("a bb")
        'bb'
        """

    def shout(text):
        """The longest word of a text, in capitals.

        >>> shout("a bb")
        'BB'
        """
'''
SKELETON = '''def longest(text):
    return _pick(_split(text))


def _split(text):
    """The words of a text.

    >>> _split("a b")
    ['a', 'b']
    """


def _pick(words):
    """The first of the longest words.

    >>> _pick(["a", "bb"])
    'bb'
    """
'''
SPLIT = "def _split(text):\n    return text.split()\n"
PICK = "def _pick(words):\n    return max(words, key=len)\n"
SHOUT = "def shout(text):\n    return longest(text).upper()\n"
ONE_ATTEMPT = {"attempts": 1}
MOTHERS = {"size_limit": 0, "depth": 1}


@dataclass
class Stage:
    """A run under way, whose agents are stopped by what they are at."""

    engine: Engine
    model: GatedModel
    ident: str
    events: list[Event] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    running: asyncio.Task[RunResult] | None = None

    def hear(self, event: Event) -> None:
        self.events.append(event)
        self.model.news.tell()

    def stop(self, name: str, role: str = "") -> None:
        """Stop the newest agent at a function."""
        started = [e for e in self.events if e.kind == "agent-started" and e.address.qualname == name]
        self.engine.stop(self.ident, [e for e in started if role in ("", e.role)][-1].agent)

    async def end(self) -> dict[str, Proposal]:
        async with asyncio.timeout(DEADLINE):
            result = await self.running
        return {p.contract.name: p for p in result.proposals}

    def ends(self) -> dict[str, tuple[str, str]]:
        """How agents ended in the end: status and reason, by role and function."""
        ended = (e for e in self.events if e.kind == "agent-ended")
        return {f"{e.role} {e.address.qualname}": (str(e.status), e.text) for e in ended}

    def steps(self) -> list[str]:
        """What the model is asked for now."""
        return [asked.query.step for asked in self.model.waiting]

    async def until(self, holds: Callable[[], object]) -> None:
        await self.model.news.until(holds)


@pytest_asyncio.fixture
async def stage(bench) -> AsyncIterator[Callable[..., Stage]]:
    """Begins a run `r1` on the stubs of a text."""
    engines = []

    async def begin(text: str, *names: str, ready=None, ident: str = "r1", resume: str = "", **options) -> Stage:
        bench.file("a.py", text)
        model = GatedModel(ready=ready)
        engines.append(await bench.engine(model, **options))
        stage = Stage(engines[-1], model, ident)
        targets = bench.request(*[f"a.py::{n}" for n in names] or ["a.py"]).targets
        request = Request(targets, resume=resume, ident=ident)
        stage.running = asyncio.ensure_future(stage.engine.implement(request, stage.hear, stage.proposals.append))
        return stage

    yield begin
    for engine in engines:
        await engine.__aexit__(None, None, None)
    assert asyncio.all_tasks() == {asyncio.current_task()}


STOPPED = ("cancelled", "stopped")


async def test_a_stub_whose_agent_is_stopped_ends_as_cancelled_and_the_others_go_on(stage, bench):
    s = await stage(BOTH, depth=1)
    await s.model.asked("double", "triple")
    s.stop("double")
    await s.until(lambda: s.proposals)
    assert [(p.contract.name, p.status, p.reason) for p in s.proposals] == [("double", Status.CANCELLED, "stopped")]
    assert [a.name for a in s.model.waiting] == ["triple"]
    s.model.reply("triple", TRIPLED)
    proposals = await s.end()
    assert proposals["double"].status is Status.CANCELLED
    assert proposals["double"].candidate is None
    assert proposals["double"].tree.reason == "stopped"
    assert proposals["triple"].status is Status.VERIFIED
    assert s.ends() == {"child double": STOPPED, "child triple": ("verified", "")}
    assert (s.model.given_up, s.model.count["double"]) == (1, 1)
    assert not s.running.result().interrupted


async def test_the_store_does_not_offer_what_was_stopped_but_what_came_before(stage, bench):
    root = str(bench.root)
    first = await stage(BOTH, "double", ready={"double": DOUBLED})
    digest = (await first.end())["double"].contract.digest
    second = await stage(BOTH, "double", ident="r2")
    await second.model.asked("double")
    second.stop("double")
    await second.end()
    ((proposal, _),) = await bench.store.latest(root, "a.py", [digest])
    assert proposal.status is Status.VERIFIED
    assert await bench.store.latest("elsewhere", "a.py", [digest]) == ()


async def test_nothing_is_offered_where_nothing_came_before(stage, bench):
    s = await stage(BOTH, "double")
    await s.model.asked("double")
    s.stop("double")
    digest = (await s.end())["double"].contract.digest
    assert await bench.store.latest(str(bench.root), "a.py", [digest]) == ()


async def test_who_is_not_at_work_is_not_stopped(stage):
    s = await stage(BOTH, ready={"double": DOUBLED})
    await s.until(lambda: s.proposals)
    s.stop("double")
    s.engine.stop("r1", "a99")
    s.engine.stop("r2", "a1")
    s.model.reply("triple", TRIPLED)
    assert {p.status for p in (await s.end()).values()} == {Status.VERIFIED}
    s.stop("triple")


async def test_who_waits_for_a_stopped_one_waits_no_longer(stage):
    s = await stage(WORDS, ready={"shout": SHOUT}, **ONE_ATTEMPT)
    await s.model.asked("longest")
    await s.until(lambda: s.model.count["shout"])
    s.stop("longest")
    proposals = await s.end()
    assert proposals["longest"].status is Status.CANCELLED
    assert proposals["shout"].status is Status.UNVERIFIED


async def test_a_mother_goes_on_without_a_stopped_helper(stage):
    s = await stage(WORDS, "longest", **MOTHERS)
    await s.model.asked("longest")
    s.model.reply("longest", SKELETON)
    await s.model.asked("_split", "_pick")
    s.stop("_split")
    s.model.reply("_pick", PICK)
    proposal = (await s.end())["longest"]
    assert (proposal.status, proposal.reason) == (
        Status.UNVERIFIED,
        "its helper _split was stopped and has no body yet",
    )
    stub, written = proposal.candidate.helpers
    assert (stub.name, "return" in stub.source) == ("_split", False)
    assert (written.name, "return" in written.source) == ("_pick", True)
    assert s.model.count == {"longest": 1, "_split": 1, "_pick": 1}
    assert s.ends()["child _split"] == STOPPED
    assert s.ends()["mother longest"][0] == "unverified"


async def test_a_stopped_helper_is_not_counted_as_written_where_no_test_reaches_it(stage):
    text = SKELETON.replace("_pick(_split(text))", "'bb' if text == 'a bb' else _pick(_split(text))")
    s = await stage(WORDS, "longest", ready={"_pick": PICK, "longest": text}, **MOTHERS)
    await s.model.asked("_split")
    s.stop("_split")
    proposal = (await s.end())["longest"]
    assert (proposal.status, len(proposal.evidence.judged)) == (Status.UNVERIFIED, 1)


async def test_a_mother_is_stopped_with_all_below_her(stage):
    s = await stage(WORDS, ready={"shout": SHOUT}, **{**MOTHERS, "size_limit": 0, "attempts": 1})
    await s.model.asked("longest")
    s.model.reply("longest", SKELETON)
    await s.model.asked("_split", "_pick")
    s.stop("longest")
    proposals = await s.end()
    assert (proposals["longest"].status, proposals["longest"].candidate) == (Status.CANCELLED, None)
    assert proposals["shout"].status is Status.UNVERIFIED
    ends = s.ends()
    assert [ends[who] for who in ("mother longest", "child _split", "child _pick")] == [STOPPED] * 3
    assert s.model.given_up == 2
    tree = proposals["longest"].tree
    assert {node.status for node in (tree, *tree.children)} == {Status.CANCELLED}


async def test_a_stopped_helper_is_not_repaired(stage):
    s = await stage(WORDS, "longest", attempts=2, generate_tests="never", **MOTHERS)
    await s.model.asked("longest")
    s.model.reply("longest", SKELETON.replace("return _pick", "_pick([]); return _pick"))
    await s.model.asked("_split", "_pick")
    s.stop("_split")
    s.model.reply("_pick", PICK)
    await s.until(lambda: s.steps() == ["feedback"])
    s.model.reply("longest", "_split: it gives nothing.")
    await s.until(lambda: s.steps() == ["revise"])
    s.model.reply("longest", SKELETON)
    assert (await s.end())["longest"].status is Status.UNVERIFIED
    assert s.model.count["_split"] == 1


async def test_a_repair_that_is_stopped_leaves_what_there_was(stage):
    s = await stage(WORDS, "longest", attempts=2, **MOTHERS)
    wrong = "def _split(text):\n    return ['a', 'b'] if text == 'a b' else []\n"
    await s.model.asked("longest")
    s.model.reply("longest", SKELETON)
    await s.model.asked("_split", "_pick")
    s.model.reply("_split", wrong)
    s.model.reply("_pick", PICK.replace("key=len", "key=len, default=''"))
    await s.model.asked("longest")
    s.model.reply("longest", "_split: it knows only one text.")
    await s.model.asked("_split")
    s.stop("_split")
    proposal = (await s.end())["longest"]
    assert proposal.status is Status.FAILED
    assert "expected 'bb', got ''" in proposal.reason
    assert s.ends()["child _split"] == STOPPED
    assert s.model.count["_split"] == 2


async def test_a_helper_that_changes_for_another_stub_is_stopped_by_its_mother_who_has_ended(stage):
    text = WORDS.replace('shout("a bb")', 'shout("")').replace("'BB'", "''")
    s = await stage(text, **ONE_ATTEMPT, depth=1)
    await s.model.asked("longest", "shout")
    s.model.reply("longest", "def longest(text):\n    return ''\n")
    await s.until(lambda: s.steps().count("skeleton"))
    s.model.reply("longest", SKELETON)
    await s.model.asked("_split", "_pick")
    s.model.reply("_split", SPLIT)
    s.model.reply("_pick", PICK)
    s.model.reply("shout", SHOUT)
    await s.until(lambda: "repair" in s.steps())
    assert [a.name for a in s.model.waiting] == ["_pick"]
    s.stop("longest", "mother")
    await s.until(lambda: s.steps() == ["skeleton"])
    s.model.reply("shout", "I cannot.")
    proposals = await s.end()
    assert proposals["longest"].status is Status.VERIFIED
    assert "key=len" in proposals["longest"].candidate.helpers[1].source
    assert proposals["shout"].status is Status.FAILED
    assert s.ends()["child _pick"] == STOPPED
    assert s.ends()["mother longest"] == ("verified", "")


async def test_a_stopped_contract_is_not_taken_up_under_another_skeleton(stage):
    """A mother below a mother fails, and writes her skeleton again: the helper in it stays stopped."""
    top = WORDS.replace("longest", "most") + "\n"
    outer = (
        "def most(text):\n    return longest(text + _end(text))\n\n"
        'def longest(text):\n    """The longest word of a text.\n\n    >>> longest("a bb")\n    \'bb\'\n    """\n\n'
        'def _end(text):\n    """Nothing.\n\n    >>> _end("a")\n    \'\'\n    """\n'
    )
    s = await stage(top, "most", attempts=2, size_limit=0, depth=2, ready={"_end": "def _end(text):\n    return ''\n"})
    broken = SKELETON.replace("return _pick", "_pick([]); return _pick")
    await s.model.asked("most")
    s.model.reply("most", outer)
    asked = 0
    while not s.running.done():
        await s.until(lambda: s.model.waiting or s.running.done())
        for name in {a.name for a in s.model.waiting if not a.answer.done()}:
            if name == "_split":
                asked += 1
                s.stop("_split")
            elif name == "_pick":
                s.model.reply(name, PICK)
            elif name == "most":
                s.model.reply(name, "longest: it is wrong.")
            else:
                s.model.reply(name, broken)
        await asyncio.sleep(0)
    assert asked == 1
    assert (await s.end())["most"].status is Status.FAILED


async def test_a_child_goes_on_without_a_stopped_tester(stage):
    text = '''
        def double(n):
            """Twice n."""
    '''
    s = await stage(text, generate_tests="missing")
    await s.until(lambda: len(s.model.waiting) == 2)
    s.stop("double", "tester")
    await s.until(lambda: len(s.model.waiting) == 1)
    s.model.reply("double", DOUBLED)
    proposal = (await s.end())["double"]
    assert (proposal.status, proposal.candidate.body) == (Status.UNVERIFIED, "return n * 2")
    assert s.ends() == {
        "tester double": STOPPED,
        "child double": ("unverified", "there is no test for it"),
    }


async def test_a_tester_ends_with_its_child(stage):
    s = await stage(BOTH, "double", generate_tests="always")
    await s.until(lambda: len(s.model.waiting) == 2)
    s.stop("double", "child")
    await s.end()
    assert s.ends() == {"tester double": STOPPED, "child double": STOPPED}
    assert s.model.given_up == 2


async def test_a_skeleton_alone_is_stopped(stage, bench):
    bench.file("a.py", WORDS)
    model = GatedModel()
    async with await bench.engine(model) as engine:
        request = bench.request("a.py::longest", decompose=True)
        work = asyncio.ensure_future(
            engine.implement(type(request)(request.targets, True, ident="r1"), bench.events.append)
        )
        await model.asked("longest")
        engine.stop("r1", "a1")
        (proposal,) = (await work).proposals
    assert (proposal.status, proposal.reason) == (Status.CANCELLED, "stopped")


async def test_a_resumed_run_takes_up_what_was_stopped(stage):
    ready = {"longest": SKELETON, "_pick": PICK}
    first = await stage(WORDS, "longest", ready=ready, **MOTHERS)
    await first.model.asked("_split")
    first.stop("_split")
    assert (await first.end())["longest"].status is Status.UNVERIFIED
    again = await stage(WORDS, "longest", ready={"_split": SPLIT}, resume="r1", **MOTHERS)
    assert (await again.end())["longest"].status is Status.VERIFIED
    assert again.model.count == {"_split": 1}


@pytest.mark.parametrize("stop_first", [True, False])
async def test_a_run_that_is_cancelled_at_the_moment_of_a_stop_is_cancelled(stage, stop_first):
    s = await stage(WORDS, "longest", **MOTHERS)
    await s.model.asked("longest")
    s.model.reply("longest", SKELETON)
    await s.model.asked("_split", "_pick")
    if stop_first:
        s.stop("_split")
    s.running.cancel()
    if not stop_first:
        s.stop("_split")
    proposal = (await s.end())["longest"]
    assert s.running.result().interrupted
    assert proposal.status is Status.CANCELLED
    assert s.model.given_up == 2
    ends = s.ends()
    assert ends["mother longest"] == ends["child _pick"] == ("cancelled", "its run was cancelled")
    assert ends["child _split"] == STOPPED


async def test_agents_of_a_cancelled_run_end_with_a_reason(stage):
    s = await stage(BOTH)
    await s.model.asked("double", "triple")
    s.running.cancel()
    await s.end()
    assert set(s.ends().values()) == {("cancelled", "its run was cancelled")}


@dataclass
class Watched:
    """A sandbox that says when a job is given to it, and when that has ended."""

    sandbox: Sandbox
    news: asyncio.Event = field(default_factory=asyncio.Event)
    broken_off: int = 0

    @property
    def name(self) -> str:
        return self.sandbox.name

    async def run(self, job: Job) -> Report:
        self.news.set()
        try:
            return await self.sandbox.run(job)
        except asyncio.CancelledError:
            self.broken_off += 1
            raise

    async def close(self) -> None:
        await self.sandbox.close()


async def test_the_processes_of_a_stopped_agent_end(bench):
    """The candidate would run for ever."""
    bench.file("a.py", BOTH)
    model = GatedModel(ready={"double": "def double(n):\n    while True:\n        pass\n"})
    plain = await bench.engine(model)
    sandbox = Watched(plain._verifier._sandbox)
    settings = Settings(generate_tests="never", test_seconds=3600, attempts=1, depth=0)
    engine = Engine(Workspace(bench.root, plain.workspace.python), settings, model, sandbox, bench.store)
    request = Request(bench.request("a.py::double").targets, ident="r1")
    work = asyncio.ensure_future(engine.implement(request, bench.events.append))
    async with asyncio.timeout(DEADLINE), plain, engine:
        await sandbox.news.wait()
        engine.stop("r1", "a1")
        (proposal,) = (await work).proposals
    assert proposal.status is Status.CANCELLED
    assert sandbox.broken_off == 1
