"""What was seen of the projects' tests when they ran: which functions each of them called."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from attrs import frozen

from soa.contracts import Address

if TYPE_CHECKING:
    from collections.abc import Collection

    from soa.store.database import Database

MOST = 50_000
"""Rows kept, over all workspaces; the oldest go first."""
LEARN = """
INSERT OR REPLACE INTO coverage (workspace, path, qualname, test, reached, source, at)
SELECT ?, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
    json_extract(value, '$[3]'), json_extract(value, '$[4]'), ? FROM json_each(?)
"""
OF = """
SELECT path, qualname, test, reached, source FROM coverage AS c WHERE workspace = ? AND path = ? AND qualname = ?
ORDER BY (
    SELECT count(*) FROM coverage AS o WHERE o.workspace = c.workspace AND o.test = c.test AND o.reached
), test
"""
FORGET = """
DELETE FROM coverage WHERE workspace = ? AND (path, qualname, test) IN (
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(?)
)
"""
FUNCTIONS = "SELECT DISTINCT path, qualname FROM coverage WHERE workspace = ?"
FORGET_FUNCTIONS = """
DELETE FROM coverage WHERE workspace = ? AND (path, qualname) IN (
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)
)
"""
TRIM = "DELETE FROM coverage WHERE at < (SELECT at FROM coverage ORDER BY at DESC LIMIT 1 OFFSET ?)"


@frozen
class Seen:
    """Whether a test called a function when it ran last."""

    function: Address
    test: str
    """A pytest node without parameters, relative to the workspace."""
    reached: bool
    source: str
    """A fingerprint of the test as it was then."""


class Coverage:
    """Remembers, for each workspace, which tests reach a function, and which do not though one might think so."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, workspace: str, function: Address) -> tuple[Seen, ...]:
        """What is known of a function, tests that reach few others first."""
        rows = await self._database.do(OF, (workspace, function.path, function.qualname))
        return tuple(Seen(Address(*where), test, bool(reached), source) for *where, test, reached, source in rows)

    async def functions(self, workspace: str) -> frozenset[Address]:
        """All functions of which something is known."""
        return frozenset(Address(path, name) for path, name in await self._database.do(FUNCTIONS, (workspace,)))

    async def learn(self, workspace: str, seen: Collection[Seen]) -> None:
        """Remember what was seen, in place of what was seen of the same tests and functions before."""
        rows = [(s.function.path, s.function.qualname, s.test, s.reached, s.source) for s in seen][:MOST]
        await self._database.do(LEARN, (workspace, time.time(), json.dumps(rows)))
        await self._database.do(TRIM, (MOST - 1,))

    async def forget(self, workspace: str, seen: Collection[Seen]) -> None:
        """Forget what does not hold any more."""
        rows = [(s.function.path, s.function.qualname, s.test) for s in seen]
        await self._database.do(FORGET, (workspace, json.dumps(rows)))

    async def forget_functions(self, workspace: str, gone: Collection[Address]) -> None:
        """Forget all about functions that do not exist any more."""
        rows = [(f.path, f.qualname) for f in gone]
        await self._database.do(FORGET_FUNCTIONS, (workspace, json.dumps(rows)))
