"""Which model is asked: set, found or chosen; never guessed."""

from __future__ import annotations

import asyncio

import pytest

from loopback import Hang
from soa.errors import ConfigurationError, ModelRefused, ModelUnreachable, NoModel
from soa.model.discovery import Found, LocalServer, discover, open_model, survey
from soa.settings import Settings


async def test_what_is_set_is_not_questioned():
    settings = Settings(model="m", base_url="http://127.0.0.1:9")
    found = await discover(settings, {"OPENAI_API_KEY": "k-1", "OPENAI_BASE_URL": "http://elsewhere/v1"}, ())
    assert found == Found("m", "http://127.0.0.1:9", "k-1", "the setting base-url")
    assert "k-1" not in repr(found)


async def test_the_environment_comes_next():
    environ = {"OPENAI_API_KEY": "k-1", "OPENAI_BASE_URL": "http://elsewhere/v1"}
    assert (await discover(Settings(model="m"), environ, ())).base_url == "http://elsewhere/v1"
    del environ["OPENAI_BASE_URL"]
    hosted = await discover(Settings(model="m"), environ, ())
    assert (hosted.base_url, hosted.source) == ("https://api.openai.com/v1", "OPENAI_API_KEY")


async def test_no_key_is_needed_where_a_url_is_set(loopback):
    server = loopback(models=("only",))
    found = await discover(Settings(), {"OPENAI_BASE_URL": server.url}, ())
    assert found == Found("only", server.url, "", "OPENAI_BASE_URL")


async def test_one_model_is_taken_several_are_not(loopback):
    one, many = loopback(models=("only",)), loopback(models=tuple(f"m{n:02}" for n in range(30)))
    assert (await discover(Settings(base_url=one.root), {}, ())).model == "only"
    with pytest.raises(ConfigurationError, match="has 30 models and none is chosen") as caught:
        await discover(Settings(base_url=many.url), {}, ())
    assert "--model NAME" in caught.value.advice
    assert "m00, m01," in caught.value.advice
    assert "and 18 more" in caught.value.advice


async def test_an_endpoint_without_models(loopback):
    with pytest.raises(ConfigurationError, match="has no model yet"):
        await discover(Settings(base_url=loopback(models=()).url), {}, ())


async def test_an_endpoint_that_does_not_tell(loopback):
    server = loopback(models=("m",), key="right")
    with pytest.raises(ModelRefused, match="refuses the key") as caught:
        await discover(Settings(base_url=server.url), {"OPENAI_API_KEY": "wrong-key"}, ())
    assert "--model NAME" in caught.value.advice
    assert "wrong" not in str(caught.value)
    with pytest.raises(ModelUnreachable, match="No connection"):
        await discover(Settings(base_url="http://127.0.0.1:9"), {}, ())
    with pytest.raises(ModelRefused, match="no OpenAI-compatible API"):
        await discover(Settings(base_url=f"{server.root}/other/v2"), {}, ())


async def test_a_server_on_this_machine_is_found(loopback):
    server = loopback(models=("only",))
    places = (LocalServer("Nobody", 9), LocalServer("Loopy", server.port))
    found = await discover(Settings(), {}, places)
    assert found == Found("only", server.url, "", "Loopy on this machine")


async def test_several_servers_on_this_machine(loopback):
    first, second = loopback(models=("a", "b:latest")), loopback(models=("c",))
    places = (LocalServer("One", first.port), LocalServer("Two", second.port))
    with pytest.raises(ConfigurationError, match=r"One at .* and Two at .* has 3 models"):
        await discover(Settings(), {}, places)
    assert (await discover(Settings(model="c"), {}, places)).base_url == second.url
    assert (await discover(Settings(model="b"), {}, places)).model == "b:latest"
    with pytest.raises(ConfigurationError, match="has no model 'x'"):
        await discover(Settings(model="x"), {}, places)


async def test_other_programs_on_a_usual_port_are_passed_over(loopback):
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    web = loopback(models=("m",), prefix="/elsewhere")
    mail = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with mail:
        places = (LocalServer("Web", web.port), LocalServer("Mail", mail.sockets[0].getsockname()[1]))
        with pytest.raises(NoModel):
            await discover(Settings(), {}, places)


