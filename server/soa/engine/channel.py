"""One end of the pipe between the two processes."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

Incoming = TypeVar("Incoming")
Outgoing = TypeVar("Outgoing")


class Channel(Generic[Outgoing, Incoming]):
    """Sends and receives in threads of its own, so that the loop never waits for the other process.

    Parameters
    ----------
    pipe
        Our end; closed when the other one is.
    take
        Is given each message that comes, on the running loop.
    lost
        Is called on the running loop once the other end is closed.
    """

    def __init__(self, pipe: Connection[Any, Any], take: Callable[[Incoming], None], lost: Callable[[], None]) -> None:
        self._pipe = pipe
        self._take = take
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._outgoing: SimpleQueue[Outgoing | None] = SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="soa-pipe-out", daemon=True)
        self._writer.start()
        threading.Thread(target=self._read, name="soa-pipe-in", daemon=True).start()

    def send(self, message: Outgoing) -> None:
        """Send a message soon; nothing happens if nobody is there to read it."""
        self._outgoing.put(message)

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            while (message := self._outgoing.get()) is not None:
                self._pipe.send(message)

    def _read(self) -> None:
        try:
            with contextlib.suppress(EOFError, OSError):
                while True:
                    self._tell(partial(self._take, self._pipe.recv()))
        finally:
            self._outgoing.put(None)
            self._writer.join()
            self._pipe.close()
            self._tell(self._lost)

    def _tell(self, callback: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is interested any more
            self._loop.call_soon_threadsafe(callback)
