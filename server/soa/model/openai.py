"""A model behind an OpenAI-compatible API.

The SDK is imported only here and only inside functions: importing it takes 0.6 s. `warm` lets a caller do that in a
thread while other work goes on.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import ssl
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import evolve

from soa.model import Reply
from soa.model.endpoint import is_loopback, with_version
from soa.model.explain import explain, unknown_model
from soa.model.failures import Failure, one_line, read_refusal, refused_feature
from soa.model.request import ALL_FEATURES, request_body
from soa.model.retries import Clock, RetryPolicy, WallClock, wished_wait
from soa.model.secrets import scrub
from soa.model.usage import reported_usage
from soa.model.wire import Answer, Assembler, model_names

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
    from types import ModuleType

    from openai import APIStatusError, AsyncOpenAI

    from soa.errors import ModelError
    from soa.model import Query
    from soa.model.endpoint import Endpoint

CONNECTIONS = 256
"""Calls that can be under way at once over one pool."""
CONNECT_SECONDS = 15.0
"""Longest time for a connection to be made."""
PLACEHOLDER_KEY = "no-key-set"
"""The SDK wants a key; servers that need none ignore this one."""
Result = TypeVar("Result")


def warm() -> None:
    """Import the SDK now; to be called from a thread of its own while other work goes on."""
    importlib.import_module("openai.resources.chat")


class Connection:
    """One pool of connections to an endpoint. Its calls give a `Failure` instead of raising, and no key in it."""

    def __init__(self, endpoint: Endpoint, clock: Clock) -> None:
        self.endpoint = endpoint
        self._clock = clock
        self._base_url = endpoint.base_url
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> AsyncOpenAI:
        """Import the SDK and make its client, in a thread, once."""
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(_make_client, self.endpoint)
        return self._client

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.close()

    async def chat(self, body: Mapping[str, Any], headers: Mapping[str, str], limit: int) -> Answer | Failure:
        """Ask for one completion; `limit` is the longest reply in tokens."""

        async def call(client: AsyncOpenAI) -> Answer | Failure:
            create = client.chat.completions.with_streaming_response.create
            async with create(**body, extra_headers=headers) as response:
                return await _assemble(response.iter_bytes(), Assembler(limit))

        return await self._ask(call)

    async def models(self) -> tuple[str, ...] | Failure:
        """The names of the models that the endpoint has, as it lists them."""

        async def call(client: AsyncOpenAI) -> tuple[str, ...] | Failure:
            return model_names(await client.get("/models", cast_to=object))

        return await self._ask(call)

    async def _ask(self, call: Callable[[AsyncOpenAI], Awaitable[Result | Failure]]) -> Result | Failure:
        """Make a call; where there is no such API at the base URL, make it once more below `/v1`."""
        base_url = self._base_url
        outcome = await self._attempt(call, base_url)
        versioned = with_version(base_url)
        if versioned and isinstance(outcome, Failure) and outcome.kind == "path":
            second = await self._attempt(call, versioned)
            if not (isinstance(second, Failure) and second.kind == "path"):
                self._base_url = versioned
                return second
        return outcome

    async def _attempt(
        self, call: Callable[[AsyncOpenAI], Awaitable[Result | Failure]], base_url: str
    ) -> Result | Failure:
        client = await self.open()
        library, sdk = _http_library(), sys.modules["openai"]
        try:
            moved = base_url != self.endpoint.base_url
            outcome = await call(client.with_options(base_url=base_url) if moved else client)
        except sdk.APIStatusError as error:
            outcome = self._refusal(error)
        except (sdk.APIError, library.RequestError, library.InvalidURL, ssl.SSLError, OSError) as error:
            outcome = _network_failure(error, library)
        return self._clean(outcome) if isinstance(outcome, Failure) else outcome

    def _refusal(self, error: APIStatusError) -> Failure:
        response = error.response
        if error.status_code < 400:
            return Failure("moved", one_line(response.headers.get("location", "")), error.status_code)
        return read_refusal(error.status_code, response.text, wished_wait(response.headers, self._clock.now()))

    def _clean(self, failure: Failure) -> Failure:
        key = self.endpoint.api_key
        return evolve(failure, text=scrub(failure.text, key), param=scrub(failure.param, key))


class OpenAIModel:
    """Answers queries through an OpenAI-compatible API, over one shared pool of connections.

    What the server refuses (streaming, `stream_options`, system messages, `temperature`) is left out: as soon as a
    call succeeded without it, for all later ones.

    Parameters
    ----------
    name
        The model, as the endpoint knows it.
    endpoint
        Where it is.
    retries
        When a failed call is repeated.
    reply_tokens
        Longest reply that is read, in tokens; the connection is closed when it gets longer.
    temperature
        Sampling temperature.
    clock
        Passes the time between repetitions.
    """

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        *,
        retries: RetryPolicy | None = None,
        reply_tokens: int = 100_000,
        temperature: float = 0.2,
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self.endpoint = endpoint
        self._clock = clock or WallClock()
        self._retries = retries or RetryPolicy()
        self._reply_tokens = reply_tokens
        self._temperature = temperature
        self._features = ALL_FEATURES
        self._connection = Connection(endpoint, self._clock)

    def __repr__(self) -> str:
        return f"OpenAIModel({self.name!r}, {self.endpoint.place!r})"

    async def warm(self) -> None:
        """Import the SDK and make its client, so that the first answer need not wait for it."""
        await self._connection.open()

    async def answer(self, query: Query) -> Reply:
        """Answer one query, repeating it where that may help. Cancelling closes its connection at once.

        Raises
        ------
        ModelUnreachable
            There is no connection, or nothing came within the timeout.
        ModelRefused
            The key, the model, the quota or the request is refused.
        ModelBusy
            Still rate limited, failing or cut off after all repetitions.
        """
        features, taken = self._features, 0
        while True:
            body = request_body(self.name, query, features, self._temperature)
            outcome = await self._connection.chat(body, query.headers, self._reply_tokens)
            if not isinstance(outcome, Failure):
                self._features = self._features & features
                usage = reported_usage(outcome.usage, query, outcome.text + outcome.reasoning)
                return Reply(outcome.text, usage, outcome.cut)
            if refused := refused_feature(outcome, features):
                features = features - {refused}
                continue
            pause = self._retries.pause(outcome, taken)
            if pause is None:
                raise await self._explain(outcome, taken + 1)
            taken += 1
            await self._clock.sleep(pause)

    async def close(self) -> None:
        """Release all connections."""
        await self._connection.close()

    async def _explain(self, failure: Failure, tries: int) -> ModelError:
        if failure.kind == "model":
            models = await self._connection.models()
            known = () if isinstance(models, Failure) else models
            return unknown_model(self.name, known, self.endpoint.place, failure.text)
        return _error(failure, self.endpoint, tries)


async def list_models(endpoint: Endpoint) -> tuple[str, ...]:
    """The names of the models that an endpoint has, sorted.

    Raises
    ------
    ModelError
        It does not say.
    """
    connection = Connection(endpoint, WallClock())
    try:
        models = await connection.models()
    finally:
        await connection.close()
    if isinstance(models, Failure):
        raise _error(models, endpoint)
    return models


async def _assemble(chunks: AsyncGenerator[bytes, None], assembler: Assembler) -> Answer | Failure:
    """Read a body until it ends, or until its reply is whole and nothing more comes."""
    try:
        async with asyncio.timeout(None) as deadline, aclosing(chunks):
            grace = None
            async for data in chunks:
                if assembler.feed(data):
                    break
                if assembler.grace != grace:
                    grace = assembler.grace
                    deadline.reschedule(asyncio.get_running_loop().time() + (grace or 0.0))
    except TimeoutError:
        pass
    except _http_library().RequestError:
        if assembler.grace is None:
            raise
    return assembler.finish()


def _make_client(endpoint: Endpoint) -> AsyncOpenAI:
    warm()
    import openai

    timeout = openai.Timeout(endpoint.timeout, connect=min(endpoint.timeout, CONNECT_SECONDS), pool=None)
    limits = _http_library().Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    # a proxy set for the internet must not stand before a server on this machine
    trust = not is_loopback(endpoint.base_url)
    return openai.AsyncOpenAI(
        base_url=endpoint.base_url,
        api_key=endpoint.api_key or PLACEHOLDER_KEY,
        timeout=timeout,
        max_retries=0,
        # code goes where the user sends it, not where that server may point
        http_client=openai.DefaultAsyncHttpxClient(
            timeout=timeout, limits=limits, trust_env=trust, follow_redirects=False
        ),
    )


def _http_library() -> ModuleType:
    """The library that the SDK makes its requests with (httpx2; httpx in older releases), whose errors it passes on."""
    import openai

    client = next(c for c in openai.DefaultAsyncHttpxClient.__mro__ if c.__name__ == "AsyncClient")
    return sys.modules[client.__module__.partition(".")[0]]


def _network_failure(error: Exception, library: ModuleType) -> Failure:
    import openai

    cause = (error.__cause__ if isinstance(error, openai.APIConnectionError) else None) or error
    if isinstance(cause, (library.ConnectError, library.ConnectTimeout, library.ProxyError, library.InvalidURL)):
        return Failure("down", _reason(cause))
    if isinstance(cause, (library.TimeoutException, TimeoutError)):
        return Failure("silent")
    return Failure("cut", _reason(cause))


def _reason(error: BaseException) -> str:
    """The system's own words at the bottom of a chain of errors."""
    words, below = str(error), error.__cause__ or error.__context__
    while below is not None:
        if isinstance(below, OSError) and below.errno:
            words = (
                os.strerror(below.errno) if below.errno > 0 else below.strerror or words
            )  # a resolver's are negative
        below = below.__cause__ or below.__context__
    return one_line(words)


def _error(failure: Failure, endpoint: Endpoint, tries: int = 1) -> ModelError:
    return explain(failure, endpoint.place, keyed=bool(endpoint.api_key), seconds=endpoint.timeout, tries=tries)
