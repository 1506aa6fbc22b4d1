"""The language server of one connection, put together here and nowhere else."""

from __future__ import annotations

import asyncio
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from soa import __version__
from soa.lsp import configuration, synchronization
from soa.lsp.client import EditorClient
from soa.lsp.configuration import Configuration
from soa.lsp.messages import INVALID_PARAMS
from soa.lsp.protocol import SoaProtocol
from soa.lsp.traits import Traits, read_traits
from soa.session.uris import path_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from cattrs import Converter

    from soa.lsp.client import OnChange
    from soa.session.client import Client
    from soa.session.session import Session

    Command = Callable[["SoaLanguageServer", list[Any]], Awaitable[Any]]


class SoaLanguageServer(LanguageServer):
    """Serves one client."""

    protocol: SoaProtocol

    def __init__(self, open_session: Callable[[Client], Session], converter: Converter | None = None) -> None:
        super().__init__(
            "soa",
            __version__,
            protocol_cls=SoaProtocol,
            converter_factory=default_converter if converter is None else lambda: converter,
        )
        self.traits = Traits()
        self.commands: dict[str, Command] = {}
        """What `workspace/executeCommand` runs, by id."""
        self.notebooks: types.NotebookDocumentSyncOptions | None = None
        """Which notebooks are wanted."""
        self.client = EditorClient(self)
        self.session = open_session(self.client)
        self.configuration = Configuration(self)
        self.begun = asyncio.Event()
        """Set when the client has said who it is."""

    @property
    def converter(self) -> Converter:
        """Between JSON and values."""
        return self.protocol._converter

    def on_change(self, listener: OnChange) -> None:
        """Have a function called when what is to be shown has changed, some ten times a second at most."""
        self.client.on_change(listener)

    def method(self, name: str, params_type: type, handler: Callable[[Any], Any]) -> None:
        """Answer a method of our own, with its parameters structured as `params_type`."""
        self.protocol.params_types[name] = params_type
        self.feature(name)(handler)

    def begin(self, params: types.InitializeParams) -> None:
        """Take what `initialize` says."""
        self.process_id = params.process_id
        self.traits = read_traits(params)
        self.session.encoding = self.traits.encoding
        self.session.set_folders(_folders(params))
        self.configuration.take(params.initialization_options)
        self.begun.set()

    async def go_on(self) -> None:
        """What can wait until the client has its answer to `initialize`."""
        await self.configuration.start()
        await self._warm()

    async def execute(self, command: str, arguments: list[Any]) -> Any:  # noqa: ANN401 - of any command
        """Run a command."""
        if command not in self.commands:
            near = get_close_matches(command, self.commands, n=1)
            advice = f" Did you mean {near[0]}?" if near else ""
            raise JsonRpcException(f"There is no command {command}.{advice}", INVALID_PARAMS)
        return await self.commands[command](self, arguments)

    def set_folders(self, added: Iterable[str], removed: Iterable[str]) -> None:
        """Take in changes of the client's workspace folders, by URI."""
        gone = {path_of(uri) for uri in removed}
        new = [path for uri in added if (path := path_of(uri)) is not None]
        kept = [folder for folder in self.session.folders if folder not in gone and folder not in new]
        self.session.set_folders([*kept, *new])

    async def _warm(self) -> None:
        """Build the converters of what is asked for often: the first code action would wait for them."""
        kinds = [types.METHOD_TO_TYPES.get(name, (None, None, None))[2] for name in self.protocol.fm.features]
        for kind in (k for k in kinds if k is not None):
            self.converter.get_structure_hook(kind)
            await asyncio.sleep(0)
        for kind in (types.CodeAction, types.CodeLens, types.Hover, types.Diagnostic, types.WorkspaceEdit):
            self.converter.get_unstructure_hook(kind)
            await asyncio.sleep(0)


def build_server(open_session: Callable[[Client], Session], converter: Converter | None = None) -> SoaLanguageServer:
    """A server for one connection with all its capabilities.

    Parameters
    ----------
    open_session
        Makes the session of this connection, given its client.
    converter
        Of a former connection of the same process: building one takes time.
    """
    server = SoaLanguageServer(open_session, converter)
    for capability in (synchronization, configuration):
        capability.register(server)
    return server


def _folders(params: types.InitializeParams) -> list[Path]:
    uris = [folder.uri for folder in params.workspace_folders or ()]
    if not uris and params.root_uri:
        uris = [params.root_uri]
    if not uris and params.root_path:
        return [Path(params.root_path)]
    return [path for uri in uris if (path := path_of(uri)) is not None]
