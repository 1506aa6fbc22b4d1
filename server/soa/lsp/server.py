"""The language server of one connection, put together here and nowhere else."""

from __future__ import annotations

import asyncio
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from soa import __version__
from soa.lsp.client import EditorClient
from soa.lsp.configuration import Configuration
from soa.lsp.messages import INVALID_PARAMS
from soa.lsp.protocol import SoaProtocol
from soa.lsp.traits import Traits, read_traits
from soa.session.uris import path_from, path_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from pathlib import Path

    from cattrs import Converter

    from soa.lsp.client import OnChange
    from soa.session.session import Session

    F = TypeVar("F", bound=Callable[..., Any])
    OpenSession = Callable[[EditorClient], Session]
    Command = Callable[["SoaLanguageServer", list[Any], types.ProgressToken | None], Awaitable[Any]]


class SoaLanguageServer(LanguageServer):
    """Serves one client.

    Parameters
    ----------
    open_session
        Makes the session of this connection, given its client.
    converter
        Of a former connection of the same process: building one takes time.
    """

    protocol: SoaProtocol

    def __init__(self, open_session: OpenSession, converter: Converter | None = None) -> None:
        super().__init__(
            "soa",
            __version__,
            protocol_cls=SoaProtocol,
            converter_factory=default_converter if converter is None else lambda: converter,
        )
        self.traits = Traits()
        self.commands: dict[str, Command] = {}
        """What `workspace/executeCommand` runs, by id."""
        self.client = EditorClient(self)
        self.configuration = Configuration(self)
        self.session: Session
        """Opened when the client has introduced itself."""
        self._open_session = open_session
        self.on_meet: Callable[[int | None], object] = lambda _: None
        """Called with the number of the client's process, if it says one."""
        self.begun = asyncio.Event()
        """Set when the client has said who it is."""
        self._at_end: list[Callable[[], object]] = []

    @property
    def converter(self) -> Converter:
        """Between JSON and values."""
        return self.protocol._converter

    def on_change(self, listener: OnChange) -> None:
        """Have a function called when what is to be shown has changed, some ten times a second at most."""
        self.client.on_change(listener)

    def on_end(self, work: Callable[[], object]) -> None:
        """Have a function called when the session has ended."""
        self._at_end.append(work)

    async def finish(self) -> None:
        """End the session, if there is one; its last changes are shown."""
        if self.begun.is_set():
            await self.session.shutdown()
        self.client.show_runs()
        self.client.gone = True
        for work in self._at_end:
            work()

    def feature(self, feature_name: str, options: object = None) -> Callable[[F], F]:
        """Answer a method, or hear a notification, by any callable that takes the parameters; it may be a coroutine's.

        Unlike pygls's own, it takes no `options`: what the server offers is said by `capabilities.offer` alone.
        """
        if options is not None:
            raise TypeError(f"Say in capabilities.offer what {feature_name} offers.")

        def register(handler: F) -> F:
            self.protocol.fm.features[feature_name] = handler
            return handler

        return register

    def meet(self, params: types.InitializeParams) -> None:
        """Take note of who the client is."""
        self.traits = read_traits(params)
        self.on_meet(params.process_id)

    def begin(self, params: types.InitializeParams) -> None:
        """Open the session and load what answers requests: the client has its answer to `initialize` by now."""
        self.session = self._open_session(self.client)
        self.session.encoding = self.traits.encoding
        if not self.traits.trusted:
            self.session.distrust()
        self.session.set_folders(_folders(params))
        self.configuration.take(params.initialization_options)
        register_capabilities(self)
        self.begun.set()

    async def go_on(self) -> None:
        """What can wait until the client has its answer to `initialize`."""
        await self.configuration.start()
        await self._warm()

    async def execute(self, command: str, arguments: list[Any], token: types.ProgressToken | None = None) -> Any:  # noqa: ANN401 - of any command
        """Run a command; `token` is for its progress, if the client has given one."""
        if command not in self.commands:
            near = get_close_matches(command, self.commands, n=1)
            advice = f" Did you mean {near[0]}?" if near else ""
            raise JsonRpcException(f"There is no command {command}.{advice}", INVALID_PARAMS)
        return await self.commands[command](self, arguments, token)

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


def register_capabilities(server: SoaLanguageServer) -> None:
    """Have a server do all that it offers."""
    from soa.lsp import (
        code_action,
        code_lens,
        commands,
        configuration,
        diagnostics,
        exchanges,
        history,
        hover,
        inline_completion,
        notebooks,
        progress,
        proposals,
        runs,
        synchronization,
        virtual,
    )

    for capability in (
        synchronization, notebooks, configuration, code_lens, code_action, hover, inline_completion, diagnostics, runs,
        proposals, history, exchanges, virtual,
    ):  # fmt: skip
        capability.register(server)
    commands.register(server, progress.register(server))


def _folders(params: types.InitializeParams) -> list[Path]:
    uris = [folder.uri for folder in params.workspace_folders or ()]
    if not uris and params.root_uri:
        uris = [params.root_uri]
    if not uris and params.root_path:
        return [path for path in (path_from(params.root_path),) if path is not None]
    return [path for uri in uris if (path := path_of(uri)) is not None]
