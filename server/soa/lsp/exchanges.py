"""`soa/exchanges`: the prompts of an agent, and what it was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcInvalidParams

from soa.lsp.custom import ChatMessage, Exchange, Exchanges, ExchangesParams
from soa.lsp.names import EXCHANGES
from soa.lsp.wire import Wire

if TYPE_CHECKING:
    from soa.lsp.server import SoaLanguageServer
    from soa.store.exchanges import KeptExchange


def register(server: SoaLanguageServer) -> None:
    """Answer for what agents asked."""
    wire = Wire(closed=True)

    async def exchanges(params: dict[str, Any] | None) -> dict[str, Any]:
        try:
            wanted = wire.read(params, ExchangesParams)
        except ValueError as error:
            raise JsonRpcInvalidParams(f"{EXCHANGES}: {error}.") from None
        kept = await server.session.history.exchanges(wanted.run, wanted.agent)
        return wire.write(Exchanges(tuple(map(_exchange, kept))))

    server.feature(EXCHANGES)(exchanges)


def _exchange(kept: KeptExchange) -> Exchange:
    return Exchange(
        kept.step,
        round(kept.at, 3),
        tuple(ChatMessage(message.role, message.content) for message in kept.messages),
        kept.reply,
        kept.usage.prompt_tokens,
        kept.usage.completion_tokens,
    )
