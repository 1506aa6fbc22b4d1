"""The editor's settings: asked for per workspace where the client can be asked, else taken as it sends them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from lsprotocol import types

from soa.session.client import Message
from soa.session.uris import path_of, uri_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from soa.lsp.server import SoaLanguageServer

log = logging.getLogger(__name__)

SECTION: Final = "soa"
PATIENCE: Final = 3.0
"""Seconds that a client has to say what its user has set; then what is known has to do."""
OPTIONS: Final = frozenset({"commandLinks", "complete", "trusted"})
"""What `initializationOptions` may hold besides settings."""


def register(server: SoaLanguageServer) -> None:
    """Hear of changed settings."""
    configuration = server.configuration
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(lambda params: configuration.change(params.settings))


def own_settings(payload: object) -> dict[str, Any] | None:
    """The `soa` settings of what a client sends: under `soa`, under `settings` or flat; None if there are none."""
    if not isinstance(payload, dict):
        return None
    for key in ("settings", SECTION):
        if key in payload:
            inner = payload[key]
            return own_settings(inner) if isinstance(inner, dict) else {}
    return {key: value for key, value in payload.items() if key not in OPTIONS}


class Configuration:
    """What the editor's user has set, for one connection."""

    def __init__(self, server: SoaLanguageServer) -> None:
        self._server = server
        self._started = asyncio.Event()
        self._asked: dict[Path, asyncio.Future[None]] = {}
        self._changes = 0
        self._told: dict[Path, frozenset[str]] = {}

    def take(self, payload: object) -> None:
        """Take settings for all workspaces that have none of their own."""
        options = own_settings(payload)
        if options is not None:
            self._server.session.configure(None, options)
        elif payload is not None:
            log.warning("The client's settings are no object and are passed over.")

    async def start(self) -> None:
        """Begin to ask, once the client may be asked."""
        self._started.set()
        if self._server.traits.configuration_registration:
            await self._follow_changes()
        for root in self._server.session.roots:
            self._begin(root)

    def change(self, payload: object) -> None:
        """Settings have changed: ask again, or take what was sent."""
        if not self._server.traits.configuration:
            self.take(payload)
            self._report(self._server.session.roots)
            return
        roots = {*self._asked, *self._server.session.roots}
        self._asked.clear()
        self._changes += 1
        for root in roots:
            self._begin(root)

    def prepare(self, uri: str) -> None:
        """Ask for the settings of a document's workspace, unless they are known."""
        if (path := path_of(uri)) is not None:
            self._begin(self._server.session.root_of(path))

    async def ensure_for(self, uri: str) -> None:
        """Wait until the settings of a document's workspace are known."""
        if (path := path_of(uri)) is not None:
            await self.ensure(self._server.session.root_of(path))

    async def ensure(self, root: Path) -> None:
        """Wait until the settings of a workspace are known, a few seconds at most."""
        await asyncio.wait({self._begin(root)})

    def _begin(self, root: Path) -> asyncio.Future[None]:
        if root not in self._asked:
            self._asked[root] = self._server.protocol.look_after("settings", self._ask(root))
        return self._asked[root]

    async def _ask(self, root: Path) -> None:
        if self._server.traits.configuration and self._server.session.trusted:
            answer = self._server.protocol.look_after("settings", self._fetch(root))
            await asyncio.wait({answer}, timeout=PATIENCE)
            if not answer.done():
                log.warning("The client does not say what is set for %s; defaults are used until it does.", root)
        self._report((root,))

    async def _fetch(self, root: Path) -> None:
        """Ask the client, however long it takes: a late answer counts from then on."""
        await self._started.wait()
        changes = self._changes
        item = types.ConfigurationItem(scope_uri=uri_of(root), section=SECTION)
        try:
            answer = await self._server.workspace_configuration_async(types.ConfigurationParams([item]))
        except Exception as error:
            log.warning("The client cannot say what is set for %s: %s", root, error)
            return
        options = answer[0] if answer else None
        if options is not None and not isinstance(options, dict):
            log.warning("The client's settings for %s are no object and are passed over.", root)
        elif options is not None and changes == self._changes:
            self._server.session.configure(root, options)
            self._report((root,))

    def _report(self, roots: Iterable[Path]) -> None:
        """Name what is wrong with the settings of these workspaces, all of it in one message, each thing once."""
        before = frozenset[str]().union(*self._told.values())
        found = {root: self._server.session.complaints_about(root) for root in roots}
        self._told.update((root, frozenset(complaints)) for root, complaints in found.items())
        new = dict.fromkeys(c for complaints in found.values() for c in complaints if c not in before)
        if new:
            self._server.client.tell(Message("warning", "\n".join(new)))

    async def _follow_changes(self) -> None:
        method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
        registration = types.Registration("soa-configuration", method, {"section": SECTION})
        try:
            async with asyncio.timeout(PATIENCE):
                await self._server.client_register_capability_async(types.RegistrationParams([registration]))
        except Exception as error:
            log.warning("The client will not tell of changed settings: %s", str(error) or "it does not answer")
