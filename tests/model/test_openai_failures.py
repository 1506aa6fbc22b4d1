"""What happens when an endpoint fails: repeated where that may help, else an error that says what to do."""

from __future__ import annotations

import logging
import socket

import pytest

from loopback import Cut, Hang, Raw, Status, quota, rate_limited, unknown_model, web_page, wrong_key
from soa.errors import ModelBusy, ModelError, ModelRefused, ModelUnreachable
from soa.model.retries import RetryPolicy


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize(
    "fault",
    [
        Status(408),
        Status(409),
        rate_limited(),
        Status(500),
        web_page(502),
        Status(503, body=""),
        Cut(),
        Cut("def post(self): pass", after=8),
        Cut("def post(self): pass", after=8, clean=True),
        Raw(b'{"choices": [{"mess'),
        Raw(b'data: {"choices": [\n\n', "text/event-stream"),
        Raw(b'data: {"error": {"message": "overloaded", "code": 503}}\n\n', "text/event-stream"),
        Raw(b"", "text/event-stream"),
        Raw(b"null"),
    ],
    ids=[
        "408", "409", "429", "500", "502-page", "503-empty", "cut-before", "cut-midway", "ended-midway",
        "broken-json", "broken-event", "error-event", "empty-body", "null",
    ],
)  # fmt: skip
async def test_repeats_what_may_pass(loopback, connect, query, clock, fault):
    server = loopback(lambda r: fault if r.nth < 2 else "x = 1")
    reply = await connect(server.url).answer(query())
    assert reply.text == "x = 1"
    assert reply.usage.calls == 1
    assert len(server.requests) == 3
    assert 0.25 <= clock.slept[0] <= 0.5 <= clock.slept[1] <= 1.0


async def test_gives_up_after_the_last_repetition(loopback, connect, query, clock):
    server = loopback(lambda _: Status(500, "worn out"))
    with pytest.raises(ModelBusy, match=r"still fails \(500\) after 4 tries: worn out") as caught:
        await connect(server.url, retries=RetryPolicy(limit=3)).answer(query())
    assert len(server.requests) == 4
    assert len(clock.slept) == 3
    assert caught.value.__context__ is None


async def test_honours_the_wait_that_the_server_wishes(loopback, connect, query, clock):
    faults = [
        rate_limited(7),
        rate_limited("0.5"),
        rate_limited(**{"retry-after-ms": "1500", "Retry-After": "9"}),
        rate_limited("Tue, 14 Nov 2023 22:13:59 GMT"),
    ]
    server = loopback(lambda r: faults[r.nth] if r.nth < len(faults) else "x = 1")
    await connect(server.url).answer(query())
    assert clock.slept == [7.0, 0.5, 1.5, 30.0]


@pytest.mark.parametrize("wish", ["3600", "inf", "1e400"])
async def test_does_not_wait_for_ever(loopback, connect, query, clock, wish):
    server = loopback(lambda _: rate_limited(wish))
    with pytest.raises(ModelBusy, match="limits the rate"):
        await connect(server.url).answer(query())
    assert clock.slept == []


@pytest.mark.parametrize("fault", [quota(), Status(402, "Insufficient Balance")])
async def test_an_empty_account_is_not_asked_again(loopback, connect, query, fault):
    server = loopback(lambda _: fault)
    with pytest.raises(ModelRefused, match="quota is used up") as caught:
        await connect(server.url).answer(query())
    assert len(server.requests) == 1
    assert "billing" in caught.value.advice


async def test_nobody_there(connect, query):
    url = f"http://127.0.0.1:{free_port()}/v1"
    with pytest.raises(ModelUnreachable, match="No connection to " + url) as caught:
        await connect(url).answer(query())
    assert "refused" in caught.value.message
    assert "Is the server running?" in caught.value.advice


async def test_a_host_without_a_name(connect, query):
    with pytest.raises(ModelUnreachable, match=r"No connection to http://nowhere\.invalid/v1"):
        await connect("http://nowhere.invalid/v1").answer(query())


