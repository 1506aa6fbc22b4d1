"""The editor as the session sees it: what changed reaches it at a bearable rate, messages reach its user."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from soa.session.client import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from soa.errors import SoaError
    from soa.lsp.server import SoaLanguageServer
    from soa.model import Query, Reply
    from soa.session.client import Change, Grade
    from soa.session.views import RunView

    OnChange = Callable[[frozenset[str], tuple[RunView, ...]], None]

log = logging.getLogger(__name__)

INTERVAL: Final = 0.1
"""Seconds between two times at which changes are shown."""
REST: Final = 0.4
"""Seconds between two refreshes: the client fetches everything anew each time."""
PATIENCE: Final = 5.0
"""Seconds after which a refresh that the client does not answer counts as done."""
TYPES: Final[dict[Grade, types.MessageType]] = {
    "error": types.MessageType.Error,
    "warning": types.MessageType.Warning,
    "info": types.MessageType.Info,
    "log": types.MessageType.Log,
}
LEVELS: Final[dict[Grade, int]] = {
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "info": logging.INFO,
    "log": logging.INFO,
}


class EditorClient:
    """Implements `soa.session.client.Client` for one connection."""

    def __init__(self, server: SoaLanguageServer) -> None:
        self._server = server
        self._listeners: list[OnChange] = []
        self._uris: frozenset[str] = frozenset()
        self._runs: dict[str, RunView] = {}
        self._due: asyncio.TimerHandle | None = None
        self.gone = False
        """Whether the connection has ended."""
        self._last = 0.0

    def on_change(self, listener: OnChange) -> None:
        """Have a function called with the documents and runs that changed, at once or with others a little later."""
        self._listeners.append(listener)

    def changed(self, uris: frozenset[str], runs: tuple[RunView, ...]) -> None:
        """Show changes: the first at once, those that follow closely together."""
        self._uris |= uris
        self._runs.update((run.ident, run) for run in runs)
        if self._due is None:
            loop = asyncio.get_running_loop()
            self._due = loop.call_at(max(loop.time(), self._last + INTERVAL), self._show)

    def show_runs(self) -> None:
        """Show at once how runs stand; at the end nothing is shown of documents any more."""
        if self._due is not None:
            self._due.cancel()
            self._uris = frozenset()
            self._show()

    def _show(self) -> None:
        self._due, self._last = None, asyncio.get_running_loop().time()
        uris, runs = self._uris, tuple(self._runs.values())
        self._uris, self._runs = frozenset(), {}
        for listener in self._listeners:
            try:
                listener(uris, runs)
            except Exception:
                log.exception("A change cannot be shown")

    def tell(self, message: Message) -> None:
        """Show a message, or write it to the editor's log; all of them go to our log, with their cause."""
        log.log(LEVELS[message.grade], "%s", "\n".join(filter(None, (message.text, message.detail))))
        if message.grade == "log":
            self._server.window_log_message(types.LogMessageParams(TYPES["log"], message.text))
        else:
            self._server.window_show_message(types.ShowMessageParams(TYPES[message.grade], message.text))

    def show(self, text: str) -> None:
        """Show a text that holds what the user wrote: it does not go to the log."""
        self._server.window_show_message(types.ShowMessageParams(TYPES["info"], text))

    def complain(self, error: SoaError) -> None:
        """Show an error."""
        self.tell(Message("error", str(error)))

    async def complete(self, query: Query) -> Reply:
        """Have the editor's own language model answer an agent.

        Raises
        ------
        ModelError
            There is none, or it gives no answer.
        """
        from soa.lsp.completing import complete

        return await complete(self._server, query)

    async def apply(self, changes: tuple[Change, ...]) -> str:
        """Have edits applied; the reason if the editor refuses."""
        from soa.lsp.edits import apply_changes

        return await apply_changes(self._server, changes)


class Refresh:
    """Asks the client to fetch something again: one request at a time, and one more if there was need meanwhile."""

    def __init__(self, server: SoaLanguageServer, method: str) -> None:
        self._server = server
        self._method = method
        self._wanted = False
        self._under_way = False

    def __call__(self) -> None:
        """Have it fetched again, soon."""
        self._wanted = True
        if not self._under_way:
            self._under_way = True
            self._server.protocol.look_after(self._method, self._ask())

    async def _ask(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                asked = self._server.protocol.send_request_async(self._method, None)
                await asyncio.wait({asked}, timeout=PATIENCE)
                if asked.done() and not asked.cancelled():
                    asked.exception()
                await asyncio.sleep(REST)
        finally:
            self._under_way = False
