"""The server's side of one engine process: what it was asked to do, and what it says of it."""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import TYPE_CHECKING

from attrs import frozen

from soa.engine.channel import Channel
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
    FromEngine,
    Happened,
    Proposed,
    Stop,
    ToEngine,
    Withdrawn,
)
from soa.errors import SoaError

if TYPE_CHECKING:
    from pathlib import Path

    from soa.engine.implementer import Listener, Order
    from soa.engine.process import EngineProcess
    from soa.events import RunResult
    from soa.model import Query, Reply
    from soa.model.editor import Ask

PATIENCE = 2.0
"""Seconds that the process has to end before it is killed."""

log = logging.getLogger(__name__)


@frozen(eq=False)
class _Errand:
    """A run that the process is at."""

    listener: Listener
    ending: asyncio.Future[RunResult]


class Link:
    """One engine process from its start to its end.

    Parameters
    ----------
    process
        The process.
    ask
        Puts a question to the editor's own model; None if it has none.
    patience
        Seconds that a run has to end once it is cancelled; then the process is taken to be stuck, and killed.
    """

    def __init__(self, process: EngineProcess, ask: Ask | None, patience: float) -> None:
        self._process = process
        self._ask = ask
        self._patience = patience
        self._errands: dict[int, _Errand] = {}
        self._answering: dict[int, asyncio.Task[None]] = {}
        self._count = itertools.count(1)
        self._closing = False
        self._burial: asyncio.Task[None] | None = None
        self._gone = asyncio.Event()
        self._channel = Channel[ToEngine, Batch](process.pipe, self._take, self._lose)

    @classmethod
    async def open(cls, store: Path | None, ask: Ask | None, patience: float) -> Link:
        """Start a process; see `process.serve`.

        Raises
        ------
        SoaError
            The system does not let us.
        """
        return cls(await asyncio.to_thread(_start, store, editor=ask is not None), ask, patience)

    @property
    def lost(self) -> bool:
        """Whether the process is gone, or going."""
        return self._burial is not None

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    async def run(self, order: Order, listener: Listener) -> RunResult:
        """Have an order carried out; see `Implementer`."""
        if self.lost:
            raise _broken("it ended before the run began")
        number = next(self._count)
        errand = self._errands[number] = _Errand(listener, asyncio.get_running_loop().create_future())
        self._channel.send(Begin(number, order))
        try:
            return await asyncio.shield(errand.ending)
        except asyncio.CancelledError:
            await self._cancel(number, errand)
            raise
        finally:
            del self._errands[number]

    def stop(self, run: str, agent: str) -> None:
        """Have one agent of a run ended, and all below it; see `Implementer`."""
        self._channel.send(Stop(run, agent))

    async def close(self) -> None:
        """End all runs, which then raise `CancelledError`, and the process; by force if it takes too long."""
        self._closing = True
        self._channel.send(Close())
        if not await self._is_gone():
            self._process.kill()
            await self._is_gone()

    async def _is_gone(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._gone.wait()
        except TimeoutError:
            return False

    async def _cancel(self, number: int, errand: _Errand) -> None:
        """Have a run ended; a process that does not obey is ended as a whole."""
        if not errand.ending.done():
            self._channel.send(Cancel(number))
            _, waiting = await asyncio.wait([errand.ending], timeout=self._patience)
            if waiting:
                self._process.kill()

    def _take(self, batch: Batch) -> None:
        for message in batch:
            try:
                self._hear(message)
            except Exception:  # one listener's fault must not cost the others their messages
                log.exception("What the engine said could not be taken in")

    def _hear(self, message: FromEngine) -> None:
        match message:
            case Asked(question, query):
                answering = self._answering[question] = asyncio.create_task(self._answer(question, query))
                answering.add_done_callback(lambda _: self._answering.pop(question))
            case Withdrawn(question):
                if question in self._answering:
                    self._answering[question].cancel()
            case _:
                if message.number in self._errands:
                    _deliver(message, self._errands[message.number])

    async def _answer(self, question: int, query: Query) -> None:
        if self._ask is None:
            return
        answer: Reply | Failure
        try:
            answer = await self._ask(query)
        except SoaError as error:
            answer = Failure.of(error)
        except Exception as error:
            log.exception("The editor's model could not be asked")
            answer = Failure("ModelError", f"The editor's model could not be asked: {type(error).__name__}: {error}.")
        self._channel.send(Answered(question, answer))

    def _lose(self) -> None:
        for answering in self._answering.values():
            answering.cancel()
        self._burial = asyncio.create_task(self._bury())

    async def _bury(self) -> None:
        words = await asyncio.to_thread(self._process.bury)
        for ending in [e.ending for e in self._errands.values() if not e.ending.done()]:
            if self._closing:
                ending.cancel()
            else:
                ending.set_exception(_broken(words))
        self._gone.set()


def _start(store: Path | None, *, editor: bool) -> EngineProcess:
    from soa.engine.process import EngineProcess  # the server needs `multiprocessing` from now on, not from its start

    return EngineProcess.start(store, editor=editor)


def _deliver(message: Happened | Proposed | Ended | Failed | Cancelled, errand: _Errand) -> None:
    match message:
        case Happened():
            errand.listener.events(message.events)
        case Proposed():
            errand.listener.proposal(message.proposal)
        case Ended():
            errand.ending.set_result(message.result)
        case Failed():
            errand.ending.set_exception(message.failure.as_error())
        case Cancelled():
            errand.ending.cancel()


def _broken(words: str) -> SoaError:
    return SoaError(
        f"The engine's process is gone: {words}.",
        "Ask again: a new one is started. What was proposed is kept.",
    )
