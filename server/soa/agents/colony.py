"""All agents of a run: what they share, what they may spend, and what is told of them."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from typing import TYPE_CHECKING, Protocol

from attrs import define, evolve, field

from soa.agents.briefs import write_prompt
from soa.agents.limits import Purse
from soa.agents.scope import stop
from soa.contracts import AgentNode, Status, Usage
from soa.errors import LimitReached
from soa.events import Event
from soa.model import Message, Query, Reply
from soa.tokens import estimate_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from typing import Any

    from soa.agents.board import Board, Entry
    from soa.agents.briefs import Brief
    from soa.agents.ending import Ending
    from soa.agents.surroundings import Surroundings
    from soa.contracts import Role
    from soa.events import EventKind
    from soa.evidence import TestResult
    from soa.model import Model
    from soa.settings import Settings
    from soa.verify import Verifier


class Replies(Protocol):
    """Keeps what was asked and answered: people can read it, and a resumed run does not ask again."""

    async def find(self, agent: str, key: str, query: Query) -> Reply | None:
        """The reply kept under a key; if there is one, it answers this agent's question, too."""
        ...

    async def ask(self, agent: str, key: str, query: Query) -> None:
        """Keep a question that is about to be put to the model; returns once it is safe."""
        ...

    async def keep(self, agent: str, key: str, reply: Reply) -> None:
        """Keep the reply to a question; returns once it is safe."""
        ...


@define(eq=False)
class Member:
    """An agent's place in the colony."""

    ident: str
    role: Role
    entry: Entry
    parent: Member | None = None
    status: Status | None = None
    reason: str = ""
    below: list[Member] = field(factory=list)
    work: set[asyncio.Task[Any]] = field(factory=set, repr=False)
    """What it is at; not what has been cancelled."""
    stopped: bool = False
    """Somebody stopped it, or one above it, while it was at work."""

    @property
    def at_work(self) -> bool:
        """Whether there is something to stop."""
        return any(not task.done() for task in self.work)

    def family(self) -> Iterator[Member]:
        """This agent and all below it."""
        yield self
        for member in self.below:
            yield from member.family()

    def node(self) -> AgentNode:
        """The tree of agents from here down."""
        return AgentNode(
            self.role,
            self.entry.address,
            self.entry.depth,
            self.status or Status.CANCELLED,
            self.reason,
            tuple(m.node() for m in self.below),
        )


