"""`soa.implement` and its kin: wishes for the session, and what came of them as answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from soa.contracts import Status
from soa.lsp import pointing
from soa.lsp.custom import RunAnswer, StartedAnswer, StubAnswer
from soa.session.client import Message
from soa.session.wishes import Part, Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from soa.lsp.arguments import FileArguments, StubArguments
    from soa.lsp.commands import Call
    from soa.session.views import DocumentView, Kept
    from soa.session.wishes import Settled

Answer = RunAnswer | StartedAnswer
WITHDRAWN = "it was cancelled"


async def implement(call: Call[StubArguments]) -> Answer:
    """Implement stubs of a document."""
    view, names = await _stubs(call)
    return await answer(call, _implement(call, (view,), _wish(view, names)))


async def regenerate(call: Call[StubArguments]) -> Answer:
    """Implement stubs again, whatever is ready, with what the user remarked; a skeleton gives way to another."""
    view, names = await _stubs(call)
    found = [s.kept.proposal for s in view.stubs if s.kept is not None and (not names or s.name in names)]
    skeletons = bool(found) and all(proposal.skeleton for proposal in found)
    wish = evolve(_wish(view, names), again=True, remark=call.arguments.remark, decompose=skeletons)
    return await answer(call, _implement(call, (view,), wish))


async def decompose(call: Call[StubArguments]) -> Answer:
    """Have mothers write skeletons, and put them into the document: the user wants to edit the helpers' contracts."""
    view, names = await _stubs(call)
    wish = evolve(_wish(view, names), decompose=True)
    return await answer(call, _decompose(call, view, wish))


async def implement_file(call: Call[FileArguments]) -> Answer:
    """Implement all stubs of a document; of a notebook, those of all its cells."""
    await call.server.configuration.ensure_for(call.arguments.uri)
    views = pointing.documents(call.server.session, call.command, call.arguments.uri)
    if not any(view.stubs for view in views):
        call.tell(f"There is no stub in {views[0].relative}.")
    wish = Wish(tuple(Part(view.uri) for view in views if view.stubs), owner=views[0].notebook or views[0].uri)
    return await answer(call, _implement(call, views, wish))


async def _stubs(call: Call[StubArguments]) -> tuple[DocumentView, tuple[str, ...]]:
    await call.server.configuration.ensure_for(call.arguments.uri)
    view = pointing.document(call.server.session, call.command, call.arguments.uri)
    return view, pointing.names(view, call.command, call.arguments)


def _wish(view: DocumentView, names: tuple[str, ...]) -> Wish:
    return Wish((Part(view.uri, names=names),), owner=view.uri)


async def answer(call: Call[Any], work: Coroutine[Any, Any, RunAnswer]) -> Answer:
    """Await the work, or leave it to the server where the editor would stand still."""
    if not call.server.traits.waits_for_commands:
        return await work
    call.server.protocol.look_after(call.command, work)
    return StartedAnswer()


async def _implement(call: Call[Any], views: tuple[DocumentView, ...], wish: Wish) -> RunAnswer:
    named = {part.uri: part.names for part in wish.parts}
    wanted = {
        (view.relative, stub.name): view.uri
        for view in views
        for stub in view.stubs
        if view.uri in named and (not named[view.uri] or stub.name in named[view.uri])
    }
    with call.bars.given(call.token) as shown:
        settled = await settle(call, wish, shown)
    done = {(kept.proposal.address.path, kept.proposal.address.qualname): kept for kept in settled.proposals}
    stubs = tuple(settled_stub(wanted.get(place, views[0].uri), kept) for place, kept in done.items())
    lost = tuple(
        StubAnswer(uri, relative, name, Status.CANCELLED, settled.problem or WITHDRAWN, 0, 0)
        for (relative, name), uri in wanted.items()
        if (relative, name) not in done
    )
    return RunAnswer(settled.run, stubs + lost, settled.problem)


async def _decompose(call: Call[Any], view: DocumentView, wish: Wish) -> RunAnswer:
    done = await _implement(call, (view,), wish)
    now = call.server.session.snapshot(view.uri)
    wanted = {stub.name for stub in done.stubs}
    found = [s for s in now.stubs if s.name in wanted and s.state == "ready"] if now else []
    ready = [s.name for s in found if s.kept is not None and s.kept.proposal.skeleton]
    if not ready:
        return done
    outcome = await call.server.session.accept(view.uri, ready)
    if not outcome.applied:
        call.tell(f"The skeleton was not inserted, it stays ready: {outcome.reason}")
    return evolve(done, applied=outcome.applied)


async def settle(call: Call[Any], wish: Wish, shown: Callable[[str], None]) -> Settled:
    """Await a wish; a problem that no run has told is told here. `shown` is called with the id of each run."""
    runs: set[str] = set()

    def began(ident: str) -> None:
        runs.add(ident)
        shown(ident)

    settled = await call.server.session.implement(wish, began)
    if settled.problem and not any(run.problem for run in call.server.session.runs() if run.ident in runs):
        call.server.client.tell(Message("error", settled.problem))
    return settled


def settled_stub(uri: str, kept: Kept) -> StubAnswer:
    """What became of one stub."""
    proposal = kept.proposal
    counts = proposal.evidence.counts
    return StubAnswer(
        uri,
        proposal.address.path,
        proposal.address.qualname,
        proposal.status,
        proposal.reason,
        sum(c.passed for c in counts),
        sum(c.failed for c in counts),
        proposal.evidence.sandbox,
    )
