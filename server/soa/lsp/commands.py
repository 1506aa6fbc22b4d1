"""`workspace/executeCommand`: each command with its arguments and its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import frozen

from soa.lsp import names
from soa.lsp.accepting import accept, cancel, reject
from soa.lsp.arguments import (
    AgentArguments,
    CancelArguments,
    FileArguments,
    StubArguments,
    WorkspaceArguments,
    read_arguments,
)
from soa.lsp.everywhere import implement_workspace
from soa.lsp.going import go_to_stub, show_exchanges
from soa.lsp.implementing import decompose, implement, implement_file, regenerate
from soa.lsp.showing import Drawer
from soa.lsp.showing_diff import show_diff
from soa.lsp.wire import Wire
from soa.session.client import Message

if TYPE_CHECKING:
    from lsprotocol.types import ProgressToken

    from soa.lsp.progress import Bars
    from soa.lsp.server import SoaLanguageServer

A = TypeVar("A")
Handler = Callable[["Call[Any]"], Awaitable[Any]]

COMMANDS: dict[str, tuple[type, Handler]] = {
    names.IMPLEMENT: (StubArguments, implement),
    names.IMPLEMENT_FILE: (FileArguments, implement_file),
    names.IMPLEMENT_WORKSPACE: (WorkspaceArguments, implement_workspace),
    names.DECOMPOSE: (StubArguments, decompose),
    names.ACCEPT: (StubArguments, accept),
    names.REJECT: (StubArguments, reject),
    names.REGENERATE: (StubArguments, regenerate),
    names.CANCEL: (CancelArguments, cancel),
    names.SHOW_DIFF: (StubArguments, show_diff),
    names.SHOW_EXCHANGES: (AgentArguments, show_exchanges),
    names.GO_TO_STUB: (AgentArguments, go_to_stub),
}


@frozen(eq=False)
class Call(Generic[A]):
    """A command that was called."""

    server: SoaLanguageServer
    bars: Bars
    drawer: Drawer
    command: str
    arguments: A
    token: ProgressToken | None = None
    """For progress, if the client gave one."""

    def tell(self, text: str) -> None:
        """Tell the user something that is no error."""
        self.server.client.tell(Message("info", text))


def register(server: SoaLanguageServer, bars: Bars) -> None:
    """Offer the commands."""
    wire, drawer = Wire(closed=True), Drawer()
    server.on_end(drawer.close)

    async def run(
        name: str, server: SoaLanguageServer, values: list[Any], token: ProgressToken | None = None
    ) -> dict[str, Any]:
        kind, handle = COMMANDS[name]
        arguments: Any = read_arguments(wire, name, values, kind)
        return wire.write(await handle(Call(server, bars, drawer, name, arguments, token)))

    for name in COMMANDS:
        server.commands[name] = partial(run, name)
