"""Finding a model to ask: what is set, else what runs on this machine. Nothing is guessed silently."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from attrs import field, frozen

from soa.errors import ConfigurationError, ModelError, NoModel
from soa.model.endpoint import Endpoint, shown_url
from soa.model.explain import listed, nearest
from soa.model.openai import OpenAIModel, list_models
from soa.model.retries import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soa.settings import Settings

HOSTED = "https://api.openai.com/v1"
PROBE_SECONDS = 1.0
"""Time for a local server to list its models."""
LISTING_SECONDS = 20.0
"""Longest time for a configured endpoint to list its models."""

ADVICE = """\
Set one of these, then run `soa doctor`:
  hosted      export OPENAI_API_KEY=...            and --model NAME
  any server  --base-url http://HOST:PORT/v1       or OPENAI_BASE_URL, and OPENAI_API_KEY if it wants a key
or start one on this machine; it is found by itself:
  Ollama      ollama pull qwen2.5-coder && ollama serve
  LM Studio   lms server start                     (with a model loaded)
  llama.cpp   llama-server -m MODEL.gguf
  vLLM        vllm serve MODEL
With several models, choose one with --model NAME, SOA_MODEL, or model = "NAME" under [tool.soa] in pyproject.toml.
`soa demo` needs no model at all."""


@frozen
class LocalServer:
    """A program that answers on this machine, and where by default."""

    program: str
    port: int

    @property
    def base_url(self) -> str:
        """The root of its API."""
        return f"http://127.0.0.1:{self.port}/v1"


LOCAL_SERVERS = (
    LocalServer("Ollama", 11434),
    LocalServer("LM Studio", 1234),
    LocalServer("llama.cpp", 8080),
    LocalServer("vLLM", 8000),
)


@frozen
class Found:
    """The model to ask."""

    model: str
    base_url: str
    api_key: str = field(repr=False)
    """Empty where none is set."""
    source: str
    """Where this comes from, for people: `OPENAI_API_KEY`, `--base-url`, `Ollama on this machine`."""


@frozen
class Finding:
    """What `soa doctor` says about one place."""

    where: str
    works: bool
    models: tuple[str, ...] = ()
    advice: str = ""
    """What to do if it does not work, or to use it."""
    base_url: str = ""
    """What to set to ask there, without secrets; empty where nothing could be asked."""


async def discover(
    settings: Settings, environ: Mapping[str, str], servers: tuple[LocalServer, ...] = LOCAL_SERVERS
) -> Found:
    """The model to ask: as set, else by `OPENAI_BASE_URL` or `OPENAI_API_KEY`, else on this machine.

    Where both the endpoint and the model are set, nothing is asked.

    Raises
    ------
    NoModel
        Nothing is set and nothing runs here; the advice says what to set.
    ConfigurationError
        The model's name is not set and there are several, or none.
    ModelError
        The endpoint was asked for its models and did not answer.
    """
    configured = _configured(settings, environ)
    if configured is None:
        return await _find_local(settings.model, servers)
    endpoint, source = configured
    name = settings.model or await _only_model(endpoint)
    return Found(name, endpoint.base_url, endpoint.api_key, source)


async def survey(
    settings: Settings, environ: Mapping[str, str], servers: tuple[LocalServer, ...] = LOCAL_SERVERS
) -> tuple[Finding, ...]:
    """What there is: the configured endpoint first, then the usual places on this machine."""
    try:
        configured = _configured(settings, environ)
    except ConfigurationError as error:
        return (Finding("configuration", works=False, advice=str(error)),)
    here = [_examine_local(server) for server in servers]
    asked = [_examine(*configured, settings.model)] if configured else []
    return tuple(await asyncio.gather(*asked, *here))


def open_model(found: Found, settings: Settings) -> OpenAIModel:
    """The model that was found, with the patience that is set."""
    endpoint = Endpoint(found.base_url, found.api_key, settings.timeout)
    retries = RetryPolicy(settings.retries)
    return OpenAIModel(found.model, endpoint, retries=retries, reply_tokens=settings.reply_tokens)


def _configured(settings: Settings, environ: Mapping[str, str]) -> tuple[Endpoint, str] | None:
    """The endpoint that is set and by what, or None."""
    key = environ.get("OPENAI_API_KEY", "")
    places = (
        (settings.base_url, "the setting base-url"),
        (environ.get("OPENAI_BASE_URL", ""), "OPENAI_BASE_URL"),
        (HOSTED if key.strip() else "", "OPENAI_API_KEY"),
    )
    chosen = next(((url, source) for url, source in places if url.strip()), None)
    seconds = min(settings.timeout, LISTING_SECONDS)
    return (Endpoint(chosen[0], key, seconds), chosen[1]) if chosen else None


async def _only_model(endpoint: Endpoint) -> str:
    try:
        models = await list_models(endpoint)
    except ModelError as error:
        advice = f"{error.advice} If it cannot list its models, name one with --model NAME."
        raise type(error)(error.message, advice) from None
    if len(models) == 1:
        return models[0]
    raise _choice(endpoint.place, models)


def _choice(place: str, models: tuple[str, ...]) -> ConfigurationError:
    how = "with --model NAME, SOA_MODEL, or model in [tool.soa]"
    if not models:
        return ConfigurationError(f"{place} has no model yet.", f"Load one there, or name one {how}.")
    return ConfigurationError(
        f"{place} has {len(models)} models and none is chosen.", f"Choose one {how}: {listed(models)}."
    )


async def _find_local(name: str, servers: tuple[LocalServer, ...]) -> Found:
    listings = await asyncio.gather(*(_probe(server) for server in servers))
    offers = [(server, model) for server, models in zip(servers, listings, strict=True) for model in models or ()]
    if all(models is None for models in listings):
        raise NoModel("No model is configured, and none of the usual servers runs on this machine.", ADVICE)
    fitting = [(server, model) for server, model in offers if _answers_to(model, name)] if name else offers
    if len(fitting) == 1 or (name and fitting):
        server, model = fitting[0]
        return Found(model, server.base_url, "", f"{server.program} on this machine")
    raise _no_offer(name, offers)


def _answers_to(model: str, name: str) -> bool:
    """Whether a listed model is meant by a name; Ollama lists `NAME:latest` for NAME."""
    return model in (name, f"{name}:latest")


def _no_offer(name: str, offers: list[tuple[LocalServer, str]]) -> ConfigurationError:
    places = dict.fromkeys(f"{server.program} at {shown_url(server.base_url)}" for server, _ in offers)
    where = " and ".join(places) or "The server on this machine"
    models = tuple(dict.fromkeys(model for _, model in offers))
    if name and models:
        near = listed(nearest(name, models))
        return ConfigurationError(f"{where} has no model {name!r}.", f"Choose one with --model NAME: {near}.")
    return _choice(where, models)


async def _probe(server: LocalServer) -> tuple[str, ...] | None:
    """The models of a local server; None if nothing there speaks this protocol. No key is sent to it."""
    try:
        return await list_models(Endpoint(server.base_url, timeout=PROBE_SECONDS))
    except ModelError:
        return None


async def _examine(endpoint: Endpoint, source: str, model: str) -> Finding:
    where = f"{endpoint.place} ({source})"
    try:
        models = await list_models(endpoint)
    except ModelError as error:
        return Finding(where, works=False, advice=str(error), base_url=endpoint.place)
    if model and models and not any(_answers_to(m, model) for m in models):
        advice = f"It does not list the model {model!r}. Nearest: {listed(nearest(model, models)[:3])}."
        return Finding(where, False, models, advice, endpoint.place)
    undecided = not model and len(models) != 1
    return Finding(where, not undecided, models, _choice("It", models).advice if undecided else "", endpoint.place)


async def _examine_local(server: LocalServer) -> Finding:
    models = await _probe(server)
    url = shown_url(server.base_url)
    where = f"{server.program} at {url}"
    if models is None:
        return Finding(where, works=False, advice=f"{server.program} does not run here.", base_url=url)
    return Finding(where, bool(models), models, "" if models else "It runs, but has no model yet.", url)