async def test_tls_where_there_is_none(loopback, connect, query):
    with pytest.raises(ModelError, match="https://127"):
        await connect(loopback("x").url.replace("http:", "https:"), timeout=0.3).answer(query())


@pytest.mark.parametrize("hang", [Hang(), Hang("def post")], ids=["before", "midway"])
async def test_a_hanging_endpoint_is_given_up(loopback, connect, query, hang):
    server = loopback(lambda _: hang)
    with pytest.raises(ModelUnreachable, match=r"no sign of life for 0\.2 s") as caught:
        await connect(server.url, timeout=0.2).answer(query())
    assert "--timeout" in caught.value.advice
    assert len(server.requests) == 1


async def test_an_unknown_model_names_the_nearest(loopback, connect, query):
    server = loopback(lambda _: unknown_model("qwen-2.5"), models=("llama3", "qwen2.5-coder", "mistral"))
    with pytest.raises(ModelRefused, match=r"has no model 'qwen-2\.5'") as caught:
        await connect(server.url, name="qwen-2.5").answer(query())
    assert "It has: qwen2.5-coder," in caught.value.advice
    assert "--model NAME" in caught.value.advice


@pytest.mark.parametrize(
    "said",
    [
        'model "x" not found, try pulling it first',
        "The model `x` doesn't exist.",
        "Model Not Exist",
        "invalid model x",
    ],
)
async def test_an_unknown_model_in_the_words_of_many_servers(loopback, connect, query, said):
    server = loopback(lambda r: Status(404 if r.index % 2 else 400, said))
    with pytest.raises(ModelRefused, match="has no model"):
        await connect(server.url).answer(query())


async def test_a_prompt_that_is_too_long(loopback, connect, query):
    fault = Status(400, "This model's maximum context length is 4096 tokens.", "context_length_exceeded")
    server = loopback(lambda _: fault)
    with pytest.raises(ModelRefused, match="prompt too long") as caught:
        await connect(server.url).answer(query())
    assert "context-tokens" in caught.value.advice
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [web_page(404, "Not here"), Raw(b"<!DOCTYPE html><title>Shop</title>", "text/html")])
async def test_a_web_page_is_cut_to_a_line(loopback, connect, query, fault):
    with pytest.raises(ModelRefused, match="no OpenAI-compatible API") as caught:
        await connect(loopback(lambda _: fault).url).answer(query())
    assert "a web page, '" in caught.value.message
    assert len(str(caught.value)) < 300
    assert "<" not in str(caught.value)


async def test_a_refused_key_names_the_variable(loopback, connect, query):
    server = loopback("x", key="another")
    with pytest.raises(ModelRefused, match="refuses the key") as caught:
        await connect(server.url).answer(query())
    assert "OPENAI_API_KEY" in caught.value.advice
    with pytest.raises(ModelRefused, match="wants a key and none is set"):
        await connect(server.url, api_key="").answer(query())


async def test_no_part_of_a_key_gets_out(loopback, connect, query, key, caplog):
    echoes = [
        wrong_key(key),
        wrong_key(f"{key[:7]}************{key[-4:]}"),
        wrong_key(f"sk-...{key[-4:]}"),
        Status(400, f"bad header Authorization: Bearer {key}"),
        Status(400, f"token ends in {key[-8:]}"),
        Status(404, f"no route for {key}", param=key),
    ]
    caplog.set_level(logging.DEBUG)
    server = loopback(lambda r: echoes[int(r.name)])
    model = connect(server.url)
    assert key not in repr(model) + repr(model.endpoint)
    for n in range(len(echoes)):
        with pytest.raises(ModelRefused) as caught:
            await model.answer(query(name=str(n)))
        shown = repr(caught.value) + str(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)
        assert not any(key[i : i + 4] in shown for i in range(3, len(key) - 3))
    assert not any(key[i : i + 6] in caplog.text for i in range(8, len(key) - 5))


async def test_a_password_in_the_url_is_not_shown(connect, query):
    with pytest.raises(ModelUnreachable) as caught:
        await connect(f"http://me:secret@127.0.0.1:{free_port()}/v1?token=secret").answer(query())
    assert "secret" not in str(caught.value)
