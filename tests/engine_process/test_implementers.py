"""What holds of runs, wherever they are carried out."""

from __future__ import annotations

import asyncio
import socket

import pytest

from loopback import Hang
from soa.contracts import Status
from soa.errors import ConfigurationError, FileProblem, ModelError, ModelUnreachable, NoModel
from soa.model import Reply


async def test_proposals_are_told_before_the_run_ends(implementing, project, heard, kept):
    result = await implementing().run(project.order(), heard)
    assert [p.status for p in result.proposals] == [Status.VERIFIED, Status.VERIFIED]
    assert {p.address.qualname for p in heard.proposals} == {"double", "triple"}
    assert {p.candidate.body for p in heard.proposals} == {"return n * 2", "return n * 3"}
    assert heard.order[0] == "run-started"
    assert heard.order[-1] == "run-ended"
    assert all(heard.order.index(f"proposal {n}") < heard.order.index("run-ended") for n in ("double", "triple"))
    assert result.run == "r1"
    assert len(await kept.find_proposals("r1")) == 2


async def test_two_runs_side_by_side_hear_their_own(implementing, project, heard):
    implementer, other = implementing(), type(heard)()
    first, second = await asyncio.gather(
        implementer.run(project.order("double", ident="one"), heard),
        implementer.run(project.order("triple", ident="two"), other),
    )
    assert [p.address.qualname for p in (*first.proposals, *second.proposals)] == ["double", "triple"]
    assert {e.run for e in heard.events_heard} == {"one"}
    assert {e.run for e in other.events_heard} == {"two"}


async def test_a_cancelled_run_leaves_its_model_at_once(implementing, project, heard, loopback):
    server = loopback(lambda _: Hang())
    implementer = implementing()
    order = project.order(model="m", base_url=server.url)
    run = asyncio.ensure_future(implementer.run(order, heard))
    await asyncio.to_thread(server.arrived.acquire)
    await asyncio.to_thread(server.arrived.acquire)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert await asyncio.to_thread(server.left.acquire, True, 10)
    assert await asyncio.to_thread(server.left.acquire, True, 10)
    assert heard.order[-1] == "run-ended"


async def test_what_was_proposed_before_a_cancellation_was_told(implementing, project, heard, loopback, kept):
    def answer(request):
        return "def double(n):\n    return n * 2\n" if request.name == "double" else Hang()

    server = loopback(answer)
    run = asyncio.ensure_future(implementing().run(project.order(model="m", base_url=server.url), heard))
    await heard.until(lambda h: h.proposals)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert [p.address.qualname for p in heard.proposals] == ["double"]
    assert [p.address.qualname for p in await kept.find_proposals("r1") if p.writable] == ["double"]


async def test_a_run_goes_on_while_another_is_cancelled(implementing, project, heard, loopback):
    server = loopback(lambda _: Hang())
    implementer = implementing()
    hanging = asyncio.ensure_future(
        implementer.run(project.order("double", ident="h", model="m", base_url=server.url), type(heard)())
    )
    await asyncio.to_thread(server.arrived.acquire)
    other = asyncio.ensure_future(implementer.run(project.order("triple"), heard))
    await heard.until(lambda h: "run-started" in h.kinds())
    hanging.cancel()
    assert (await other).proposals[0].status is Status.VERIFIED
    with pytest.raises(asyncio.CancelledError):
        await hanging


async def test_changed_settings_open_another_engine_and_the_replies_start_again(implementing, project, heard):
    implementer = implementing()
    await implementer.run(project.order("double"), heard)
    project.file("replies.txt", "=== write ledger.py::double\ndef double(n):\n    return n + n\n")
    result = await implementer.run(project.order("double", ident="r2", attempts=2), heard)
    assert result.proposals[0].candidate.body == "return n + n"


async def test_recorded_replies_that_are_missing_say_so(implementing, project, heard):
    with pytest.raises(FileProblem, match=r"none\.txt cannot be read"):
        await implementing().run(project.order(model="recorded:none.txt"), heard)