class Colony:
    """The agents of one run.

    Parameters
    ----------
    tell
        Receives every event, in order.
    """

    def __init__(  # noqa: PLR0913 - the one place where the parts of a run come together
        self,
        run: str,
        *,
        model: Model,
        verifier: Verifier,
        surroundings: Surroundings,
        board: Board,
        settings: Settings,
        replies: Replies,
        tell: Callable[[Event], None],
        cost: Callable[[Usage], float | None],
    ) -> None:
        self.run = run
        self.board = board
        self.verifier = verifier
        self.surroundings = surroundings
        self.settings = settings
        self.members: dict[Entry, list[Member]] = {}
        self.usage: dict[Entry, Usage] = {}
        self.appeal: Callable[[Entry, TestResult], bool] = lambda culprit, result: False
        """Asks for another entry's change; set by who delegates."""
        self.start: Callable[[Coroutine[Any, Any, Any]], Any] = asyncio.ensure_future
        """Starts work that belongs to the run; set by who owns its tasks."""
        self._model = model
        self._replies = replies
        self._tell = tell
        self._purse = Purse(settings, cost)
        self._count = itertools.count(1)
        self._asked: dict[str, int] = {}
        self.former = 0
        """Agents that the run had before it was resumed."""
        self.answered = False
        """Whether the model has answered anything: then one call that fails is no reason to end the run."""

    @property
    def spent(self) -> Usage:
        """What the run has used so far, without what was kept from before."""
        return self._purse.spent

    def recall(self, root: Entry, usage: Usage) -> None:
        """Count what a stub of the request cost before the run was resumed."""
        self.usage[root] = usage
        self._purse.add(usage)

    def enlist(self, role: Role, entry: Entry, parent: Member | None) -> Member:
        """Give a new agent its place.

        Raises
        ------
        LimitReached
            The run has as many agents as it may.
        """
        number = next(self._count)
        if number > self.settings.agents:
            raise LimitReached(f"The run has its {self.settings.agents} agents.", "Raise --agents.")
        member = Member(f"a{self.former + number}", role, entry, parent)
        if parent is not None:
            parent.below.append(member)
        else:
            self.members.setdefault(entry, []).append(member)
        self.tell(member, self.event("agent-started"))
        return member

    def dismiss(self, member: Member, ending: Ending) -> None:
        """Note how an agent ended."""
        member.status, member.reason = ending.status, ending.reason
        self.tell(member, evolve(self.event("agent-ended", ending.reason), status=ending.status))

    def stop(self, ident: str) -> None:
        """Stop an agent and all below it; the rest of the run goes on. Nothing happens if none of them is at work.

        Its entry ends as cancelled, unless it had something good before, and nobody takes it up again in this run.
        """
        for member in [m for m in self._everybody() if m.ident == ident]:
            stop(member)

    def was_stopped(self, entry: Entry) -> bool:
        """Whether an agent was stopped at this very contract, be it a helper of an earlier skeleton."""
        same = (m.entry for m in self._everybody() if m.entry.address == entry.address)
        return any(e.stopped and e.contract.digest == entry.contract.digest for e in same)

    def _everybody(self) -> Iterator[Member]:
        for first in itertools.chain.from_iterable(self.members.values()):
            yield from first.family()

    async def ask(self, member: Member, brief: Brief) -> Reply:
        """Put a question to the model, or take the reply kept from before.

        Raises
        ------
        LimitReached
            The budget does not allow another call.
        ModelError
            No answer, and none to be expected.
        """
        messages = write_prompt(brief, self.settings.context_tokens)
        entry = member.entry
        query = Query(messages, self.run, brief.role, brief.step, entry.address, entry.depth)
        key = self._key(query)
        reply = await self._replies.find(member.ident, key, query)
        if reply is not None:
            self._purse.add(reply.usage)
        else:
            reply = await self._call(member, key, query)
            await self._replies.keep(member.ident, key, reply)
        self.answered = True
        self.usage[entry.root] = self.usage.get(entry.root, Usage()) + reply.usage
        self.tell(member, evolve(self.event("call-ended"), step=brief.step, usage=reply.usage))
        return reply

    async def _call(self, member: Member, key: str, query: Query) -> Reply:
        async with self._purse.call(_size(query.messages)) as add:
            await self._replies.ask(member.ident, key, query)
            self.tell(member, evolve(self.event("call-started"), step=query.step))
            reply = await self._model.answer(query)
            add(reply.usage)
            return reply

    def _key(self, query: Query) -> str:
        """Identity of a question in its run; the same question asked again counts as another."""
        parts = [query.agent, query.step, str(query.target), *(m.content for m in query.messages)]
        digest = hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        nth = self._asked[digest] = self._asked.get(digest, -1) + 1
        return f"{digest}-{nth}"

    def tell(self, member: Member, event: Event) -> None:
        """Tell of something that an agent did; who and where is filled in."""
        self._tell(
            evolve(
                event,
                agent=member.ident,
                parent=member.parent.ident if member.parent else "",
                role=member.role,
                address=member.entry.address,
                depth=member.entry.depth,
            )
        )

    def announce(self, event: Event) -> None:
        """Tell of something that concerns the run."""
        self._tell(event)

    def tree(self, root: Entry) -> AgentNode | None:
        """The agents of a stub of the request; who tried first and failed stands below who came after."""
        nodes = [m.node() for m in self.members.get(root, ())]
        if not nodes:
            return None
        return evolve(nodes[-1], children=(*nodes[:-1], *nodes[-1].children))

    def event(self, kind: EventKind, text: str = "") -> Event:
        """An event of this run."""
        return Event(self.run, kind, text=text)


def _size(messages: tuple[Message, ...]) -> int:
    return sum(estimate_tokens(m.content) for m in messages)
