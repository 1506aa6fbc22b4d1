"""What agents asked and what they were answered: for runs that are resumed, and for people.

A run is resumed from replies as they came. What people see is kept beside them, and holds no secret.
"""

from __future__ import annotations

import json
import time
import zlib
from typing import TYPE_CHECKING

from attrs import frozen
from cattrs.preconf.json import make_converter

from soa.contracts import Usage
from soa.model import Message, Reply
from soa.secrets import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soa.contracts import Step
    from soa.model import Query
    from soa.store.database import Database, Row

ASK = "INSERT INTO exchanges (run, agent, key, step, at, prompt, answered) VALUES (?, ?, ?, ?, ?, ?, ?)"
ANSWER = "UPDATE exchanges SET answered = 1 WHERE run = ? AND agent = ? AND key = ?"
KEEP = "INSERT OR REPLACE INTO replies (run, key, text, usage, cut, shown) VALUES (?, ?, ?, ?, ?, ?)"
OF_AGENT = """
SELECT e.step, e.at, e.prompt, coalesce(r.shown, r.text), r.usage FROM exchanges AS e
LEFT JOIN replies AS r ON e.answered AND r.run = e.run AND r.key = e.key
WHERE e.run = ? AND e.agent = ? ORDER BY e.number
"""


@frozen
class KeptExchange:
    """A question of an agent and its answer, without secrets."""

    step: Step
    at: float
    """Seconds since the epoch: when it was asked."""
    messages: tuple[Message, ...]
    reply: str | None
    """None: not answered yet, or never."""
    usage: Usage


class Exchanges:
    """The questions of all runs, by agent, and the replies, by a key that means the same question in its run."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._json = make_converter()

    async def find(self, agent: str, key: str, query: Query) -> Reply | None:
        """The reply that a run got to a question earlier; if there is one, the question counts as asked."""

        def work() -> Reply | None:
            rows = self._database.execute(
                "SELECT text, usage, cut FROM replies WHERE run = ? AND key = ?", (query.run, key)
            )
            if not rows:
                return None
            self._database.execute(ASK, _asked(agent, key, query, answered=True))
            return Reply(rows[0][0], self._json.loads(rows[0][1], Usage), bool(rows[0][2]))

        return await self._database.on_thread(work)

    async def ask(self, agent: str, key: str, query: Query) -> None:
        """Keep a question that is about to be put to the model; it is on disk when this returns."""
        await self._database.on_thread(
            lambda: self._database.execute(ASK, _asked(agent, key, query, answered=False)),
        )

    async def keep(self, run: str, agent: str, key: str, reply: Reply) -> None:
        """Keep a reply; it is on disk when this returns."""

        def work() -> None:
            shown = without_secrets(reply.text)
            usage = self._json.dumps(reply.usage)
            row = (run, key, reply.text, usage, reply.cut, None if shown == reply.text else shown)
            self._database.execute(KEEP, row)
            self._database.execute(ANSWER, (run, agent, key))

        await self._database.on_thread(work)

    async def of_agent(self, run: str, agent: str) -> tuple[KeptExchange, ...]:
        """All questions of an agent, the first one first."""

        def work() -> tuple[KeptExchange, ...]:
            return tuple(map(self._exchange, self._database.execute(OF_AGENT, (run, agent))))

        return await self._database.on_thread(work)

    def _exchange(self, row: Row) -> KeptExchange:
        step, at, prompt, reply, usage = row
        return KeptExchange(
            step,
            at,
            _unpacked(prompt),
            None if reply is None else without_secrets(reply),
            Usage() if usage is None else self._json.loads(usage, Usage),
        )


def _asked(agent: str, key: str, query: Query, *, answered: bool) -> Row:
    return query.run, agent, key, query.step, time.time(), _packed(query.messages), answered


def _packed(messages: Iterable[Message]) -> bytes:
    """Messages without secrets, and with what UTF-8 cannot hold as it is sent; prompts repeat themselves much."""
    contents = ((m.role, m.content.encode("utf-8", "backslashreplace").decode()) for m in messages)
    text = json.dumps([(role, without_secrets(content)) for role, content in contents])
    return zlib.compress(text.encode("ascii"))


def _unpacked(prompt: bytes) -> tuple[Message, ...]:
    """The messages; what has become a secret since is taken out, too."""
    found = json.loads(zlib.decompress(prompt))
    return tuple(Message(role, without_secrets(content)) for role, content in found)
