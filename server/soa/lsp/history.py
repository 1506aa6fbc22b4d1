"""`soa/history`: runs of earlier sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcInvalidParams

from soa.lsp.custom import HistoryParams, Runs
from soa.lsp.names import HISTORY
from soa.lsp.runs import run_state
from soa.lsp.wire import Wire

if TYPE_CHECKING:
    from soa.lsp.server import SoaLanguageServer


def register(server: SoaLanguageServer) -> None:
    """Answer for runs that are over."""
    wire = Wire(closed=True)

    async def history(params: dict[str, Any] | None) -> dict[str, Any]:
        wanted = _read(wire, {} if params is None else params)
        past = server.session.history
        found = (await past.run(wanted.run),) if wanted.run else await past.newest(wanted.limit)
        return wire.write(Runs(tuple(run_state(run) for run in found)))

    server.feature(HISTORY)(history)


def _read(wire: Wire, params: object) -> HistoryParams:
    try:
        wanted = wire.read(params, HistoryParams)
    except ValueError as error:
        raise JsonRpcInvalidParams(f"{HISTORY}: {error}.") from None
    if wanted.limit < 0:
        raise JsonRpcInvalidParams(f"{HISTORY}: 'limit' is to be 0 or more, not {wanted.limit}.")
    return wanted