async def test_an_endpoint_that_hangs_is_given_up():
    left = asyncio.Event()

    async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        left.set()

    async with await asyncio.start_server(stay_silent, "127.0.0.1", 0) as silent:
        url = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}/v1"
        with pytest.raises(ModelUnreachable, match=r"no sign of life for 0\.2 s") as caught:
            await discover(Settings(base_url=url, timeout=0.2), {}, ())
        assert "--model NAME" in caught.value.advice
        await left.wait()


async def test_no_key_is_sent_to_a_server_that_was_only_found(loopback):
    server = loopback(models=("m",), key="no-key-set")
    found = await discover(Settings(), {"OPENAI_API_KEY": " "}, (LocalServer("L", server.port),))
    assert (found.model, found.api_key) == ("m", "")


async def test_nothing_at_all_says_what_to_set_in_one_screen():
    with pytest.raises(NoModel) as caught:
        await discover(Settings(), {}, (LocalServer("Nobody", 9),))
    shown = str(caught.value)
    assert len(shown.splitlines()) <= 24
    assert max(map(len, shown.splitlines())) <= 120
    for word in (
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "--base-url",
        "--model",
        "Ollama",
        "LM Studio",
        "llama.cpp",
        "vLLM",
    ):
        assert word in shown


async def test_a_survey_names_every_place(loopback):
    here, set_up = loopback(models=("a",)), loopback(models=("b", "c"))
    places = (LocalServer("One", here.port), LocalServer("Nobody", 9), LocalServer("Empty", loopback(models=()).port))
    configured, one, nobody, empty = await survey(Settings(base_url=set_up.url), {}, places)
    assert (configured.works, configured.models) == (False, ("b", "c"))
    assert "--model NAME" in configured.advice
    assert (one.works, one.models) == (True, ("a",))
    assert (nobody.works, empty.works) == (False, False)
    assert "does not run" in nobody.advice
    assert "no model yet" in empty.advice
    assert [f.base_url for f in (configured, one)] == [server.url for server in (set_up, here)]
    assert nobody.base_url == "http://127.0.0.1:9/v1"


async def test_a_survey_offers_an_address_that_can_be_set(loopback):
    here = loopback(models=("a",))
    [finding] = await survey(Settings(), {}, (LocalServer("Ollama", here.port),))
    settings = Settings(model=finding.models[0], base_url=finding.base_url)
    assert (await discover(settings, {}, ())).base_url == here.url
    [again] = await survey(settings, {}, ())
    assert again.works


@pytest.mark.parametrize(("query", "works"), [("", True), ("?token=s3cret", False)])
async def test_what_a_survey_finds_holds_no_secret(loopback, query, works):
    server = loopback(models=("a",))
    url = server.url.replace("//", "//user:s3cret@") + query
    [finding] = await survey(Settings(base_url=url), {"OPENAI_API_KEY": "k-s3cret"}, ())
    assert (finding.works, finding.base_url) == (works, server.url)
    assert "s3cret" not in str(finding)


@pytest.mark.parametrize(("model", "works"), [("b", True), ("x", False), ("c", True)])
async def test_a_survey_checks_the_chosen_model(loopback, model, works):
    server = loopback(models=("b", "c:latest"))
    [finding] = await survey(Settings(base_url=server.url, model=model), {}, ())
    assert finding.works == works
    assert ("Nearest:" in finding.advice) == (not works)


async def test_a_survey_reports_what_does_not_work(loopback):
    [finding] = await survey(Settings(base_url=loopback(key="k").url), {"OPENAI_API_KEY": "wrong-key"}, ())
    assert not finding.works
    assert "OPENAI_API_KEY" in finding.advice
    [finding] = await survey(Settings(base_url="http://"), {}, ())
    assert "is not an address" in finding.advice
    assert (finding.models, finding.base_url) == ((), "")


async def test_opens_what_was_found_with_the_settings(loopback, query):
    server = loopback(lambda r: Hang() if r.index else "x = 1", models=("only",))
    settings = Settings(base_url=server.url, timeout=0.2)
    model = open_model(await discover(settings, {}, ()), settings)
    try:
        assert model.name == "only"
        assert (await model.answer(query())).text == "x = 1"
        with pytest.raises(ModelUnreachable, match=r"0\.2 s"):
            await model.answer(query())
    finally:
        await model.close()
