"""What the engine's process does: carries out what the server's process orders, and ends with it."""

from __future__ import annotations

import asyncio
import itertools
import logging
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import frozen

from soa.engine.channel import Channel
from soa.engine.local import LocalImplementer
from soa.engine.messages import (
    Answered,
    Asked,
    Batch,
    Begin,
    Cancel,
    Cancelled,
    Close,
    Ended,
    Failed,
    Failure,
    Happened,
    Proposed,
    Stop,
    ToEngine,
    Withdrawn,
)
from soa.engine.outbox import Outbox
from soa.errors import SoaError
from soa.store import Store, default_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from soa.contracts import Proposal
    from soa.events import Event
    from soa.model import Query, Reply

LAST_SECONDS = 5
"""How long the process may take to end; its children end with it."""

log = logging.getLogger(__name__)


def work(pipe: Connection[Any, Any], store: Path | None, *, editor: bool) -> None:
    """Carry out orders until the pipe is closed, `Close` comes or SIGTERM; see `process.serve`."""
    asyncio.run(_work(pipe, store or default_path(), editor))


async def _work(pipe: Connection[Any, Any], store: Path, editor: bool) -> None:
    ended = asyncio.Event()
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    service = _Service(pipe, store, ended, editor=editor)
    await ended.wait()
    if sys.platform != "win32":
        signal.alarm(LAST_SECONDS)  # whatever may hang now: nothing outlives the server
    await service.close()


class _Service:
    """The runs of this process, and the questions that they have for the editor."""

    def __init__(self, pipe: Connection[Any, Any], store: Path, ended: asyncio.Event, *, editor: bool) -> None:
        self._path = store
        self._editor = editor
        self._ended = ended
        self._store: Store | None = None
        self._opening = asyncio.Lock()
        self._implementer: LocalImplementer | None = None
        self._runs: dict[int, asyncio.Task[Ended | Failed]] = {}
        self._questions: dict[int, asyncio.Future[Reply | Failure]] = {}
        self._count = itertools.count(1)
        self._channel = Channel[Batch, ToEngine](pipe, self._take, ended.set)
        self._outbox = Outbox(self._channel.send)

    async def close(self) -> None:
        """End all runs and all that they need; nothing is said any more, the end of the pipe says it all."""
        for run in self._runs.values():
            run.cancel()
        if self._runs:
            await asyncio.wait(self._runs.values())
        if self._implementer is not None:
            await self._implementer.close()
        if self._store is not None:
            await asyncio.to_thread(self._store.close)

    def _take(self, message: ToEngine) -> None:
        match message:
            case Begin(number):
                run = self._runs[number] = asyncio.create_task(self._run(message))
                run.add_done_callback(partial(self._tell_end, number))
            case Cancel(number):
                if number in self._runs:
                    self._runs[number].cancel()
            case Stop(run_ident, agent):
                if self._implementer is not None:
                    self._implementer.stop(run_ident, agent)
            case Answered(question, answer):
                future = self._questions.get(question)
                if future is not None and not future.done():
                    future.set_result(answer)
            case Close():
                self._ended.set()

    async def _run(self, begin: Begin) -> Ended | Failed:
        try:
            implementer = await self._ready()
            return Ended(begin.number, await implementer.run(begin.order, _Teller(begin.number, self._outbox)))
        except SoaError as error:
            return Failed(begin.number, Failure.of(error))
        except Exception as error:
            log.exception("A run broke off")
            return Failed(begin.number, _bug(error))

    def _tell_end(self, number: int, run: asyncio.Task[Ended | Failed]) -> None:
        del self._runs[number]
        if not self._ended.is_set():
            self._outbox.put(Cancelled(number) if run.cancelled() else run.result())

    async def _ready(self) -> LocalImplementer:
        async with self._opening:
            if self._implementer is None:
                self._store = await asyncio.to_thread(Store, self._path)
                self._implementer = LocalImplementer(self._store, ask=self._ask if self._editor else None)
            return self._implementer

    async def _ask(self, query: Query) -> Reply:
        question = next(self._count)
        future: asyncio.Future[Reply | Failure] = asyncio.get_running_loop().create_future()
        self._questions[question] = future
        self._outbox.put(Asked(question, query))
        try:
            answer = await future
        except asyncio.CancelledError:
            self._outbox.put(Withdrawn(question))
            raise
        finally:
            del self._questions[question]
        if isinstance(answer, Failure):
            raise answer.as_error()
        return answer


@frozen
class _Teller:
    """Passes on what happens in one run."""

    number: int
    outbox: Outbox

    def events(self, events: Sequence[Event]) -> None:
        self.outbox.put(Happened(self.number, tuple(events)))

    def proposal(self, proposal: Proposal) -> None:
        self.outbox.put(Proposed(self.number, proposal))


def _bug(error: Exception) -> Failure:
    message = f"The engine met an error of its own: {type(error).__name__}: {error}."
    return Failure("SoaError", message, "What was proposed is kept. The log has the details; please report it.")
