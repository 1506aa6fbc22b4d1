"""`soa.accept`, `soa.reject` and `soa.cancel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygls.exceptions import JsonRpcInvalidParams

from soa.lsp import pointing
from soa.lsp.custom import AcceptAnswer, CancelAnswer
from soa.session.uris import path_of

if TYPE_CHECKING:
    from soa.lsp.arguments import CancelArguments, StubArguments
    from soa.lsp.commands import Call


async def accept(call: Call[StubArguments]) -> AcceptAnswer:
    """Put ready proposals into a document or file; what the editor refuses stays ready."""
    names: tuple[str, ...]
    if call.arguments.beside:
        names = (call.arguments.name,)
        outcome = await call.server.session.accept_beside(call.arguments.uri, call.arguments.name)
    else:
        names = await wanted(call)
        outcome = await call.server.session.accept(call.arguments.uri, names)
    if outcome.reason:
        call.tell(outcome.reason if outcome.applied else f"Not accepted: {outcome.reason}")
    return AcceptAnswer(outcome.applied, outcome.reason, names)


async def reject(call: Call[StubArguments]) -> AcceptAnswer:
    """Drop proposals for good."""
    uri, names, session = call.arguments.uri, await wanted(call), call.server.session
    is_open = session.snapshot(uri) is not None
    count = session.reject(uri, names) if is_open else await session.reject_in_file(uri, names)
    return AcceptAnswer(count > 0, "" if count else "There is no proposal to reject here.", names)


async def cancel(call: Call[CancelArguments]) -> CancelAnswer:
    """End a run, one agent of it and all below that, the runs at a stub or in a document, or all of them."""
    session, arguments = call.server.session, call.arguments
    if arguments.agent and not arguments.run:
        raise JsonRpcInvalidParams(f"{call.command}: 'run' is missing, an agent alone says too little.")
    if arguments.agent:
        return CancelAnswer(session.stop(arguments.run, arguments.agent))
    if arguments.run:
        return CancelAnswer(int(session.cancel(arguments.run)))
    if not arguments.uri and (arguments.name or arguments.names or pointing.points(arguments)):
        raise JsonRpcInvalidParams(f"{call.command}: 'uri' is missing, a stub alone says too little.")
    if not arguments.uri:
        return CancelAnswer(session.cancel_all())
    view = pointing.document(session, call.command, arguments.uri)
    names = pointing.names(view, call.command, arguments)
    meant = [stub for stub in view.stubs if not names or stub.name in names]
    runs = {s.run.ident for s in meant if s.run is not None}
    return CancelAnswer(sum(session.cancel(ident) for ident in runs))


async def wanted(call: Call[StubArguments]) -> tuple[str, ...]:
    """The names that are meant, in a document or in a file that is not open.

    Raises
    ------
    JsonRpcInvalidParams
        An open document has no such stub, or a place was given in a file that is not open.
    """
    arguments, session = call.arguments, call.server.session
    await call.server.configuration.ensure_for(arguments.uri)
    view = session.snapshot(arguments.uri)
    if view is not None:
        return pointing.names(view, call.command, arguments)
    if pointing.points(arguments) or path_of(arguments.uri) is None:
        pointing.document(session, call.command, arguments.uri)
    return tuple(name for name in (arguments.name, *arguments.names) if name)
