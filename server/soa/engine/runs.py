"""One workspace's runs, from request to proposals, and proposals applied to files."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Literal

from attrs import define, evolve, field, frozen

from soa.agents.board import Board, Document, Entry
from soa.agents.colony import Colony
from soa.agents.delegation import Delegation, first_error
from soa.agents.ending import Ending
from soa.agents.gate import leftover_stubs
from soa.agents.rounds import finish
from soa.agents.surroundings import Surroundings
from soa.changes import Applied, FileChange, apply_result, mark_stale, preview_result
from soa.contracts import Address, Proposal, Status, Usage
from soa.crew import Crew
from soa.engine.held import source_of, unsaved_files
from soa.engine.ident import new_ident
from soa.errors import ConfigurationError, SoaError
from soa.events import Event, RunResult
from soa.model.prices import Price, cost, price_of
from soa.sandbox import Limits
from soa.source.joining import join
from soa.source.remarks import remark_of
from soa.source.stubs import find_stubs
from soa.store.history import Outcome
from soa.verify import Verifier

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from soa.contracts import Stub
    from soa.engine.request import Request, Target
    from soa.model import Model, Query, Reply
    from soa.sandbox import Sandbox
    from soa.settings import Settings
    from soa.store import Store
    from soa.store.exchanges import Exchanges
    from soa.workspace import Workspace


@frozen
class _KeptReplies:
    """The replies of one run."""

    exchanges: Exchanges
    run: str

    async def find(self, agent: str, key: str, query: Query) -> Reply | None:
        return await self.exchanges.find(agent, key, query)

    async def ask(self, agent: str, key: str, query: Query) -> None:
        await self.exchanges.ask(agent, key, query)

    async def keep(self, agent: str, key: str, reply: Reply) -> None:
        await self.exchanges.keep(self.run, agent, key, reply)


@define(eq=False)
class _Run:
    """One run while it is under way."""

    ident: str
    board: Board
    colony: Colony
    delegation: Delegation
    crew: Crew
    """Its agents, those from before it was resumed included."""
    kept: dict[Entry, Proposal] = field(factory=dict)
    """What the run had proposed before it was resumed."""
    started: float = field(factory=time.monotonic)
    on_proposal: Callable[[Proposal], None] = lambda proposal: None


class Engine:
    """A workspace with a model, a sandbox and a store; runs live here."""

    def __init__(self, workspace: Workspace, settings: Settings, model: Model, sandbox: Sandbox, store: Store) -> None:
        self.workspace = workspace
        self.settings = settings
        self._model = model
        self._store = store
        seconds, memory = settings.test_seconds, settings.test_memory_mb << 20
        limits = Limits(wall_seconds=seconds, cpu_seconds=math.ceil(seconds), memory_bytes=memory)
        self._sandbox = sandbox
        self._verifier = Verifier(sandbox, workspace, limits)
        self._surroundings = Surroundings(workspace, settings, store)
        self._runs: dict[str, _Run] = {}
        """Those under way, by id."""
        set_price = Price(settings.price_prompt, settings.price_completion)
        self._price = set_price if set_price.prompt or set_price.completion else price_of(model.name)

    async def __aenter__(self) -> Engine:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._surroundings.close()
        await self._sandbox.close()
        await self._model.close()

    async def implement(
        self,
        request: Request,
        on_event: Callable[[Event], None],
        on_proposal: Callable[[Proposal], None] = lambda proposal: None,
    ) -> RunResult:
        """Carry out a request. Cancelling stops all calls and processes and gives what there is, as interrupted.

        A proposal is told as soon as its stub is done, or its agent was stopped; the result holds them all, as they are
        in the end. A resumed run takes up again what was stopped.

        Raises
        ------
        SoaError
            A target cannot be read, the run to resume is unknown, or the model gives no answer at all.
        """
        run = await self._begin(request, on_event)
        run.on_proposal = on_proposal
        self._runs[run.ident] = run
        try:
            return await self._follow(run, request.decompose)
        finally:
            del self._runs[run.ident]

    def stop(self, run: str, agent: str) -> None:
        """End one agent of a run and all below it at once; nothing happens if they are not at work, or not known."""
        if run in self._runs:
            self._runs[run].colony.stop(agent)

    async def _follow(self, run: _Run, decompose: bool) -> RunResult:
        work = asyncio.create_task(self._work(run, decompose))
        problem: SoaError | None = None
        interrupted = False
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            interrupted = True
            work.cancel()
            await asyncio.wait([work])
            if not work.cancelled():
                work.exception()  # it came at the same time, and is of no account now
            if task := asyncio.current_task():
                task.uncancel()
        except (SoaError, BaseExceptionGroup) as raised:
            problem = first_error(raised)
            if problem is None:
                raise
        if problem is not None and not any(r.settled for r in run.board.wanted):
            await self._end(run, "failed", problem)
            raise problem
        result = self._result(run, decompose, interrupted=interrupted or problem is not None)
        for proposal in result.proposals:
            await self._store.keep_proposal(run.ident, proposal)
        await self._end(run, "failed" if problem else "cancelled" if interrupted else "done", problem)
        run.colony.announce(Event(run.ident, "run-ended", usage=result.usage))
        return evolve(result, warnings=(str(problem),) if problem else ())

    async def _end(self, run: _Run, status: Literal["done", "cancelled", "failed"], problem: SoaError | None) -> None:
        run.crew.break_off(time.time())
        await self._store.end_run(run.ident, Outcome.of(run.crew, status, str(problem or "")))

    def reanchor(self, result: RunResult) -> RunResult:
        """The result against the files as they are now: what cannot be anchored any more is stale."""
        return mark_stale(result, self.workspace)

    def preview(self, result: RunResult, *, verified_only: bool) -> tuple[FileChange, ...]:
        """What applying a result would change, against the files as they are now."""
        return preview_result(result, self.workspace, verified_only=verified_only)

    def apply(self, result: RunResult, *, verified_only: bool) -> tuple[Applied, ...]:
        """Write what is verified or unverified, never what failed; each file at once or not at all."""
        return apply_result(result, self.workspace, verified_only=verified_only)

    async def _begin(self, request: Request, on_event: Callable[[Event], None]) -> _Run:
        ident = request.resume or request.ident or new_ident()
        if request.resume and await self._store.find_run(ident) is None:
            known = ", ".join(await self._store.recent_runs()) or "none"
            raise ConfigurationError(f"There is no run {ident} to resume.", f"The newest runs: {known}.")
        if self.settings.budget_usd and self._price is None and self._model.name:
            raise ConfigurationError(
                f"A budget in dollars is set, but no price is known for the model {self._model.name}.",
                "Set --price-prompt and --price-completion, or use --budget-tokens.",
            )
        board = await asyncio.to_thread(self._board, request)
        stubs = [(e.address.path, e.address.qualname) for e in board.wanted]
        await self._store.begin_run(ident, str(self.workspace.root), request.as_json(), stubs)
        crew = await self._store.history.crew(ident) if request.resume else Crew()

        def tell(event: Event) -> None:
            at = self._store.keep_event(event)
            crew.hear(event, at)
            on_event(event)

        colony = Colony(
            ident,
            model=self._model,
            verifier=self._verifier,
            surroundings=self._surroundings,
            board=board,
            settings=self.settings,
            replies=_KeptReplies(self._store.exchanges, ident),
            tell=tell,
            cost=self._cost,
        )
        colony.former = crew.total
        stated = Event(ident, "run-started", text=f"{len(board.wanted)} stubs")
        tell(evolve(stated, model=self._model.name, sandbox=self._verifier.kind))
        run = _Run(ident, board, colony, Delegation(colony), crew)
        if request.resume:
            await self._restore(run, decompose=request.decompose)
        return run

    async def _restore(self, run: _Run, *, decompose: bool) -> None:
        """Settle the stubs for which the run has a usable proposal already; what failed is tried again."""
        found = await self._store.find_proposals(run.ident)
        usable = (p for p in found if p.writable and p.skeleton == decompose and (decompose or _is_whole(p)))
        kept = {(p.address, p.contract.digest): p for p in usable}
        for root in run.board.wanted:
            proposal = kept.get((root.address, root.contract.digest))
            if proposal is not None:
                run.kept[root] = proposal
                run.colony.recall(root, proposal.usage)
                root.candidate = proposal.candidate
                await run.board.settle(root, Ending(proposal.status, proposal.reason, proposal.evidence))

    def _board(self, request: Request) -> Board:
        documents = [self._document(target) for target in request.targets]
        return Board(documents, unsaved_files(request.unsaved, self.workspace.root))

    def _document(self, target: Target) -> Document:
        file, held = source_of(target)
        document = Document(target.path, self.workspace.relative(target.path), file, held)
        wanted = set(target.qualnames)
        stubs = find_stubs(file.text)
        given = _standing(file.text, stubs, target.given)
        for stub in stubs:
            if not wanted or stub.contract.qualname in wanted:
                document.entries.append(_entry(document, stub, target))
            elif stub in given:
                document.entries.append(_given(document, stub, given[stub]))
        return document

    async def _work(self, run: _Run, decompose: bool) -> None:
        async with asyncio.TaskGroup() as group:
            run.colony.start = group.create_task
            for root in run.board.roots:
                if not root.settled:
                    group.create_task(self._one(run, root, decompose))
        async with asyncio.TaskGroup() as group:
            run.colony.start = group.create_task
            if not decompose:
                await finish(run.colony, run.delegation)

    async def _one(self, run: _Run, root: Entry, decompose: bool) -> None:
        ending = await (run.delegation.decompose(root) if decompose else run.delegation.implement(root))
        event = Event(run.ident, "proposed", address=root.address, text=ending.reason, status=ending.status)
        proposal = _proposal(run, root, decompose)
        await self._store.keep_proposal(run.ident, proposal)
        run.on_proposal(proposal)
        run.colony.announce(event)

    def _cost(self, usage: Usage) -> float | None:
        return cost(usage, self._price) if self._price else None

    def _result(self, run: _Run, decompose: bool, *, interrupted: bool) -> RunResult:
        proposals = tuple(_proposal(run, r, decompose) for r in run.board.wanted)
        usage = sum((p.usage for p in proposals), Usage())
        return RunResult(run.ident, proposals, usage, time.monotonic() - run.started, interrupted)


def _is_whole(proposal: Proposal) -> bool:
    """Whether none of its helpers has been left without a body because its agent was stopped."""
    return proposal.candidate is not None and not leftover_stubs(proposal.candidate)


def _standing(text: str, stubs: Sequence[Stub], given: Sequence[Proposal]) -> dict[Stub, Proposal]:
    """The given proposals that can stand in a text together."""
    known = {proposal.contract.digest: proposal for proposal in given}
    found = [(stub, known[stub.contract.digest]) for stub in stubs if stub.contract.digest in known]
    items = [(stub, p.candidate) for stub, p in found if p.candidate is not None]
    if not items:
        return {}
    taken = join(text, items).taken
    return {found[index][0]: found[index][1] for index in taken}


def _given(document: Document, stub: Stub, proposal: Proposal) -> Entry:
    address = Address(document.relative, stub.contract.qualname)
    ending = Ending(proposal.status, proposal.reason, proposal.evidence)
    return Entry(
        document,
        address,
        stub.contract,
        stub=stub,
        candidate=proposal.candidate,
        settled=True,
        ending=ending,
        given=True,
    )


def _entry(document: Document, stub: Stub, target: Target) -> Entry:
    name = stub.contract.qualname
    told = (dict(target.remarks).get(name, ""), remark_of(document.text, stub))
    remark = "\n".join(dict.fromkeys(filter(None, told)))
    address = Address(document.relative, name)
    previous = dict(target.previous).get(name, "")
    return Entry(document, address, stub.contract, stub=stub, remark=remark, previous=previous)


def _proposal(run: _Run, root: Entry, decompose: bool) -> Proposal:
    ending: Ending | None = root.ending
    if ending is None:
        proposal = Proposal(root.address, root.contract, Status.CANCELLED, None, reason="stopped before it was done")
    else:
        candidate = run.board.final(root) if ending.good else None
        proposal = Proposal(
            root.address, root.contract, ending.status, candidate, ending.evidence, reason=ending.reason
        )
    usage = run.colony.usage.get(root, Usage())
    kept = run.kept.get(root)
    tree = run.colony.tree(root) or (kept.tree if kept else None)
    return evolve(proposal, tree=tree, usage=usage, skeleton=decompose)
