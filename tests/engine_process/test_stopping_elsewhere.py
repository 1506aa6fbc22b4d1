"""Stopping one agent of a run, wherever it is carried out."""

from __future__ import annotations

import asyncio
import pickle

from loopback import Hang
from soa.contracts import Status
from soa.engine.messages import Stop

DEADLINE = 30


def agent_at(heard, name: str) -> str:
    started = [e for e in heard.events_heard if e.kind == "agent-started" and e.address.qualname == name]
    return started[-1].agent


def asked_for(heard) -> set[str]:
    return {e.address.qualname for e in heard.events_heard if e.kind == "call-started"}


def test_a_stop_arrives_as_it_left():
    assert pickle.loads(pickle.dumps(Stop("r1", "a2"))) == Stop("r1", "a2")


async def test_one_agents_call_ends_at_once_and_the_rest_goes_on(implementing, project, heard, loopback, kept):

    def answer(request):
        return "def triple(n):\n    return n * 3\n" if request.name == "triple" else Hang()

    server = loopback(answer)
    implementer = implementing()
    run = asyncio.ensure_future(implementer.run(project.order(model="m", base_url=server.url), heard))
    await heard.until(lambda h: "double" in asked_for(h))
    await heard.until(lambda h: h.proposals)
    implementer.stop("r1", agent_at(heard, "double"))
    async with asyncio.timeout(DEADLINE):
        result = await run
    assert {p.contract.name: str(p.status) for p in result.proposals} == {"double": "cancelled", "triple": "verified"}
    assert [p.contract.name for p in heard.proposals] == ["triple", "double"]
    assert await asyncio.to_thread(server.left.acquire, True, 10)
    ends = {e.address.qualname: (e.status, e.text) for e in heard.events_heard if e.kind == "agent-ended"}
    assert ends["double"] == (Status.CANCELLED, "stopped")
    assert [p.contract.name for p in await kept.find_proposals("r1") if p.writable] == ["triple"]


async def test_a_question_of_a_stopped_agent_is_withdrawn_from_the_editor(implementing, project, heard, silent):
    implementer = implementing(ask=silent)
    run = asyncio.ensure_future(implementer.run(project.order("double", model="editor"), heard))
    async with asyncio.timeout(DEADLINE):
        await silent.asked.wait()
        await heard.until(lambda h: "double" in asked_for(h))
        implementer.stop("r1", agent_at(heard, "double"))
        (proposal,) = (await run).proposals
        await silent.withdrawn.wait()
    assert (proposal.status, proposal.reason) == (Status.CANCELLED, "stopped")


async def test_what_is_not_under_way_cannot_be_stopped(implementing, project, heard):
    implementer = implementing()
    implementer.stop("r1", "a1")
    run = asyncio.ensure_future(implementer.run(project.order(), heard))
    implementer.stop("r1", "a99")
    implementer.stop("r2", "a1")
    assert {p.status for p in (await run).proposals} == {Status.VERIFIED}
    implementer.stop("r1", "a1")
    assert len((await implementer.run(project.order(ident="r3"), heard)).proposals) == 2


async def test_a_run_is_cancelled_together_with_one_of_its_agents(implementing, project, heard, loopback):
    server = loopback(lambda _: Hang())
    implementer = implementing()
    run = asyncio.ensure_future(implementer.run(project.order(model="m", base_url=server.url), heard))
    await heard.until(lambda h: asked_for(h) == {"double", "triple"})
    implementer.stop("r1", agent_at(heard, "double"))
    run.cancel()
    async with asyncio.timeout(DEADLINE):
        await asyncio.wait([run])
    assert run.cancelled()
    assert heard.order[-1] == "run-ended"
