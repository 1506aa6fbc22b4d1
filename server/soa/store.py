"""What outlives a process: runs, the replies they got, their events and their proposals, in one SQLite file.

All work is done on one thread of its own, in order, so that the event loop never waits for a disk. Opening reads the
disk at once: do it in any thread. Several processes may have the same file open.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import platformdirs
from attrs import frozen
from cattrs.preconf.json import make_converter

from soa.contracts import Proposal, Usage
from soa.errors import ConfigurationError
from soa.model import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path
    from types import TracebackType

    from soa.events import Event

T = TypeVar("T")
PATIENCE = 30.0
"""Seconds to wait for another process to finish writing."""

MIGRATIONS = (
    (
        """CREATE TABLE IF NOT EXISTS runs (
            run TEXT PRIMARY KEY, workspace TEXT NOT NULL, request TEXT NOT NULL, started REAL NOT NULL, ended REAL
        )""",
        """CREATE TABLE IF NOT EXISTS replies (
            run TEXT NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, usage TEXT NOT NULL, cut INTEGER NOT NULL,
            PRIMARY KEY (run, key)
        ) WITHOUT ROWID""",
        "CREATE TABLE IF NOT EXISTS events (run TEXT NOT NULL, at REAL NOT NULL, event TEXT NOT NULL)",
        """CREATE TABLE IF NOT EXISTS proposals (
            run TEXT NOT NULL, path TEXT NOT NULL, qualname TEXT NOT NULL, digest TEXT NOT NULL, proposal TEXT NOT NULL,
            PRIMARY KEY (run, path, qualname, digest)
        ) WITHOUT ROWID""",
        "CREATE INDEX IF NOT EXISTS events_by_run ON events (run)",
    ),
    (
        "ALTER TABLE proposals ADD COLUMN at REAL NOT NULL DEFAULT 0",
        "ALTER TABLE proposals ADD COLUMN rejected INTEGER NOT NULL DEFAULT 0",
        """UPDATE proposals SET at = coalesce(
            (SELECT coalesce(ended, started) FROM runs WHERE runs.run = proposals.run), 0
        )""",
        "CREATE INDEX proposals_by_path ON proposals (path, digest)",
    ),
)
"""What each version of the file adds to the one before; `PRAGMA user_version` counts them."""

KEEP = """
INSERT INTO proposals (run, path, qualname, digest, proposal, at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (run, path, qualname, digest) DO UPDATE SET
    proposal = excluded.proposal,
    at = iif(json_extract(proposal, '$.candidate') IS json_extract(excluded.proposal, '$.candidate'), at, excluded.at),
    rejected = rejected AND json_extract(proposal, '$.candidate') IS json_extract(excluded.proposal, '$.candidate')
"""
"""A run that tells the same code again (with its last evidence) neither makes it newer nor brings it back."""

LATEST = """
SELECT p.proposal, max(p.at) FROM proposals AS p JOIN runs USING (run)
WHERE p.path = ? AND p.digest IN (SELECT value FROM json_each(?)) AND runs.workspace = ?
    AND NOT p.rejected AND json_extract(p.proposal, '$.status') != 'cancelled'
GROUP BY p.digest
"""

REJECT = """
UPDATE proposals SET rejected = 1
WHERE path = ? AND digest = ? AND run IN (SELECT run FROM runs WHERE workspace = ?)
"""


def default_path() -> Path:
    """Where the store lives: in the user's data folder."""
    return platformdirs.user_data_path("soa-language-server") / "store.sqlite3"


@frozen
class KeptRun:
    """A run as the store knows it."""

    run: str
    workspace: str
    request: dict[str, Any]


class Store:
    """The open store.

    Raises
    ------
    ConfigurationError
        The file cannot be opened or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._json = make_converter()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="soa-store")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = _connected(path)
        except (OSError, sqlite3.Error) as error:
            self._thread.shutdown()
            raise ConfigurationError(
                f"The store {path} cannot be used: {error}.",
                "Make its folder writable, move a damaged file away, or set XDG_DATA_HOME.",
            ) from None

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what is still to be written and close the file."""
        self._thread.shutdown(wait=True)
        self._db.close()

    async def begin_run(self, run: str, workspace: str, request: dict[str, Any]) -> None:
        """Note that a run began; a run that is resumed keeps its beginning."""
        row = (run, workspace, json.dumps(request), time.time())
        await self._do("INSERT OR IGNORE INTO runs (run, workspace, request, started) VALUES (?, ?, ?, ?)", row)

    async def end_run(self, run: str) -> None:
        """Note that a run came to its end."""
        await self._do("UPDATE runs SET ended = ? WHERE run = ?", (time.time(), run))

    async def find_run(self, run: str) -> KeptRun | None:
        """A run by its id."""
        rows = await self._do("SELECT run, workspace, request FROM runs WHERE run = ?", (run,))
        return KeptRun(rows[0][0], rows[0][1], json.loads(rows[0][2])) if rows else None

    async def recent_runs(self, count: int = 5) -> tuple[str, ...]:
        """Ids of the newest runs, newest first."""
        rows = await self._do("SELECT run FROM runs ORDER BY started DESC LIMIT ?", (count,))
        return tuple(row[0] for row in rows)

    async def find_reply(self, run: str, key: str) -> Reply | None:
        """A reply that a run got earlier."""
        rows = await self._do("SELECT text, usage, cut FROM replies WHERE run = ? AND key = ?", (run, key))
        return Reply(rows[0][0], self._json.loads(rows[0][1], Usage), bool(rows[0][2])) if rows else None

    async def keep_reply(self, run: str, key: str, reply: Reply) -> None:
        """Keep a reply; it is on disk when this returns."""
        row = (run, key, reply.text, self._json.dumps(reply.usage), reply.cut)
        await self._do("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?)", row)

    def keep_event(self, event: Event) -> None:
        """Keep an event; it is written soon, in order."""
        row = (event.run, time.time(), self._json.dumps(event))
        self._thread.submit(self._execute, "INSERT INTO events VALUES (?, ?, ?)", row)

    async def keep_proposal(self, run: str, proposal: Proposal) -> None:
        """Keep a proposal; it is on disk when this returns."""
        where = (run, proposal.address.path, proposal.contract.qualname, proposal.contract.digest)
        await self._do(KEEP, (*where, self._json.dumps(proposal), time.time()))

    async def find_proposals(self, run: str) -> tuple[Proposal, ...]:
        """What a run has proposed so far."""
        rows = await self._do("SELECT proposal FROM proposals WHERE run = ?", (run,))
        return tuple(self._json.loads(row[0], Proposal) for row in rows)

    async def latest(self, workspace: str, path: str, digests: Collection[str]) -> tuple[tuple[Proposal, float], ...]:
        """What was proposed last for contracts of one file, and when (seconds since the epoch).

        At most one proposal for a digest, by whichever run of this workspace, however it ended; not those that the
        user rejected, nor those that were cancelled before there was anything to show.
        """

        def work() -> tuple[tuple[Proposal, float], ...]:
            rows = self._execute(LATEST, (path, json.dumps(sorted(digests)), workspace))
            return tuple((self._json.loads(row[0], Proposal), row[1]) for row in rows)

        return await self._on_thread(work)

    async def reject(self, workspace: str, path: str, digest: str) -> None:
        """See that none of the proposals kept for a contract comes back; those made later do."""
        await self._do(REJECT, (path, digest, workspace))

    async def _do(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        return await self._on_thread(lambda: self._execute(statement, values))

    async def _on_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _execute(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise ConfigurationError(
                f"The store {self.path} cannot be used any more: {error}.",
                "Is the disk full? What was kept is safe; go on with --resume.",
            ) from None


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=PATIENCE)
    try:
        _share(connection)
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to this version's form, in one transaction: another process may be at it too."""
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise sqlite3.DatabaseError("a newer version of soa has written it")
    for statement in chain.from_iterable(MIGRATIONS[version:]):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    connection.execute("COMMIT")


def _share(connection: sqlite3.Connection) -> None:
    """Let others read while one writes. SQLite does not wait its timeout out for this when two begin a file at once."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
    connection.execute("PRAGMA synchronous=NORMAL")