async def test_an_error_comes_with_its_advice_and_the_next_run_works(implementing, project, heard):
    implementer = implementing()
    with pytest.raises(ConfigurationError) as raised:
        await implementer.run(project.order(python="/nowhere/python"), heard)
    assert raised.value.message == "There is no interpreter at /nowhere/python."
    assert raised.value.advice == "Give --python the path of one."
    assert len((await implementer.run(project.order(), heard)).proposals) == 2


async def test_an_endpoint_that_is_gone_is_an_error_of_its_kind(implementing, project, heard):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(ModelUnreachable, match=f"localhost:{port}"):
        await implementing().run(project.order(model="m", base_url=f"localhost:{port}", retries=0), heard)


async def test_without_a_sandbox_a_warning_says_why_and_what_to_do(implementing, project, heard, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 1.0\n")
    python.chmod(0o755)
    result = await implementing().run(project.order("double", python=str(python)), heard)
    assert result.proposals[0].status is Status.UNVERIFIED
    (warning,) = [e for e in heard.events_heard if e.kind == "warning"]
    assert warning.run == "r1"
    assert warning.text == (
        f"nothing can be verified: bubblewrap is missing. {python} does not answer like a Python interpreter. "
        "Install bubblewrap: apt install bubblewrap\nChoose another one with --python."
    )


async def test_the_editors_model_answers(implementing, project, heard):
    asked = []

    async def ask(query):
        asked.append(query)
        return Reply("def double(n):\n    return n * 2\n")

    result = await implementing(ask=ask).run(project.order("double", model="editor"), heard)
    assert result.proposals[0].status is Status.VERIFIED
    assert [(q.run, q.step, str(q.target)) for q in asked] == [("r1", "write", "ledger.py::double")]
    assert result.usage.prompt_tokens > 0


@pytest.mark.parametrize(
    ("name", "asked"),
    [("editor", ""), ("editor:", ""), ("editor:gpt-4.1", "gpt-4.1"), ("editor: a b:größe ", "a b:größe")],
)
async def test_the_editor_is_told_which_of_its_models_is_meant(implementing, project, heard, name, asked):
    heard_of = []

    async def ask(query):
        heard_of.append(query.model)
        return Reply("def double(n):\n    return n * 2\n")

    await implementing(ask=ask).run(project.order("double", model=name), heard)
    assert heard_of == [asked]


async def test_an_error_of_the_editors_model_reaches_who_ordered(implementing, project, heard):
    async def ask(query):
        raise ModelError("The user said no.", "Ask again.")

    with pytest.raises(ModelError, match="The user said no") as raised:
        await implementing(ask=ask).run(project.order("double", model="editor:small"), heard)
    assert raised.value.advice == "Ask again."


async def test_a_cancelled_run_withdraws_its_question_from_the_editor(implementing, project, heard, silent):
    run = asyncio.ensure_future(implementing(ask=silent).run(project.order("double", model="editor"), heard))
    await silent.asked.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    async with asyncio.timeout(10):
        await silent.withdrawn.wait()


async def test_an_editors_model_that_never_answers_is_given_up(implementing, project, heard):
    async def ask(query):
        await asyncio.Event().wait()

    with pytest.raises(ModelUnreachable, match=r"within 0\.2 s"):
        await implementing(ask=ask).run(project.order("double", model="editor", timeout=0.2), heard)


async def test_without_an_editor_its_model_is_no_model(implementing, project, heard):
    with pytest.raises(NoModel, match="there is no editor here"):
        await implementing().run(project.order(model="editor"), heard)


async def test_closing_ends_what_is_under_way(implementing, project, heard, loopback):
    server = loopback(lambda _: Hang())
    implementer = implementing()
    run = asyncio.ensure_future(implementer.run(project.order("double", model="m", base_url=server.url), heard))
    await asyncio.to_thread(server.arrived.acquire)
    await implementer.close()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert await asyncio.to_thread(server.left.acquire, True, 10)
