"""What a model behind an API answers: streamed, plain, odd, long, and without what the server refuses."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest

from loopback import Hang, Raw, Status, Text
from soa.contracts import Address, Usage
from soa.errors import ModelRefused
from soa.model import Message, Query
from soa.tokens import estimate_tokens


async def test_streams_a_reply_with_its_usage(loopback, connect, query):
    server = loopback(Text("def post(self): ...", usage={"prompt_tokens": 7, "completion_tokens": 3}))
    reply = await connect(server.url).answer(query())
    assert reply.text == "def post(self): ..."
    assert reply.usage == Usage(calls=1, prompt_tokens=7, completion_tokens=3, max_prompt_tokens=7)
    assert not reply.cut
    body = server.requests[0].body
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}
    assert [m["role"] for m in body["messages"]] == ["system", "user"]


async def test_sends_the_headers_of_the_design(loopback, connect):
    server = loopback("x")
    asked = Query((Message("user", "hi"),), "run-7", "mother", "skeleton", Address("src/größe.py", "größe"), 2)
    await connect(server.url).answer(asked)
    [request] = server.requests
    assert (request.run, request.agent, request.step, request.depth) == ("run-7", "mother", "skeleton", 2)
    assert request.target == "src/größe.py::größe"
    assert request.headers["x-soa-target"].isascii()


async def test_sends_the_key_or_a_placeholder(loopback, connect, query, key):
    server = loopback("x")
    await connect(server.url).answer(query())
    await connect(server.url, api_key="").answer(query())
    assert [r.headers["authorization"] for r in server.requests] == [f"Bearer {key}", "Bearer no-key-set"]


@pytest.mark.parametrize(
    "odd",
    [
        Text("a\nbü\u2028c", plain=True),
        Text("a\nbü\u2028c", parts=True),
        Text("a\nbü\u2028c", parts=True, plain=True),
        Text("a\nbü\u2028c", done=False),
        Text("a\nbü\u2028c", finish=None),
        Text("a\nbü\u2028c", reasoning="let me think"),
        Text("a\nbü\u2028c", pieces=5, pause=0.001),
        Text("a\nbü\u2028c", linger=True),
    ],
    ids=["ignores-stream", "parts", "plain-parts", "no-done", "no-finish", "reasoning", "slow", "lingers"],
)
async def test_understands_servers_of_all_kinds(loopback, connect, query, odd):
    reply = await connect(loopback(lambda _: odd).url).answer(query())
    assert reply.text == "a\nbü\u2028c"
    assert not reply.cut
    assert reply.usage.prompt_tokens > 0
    assert reply.usage.completion_tokens > 0


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": None, "completion_tokens": None}, {"prompt_tokens": 0}])
@pytest.mark.parametrize("plain", [True, False])
async def test_counts_usage_that_is_not_reported(loopback, connect, query, usage, plain):
    reply = await connect(loopback(lambda _: Text("x" * 360, usage=usage, plain=plain)).url).answer(query())
    assert reply.usage.completion_tokens == estimate_tokens("x" * 360)
    assert reply.usage.prompt_tokens >= sum(estimate_tokens(m.content) for m in query().messages)
    assert reply.usage.max_prompt_tokens == reply.usage.prompt_tokens
    assert reply.usage.calls == 1


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("text", ["", None])
async def test_an_empty_reply_is_a_reply(loopback, connect, query, plain, text):
    choice = {"message": {"content": text}, "delta": {"content": text}, "finish_reason": "stop", "index": 0}
    body = json.dumps({"choices": [choice]}).encode()
    raw = Raw(body) if plain else Raw(b"data: " + body + b"\n\ndata: [DONE]\n\n", "text/event-stream")
    reply = await connect(loopback(lambda _: raw).url).answer(query())
    assert reply.text == ""
    assert reply.usage.completion_tokens == 0


async def test_thinking_is_left_for_the_reader(loopback, connect, query):
    assert (await connect(loopback("<think>hm</think>\nx = 1").url).answer(query())).text == "<think>hm</think>\nx = 1"


@pytest.mark.parametrize("plain", [True, False])
async def test_marks_a_reply_that_the_server_cut(loopback, connect, query, plain):
    reply = await connect(loopback(lambda _: Text("def po", finish="length", plain=plain)).url).answer(query())
    assert (reply.text, reply.cut) == ("def po", True)


async def test_closes_an_endless_reply_at_the_limit(loopback, connect, query):
    server = loopback(lambda _: Text("x = 1\n" * 100, endless=True))
    reply = await connect(server.url, reply_tokens=1000).answer(query())
    assert reply.cut
    assert 990 <= estimate_tokens(reply.text) <= 1001
    assert reply.usage.completion_tokens == estimate_tokens(reply.text)
    assert server.left.acquire(timeout=10)


async def test_cuts_a_huge_plain_reply(loopback, connect, query):
    server = loopback(lambda _: Text("é" * 200_000, plain=True))
    reply = await connect(server.url, reply_tokens=100).answer(query())
    assert reply.cut
    assert estimate_tokens(reply.text) <= 101


async def test_stops_reading_a_body_without_end(loopback, connect, query):
    server = loopback(lambda _: Raw(b": nothing\n" * 400_000, "text/event-stream", pieces=50))
    reply = await connect(server.url, reply_tokens=10).answer(query())
    assert (reply.text, reply.cut) == ("", True)


@pytest.mark.parametrize("refused", ["stream", "stream_options", "system", "temperature"])
async def test_goes_without_what_the_server_refuses_and_remembers(loopback, connect, query, refused):
    server = loopback("x = 1", refuses={refused})
    model = connect(server.url)
    assert (await model.answer(query())).text == "x = 1"
    assert (await model.answer(query())).text == "x = 1"
    first, second, third = (r.body for r in server.requests)
    assert second == third
    assert ("system" in {m["role"] for m in third["messages"]}) == (refused != "system")
    assert {"stream", "stream_options", "temperature"} & (first.keys() - third.keys()) == {
        "stream": {"stream", "stream_options"},
        "stream_options": {"stream_options"},
        "system": set(),
        "temperature": {"temperature"},
    }[refused]
    assert "You write Python." in server.requests[-1].prompt


async def test_goes_without_everything_at_once(loopback, connect, query, clock):
    server = loopback("x = 1", refuses={"stream", "stream_options", "system", "temperature"})
    assert (await connect(server.url).answer(query())).text == "x = 1"
    assert server.requests[-1].body.keys() == {"model", "messages"}
    assert clock.slept == []


@pytest.mark.parametrize(
    ("refusal", "gone"),
    [
        (Status(500, "Jinja Exception: System role not supported"), "system"),
        (Status(400, "Unsupported value: 'messages[0].role' does not support 'system' with this model."), "system"),
        (Status(422, body='{"detail":[{"loc":["body","temperature"],"msg":"Extra inputs"}]}'), "temperature"),
        (Status(501, "not implemented"), "stream"),
        (Status(400, body="Bad Request", content_type="text/plain"), "stream"),
        (Status(404, "stream=True is unknown here"), "stream"),
        (Status(400, "unknown field", param="stream_options"), "stream_options"),
    ],
)
async def test_reads_refusals_in_the_words_of_many_servers(loopback, connect, query, refusal, gone):
    def answer(request):
        roles = {m["role"] for m in request.messages}
        return refusal if gone in request.body or gone in roles else "x = 1"

    server = loopback(answer)
    assert (await connect(server.url).answer(query())).text == "x = 1"
    assert len(server.requests) == 2


async def test_a_refusal_that_dropping_does_not_cure_is_not_remembered(loopback, connect, query):
    server = loopback(lambda r: Status(400, "no") if r.name == "bad" else "x = 1")
    model = connect(server.url)
    with pytest.raises(ModelRefused, match=r"refuses the request \(400\): no\."):
        await model.answer(query(name="bad"))
    await model.answer(query(name="good"))
    assert server.requests[-1].body["stream"] is True


@pytest.mark.parametrize("suffix", ["", "/", "/v1/", "/v1/chat/completions"])
async def test_forgives_a_base_url_without_version(loopback, connect, query, suffix):
    server = loopback("x = 1")
    model = connect(server.root + suffix)
    assert (await model.answer(query())).text == "x = 1"
    assert (await model.answer(query())).text == "x = 1"
    assert server.paths[-1] == "POST /v1/chat/completions"
    assert len(server.paths) <= 3


async def test_uses_an_api_at_the_root(loopback, connect, query):
    assert (await connect(loopback("x = 1", prefix="").root).answer(query())).text == "x = 1"


async def test_cancelling_closes_the_stream_at_once(loopback, connect, query):
    server = loopback(lambda r: Hang("def post") if r.index == 0 else Hang())
    model = connect(server.url)
    for _ in range(2):
        task = asyncio.create_task(model.answer(query()))
        assert await asyncio.to_thread(server.arrived.acquire, timeout=10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.left.acquire, timeout=10)


async def test_one_pool_serves_many_calls_side_by_side(loopback, connect, query):
    server = loopback("x = 1", latency=0.05)
    model = connect(server.url)
    async with asyncio.TaskGroup() as group:
        for n in range(256):
            group.create_task(model.answer(query(name=f"f{n}")))
    assert server.connections <= 256
    used = server.connections
    await model.answer(query())
    assert server.connections == used


async def test_keeps_connections_for_the_next_call(loopback, connect, query):
    server = loopback("x = 1")
    model = connect(server.url)
    for _ in range(5):
        await model.answer(query())
    assert server.connections == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_no_proxy_stands_before_this_machine(loopback, connect, query, monkeypatch, host):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = loopback("x = 1")
    assert (await connect(server.url.replace("127.0.0.1", host)).answer(query())).text == "x = 1"


async def test_warming_makes_no_request(loopback, connect):
    server = loopback("x")
    model = connect(server.url)
    await asyncio.gather(model.warm(), model.warm())
    assert server.paths == []


def test_the_sdk_is_imported_only_when_it_is_needed():
    code = "import sys, soa.model.openai, soa.model.discovery; sys.exit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("done", [True, False])
async def test_a_drop_after_the_end_of_the_reply_costs_nothing(loopback, connect, query, done):
    server = loopback(lambda _: Text("x = 1", drop=True, done=done))
    assert (await connect(server.url).answer(query())).text == "x = 1"
    assert len(server.requests) == 1
