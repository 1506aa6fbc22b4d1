"""`workspace/textDocumentContent`: proposals and transcripts as documents; the client hears when one has changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from soa.errors import SoaError
from soa.lsp.custom import ExchangesParams, ProposalParams
from soa.lsp.going import transcript_of
from soa.lsp.messages import CONTENT_MODIFIED
from soa.lsp.names import PROPOSALS, TRANSCRIPTS
from soa.lsp.pace import Pace
from soa.lsp.proposals import proposal_text
from soa.lsp.virtual_uris import query_of
from soa.lsp.wire import Wire, shown
from soa.session.uris import scheme_of

if TYPE_CHECKING:
    from soa.lsp.server import SoaLanguageServer
    from soa.session.views import RunView

    Wanted = ProposalParams | ExchangesParams

INTERVAL: Final = 0.5
"""Seconds between two times that the client is told of one document."""
HEED: Final = 3
"""How often a client may leave it at that: it does not say when it closes a document."""
KINDS: Final[dict[str, type[ProposalParams] | type[ExchangesParams]]] = {
    PROPOSALS: ProposalParams,
    TRANSCRIPTS: ExchangesParams,
}


def register(server: SoaLanguageServer) -> None:
    """Give these documents to a client that asks for them."""
    documents = Documents(server)
    server.feature(types.WORKSPACE_TEXT_DOCUMENT_CONTENT)(documents.give)
    server.on_change(documents.changed)


class Documents:
    """The documents that a client has asked for."""

    def __init__(self, server: SoaLanguageServer) -> None:
        self._server = server
        self._wire = Wire(closed=True)
        self._given: dict[str, Wanted] = {}
        self._unheeded: dict[str, int] = {}
        """How often the client was told that a document has changed, and did not ask for it again."""
        self._pace: Pace[str] = Pace(self._refresh, INTERVAL, asyncio.get_running_loop)

    async def give(self, params: types.TextDocumentContentParams) -> types.TextDocumentContentResult:
        """The text of a document."""
        wanted = self._read(params.uri)
        self._given[params.uri], self._unheeded[params.uri] = wanted, 0
        return types.TextDocumentContentResult(await self._text(wanted))

    async def _text(self, wanted: Wanted) -> str:
        """What is to be read; where there is no such run any more, a sentence that says so.

        Raises
        ------
        JsonRpcException
            The document that a proposal is for is not known: the client keeps the text that it has.
        """
        if isinstance(wanted, ProposalParams):
            told = await proposal_text(self._server, wanted.uri, wanted.name)
            if not told.text:
                raise JsonRpcException(told.reason, CONTENT_MODIFIED)
            return told.text
        try:
            return await transcript_of(self._server.session, wanted.run, wanted.agent)
        except SoaError as error:
            return f"{error}\n"

    def _read(self, uri: str) -> Wanted:
        try:
            return self._wire.read(query_of(uri), KINDS[scheme_of(uri)])
        except (KeyError, ValueError):
            said = f"{types.WORKSPACE_TEXT_DOCUMENT_CONTENT}: {shown(uri)} is no document of ours."
            raise JsonRpcInvalidParams(said) from None

    def changed(self, uris: frozenset[str], runs: tuple[RunView, ...]) -> None:
        """Tell the client of those documents that have another text now."""
        about = uris | {run.ident for run in runs}
        for uri, wanted in tuple(self._given.items()):
            if (wanted.uri if isinstance(wanted, ProposalParams) else wanted.run) in about:
                self._pace.put(uri, uri)

    def _refresh(self, uri: str) -> None:
        if uri not in self._given:
            return
        self._unheeded[uri] += 1
        if self._unheeded[uri] > HEED:
            del self._given[uri], self._unheeded[uri]
            return
        method = types.WORKSPACE_TEXT_DOCUMENT_CONTENT_REFRESH
        asked = self._server.protocol.send_request_async(method, types.TextDocumentContentRefreshParams(uri))
        self._server.protocol.look_after(method, asked)
