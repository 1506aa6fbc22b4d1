"""What outlives a process: runs, the replies they got, their events and their proposals, in one SQLite file.

So does what was seen of the project's tests: which functions each of them called.

All work is done on one thread of its own, in order, so that the event loop never waits for a disk. Opening reads the
disk at once: do it in any thread. Several processes may have the same file open.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import platformdirs
from attrs import evolve, frozen
from cattrs.preconf.json import make_converter

from soa.contracts import Proposal
from soa.secrets import without_secrets
from soa.store.coverage import Coverage
from soa.store.database import Database
from soa.store.exchanges import Exchanges
from soa.store.history import History

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path
    from types import TracebackType

    from soa.events import Event
    from soa.store.history import Outcome

BEGIN = """
INSERT INTO runs (run, workspace, request, started, stubs) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (run) DO UPDATE SET ended = NULL, outcome = NULL
"""

KEEP = """
INSERT INTO proposals (run, path, qualname, digest, proposal, at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (run, path, qualname, digest) DO UPDATE SET
    proposal = excluded.proposal,
    at = iif(json_extract(proposal, '$.candidate') IS json_extract(excluded.proposal, '$.candidate'), at, excluded.at),
    rejected = rejected AND json_extract(proposal, '$.candidate') IS json_extract(excluded.proposal, '$.candidate')
WHERE json_extract(excluded.proposal, '$.status') != 'cancelled'
"""
"""A run that tells the same code again (with its last evidence) neither makes it newer nor brings it back.

What was cancelled has nothing to show: it takes no place of what the run proposed before.
"""

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
        self._database = Database(path)
        self.exchanges = Exchanges(self._database)
        """What agents asked and were answered."""
        self.history = History(self._database)
        """Runs that are over."""
        self.coverage = Coverage(self._database)
        """Which functions the projects' tests called."""

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what is still to be written and close the file."""
        self._database.close()

    async def begin_run(
        self, run: str, workspace: str, request: dict[str, Any], stubs: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Note that a run began, with path and name of each stub; one that is resumed keeps its beginning."""
        row = (run, workspace, json.dumps(request), time.time(), json.dumps(stubs) if stubs else None)
        await self._database.do(BEGIN, row)

    async def end_run(self, run: str, outcome: Outcome) -> None:
        """Note that a run came to its end."""
        told = self._json.dumps(evolve(outcome, problem=without_secrets(outcome.problem)))
        await self._database.do("UPDATE runs SET ended = ?, outcome = ? WHERE run = ?", (time.time(), told, run))

    async def find_run(self, run: str) -> KeptRun | None:
        """A run by its id."""
        rows = await self._database.do("SELECT run, workspace, request FROM runs WHERE run = ?", (run,))
        return KeptRun(rows[0][0], rows[0][1], json.loads(rows[0][2])) if rows else None

    async def recent_runs(self, count: int = 5) -> tuple[str, ...]:
        """Ids of the newest runs, newest first."""
        rows = await self._database.do("SELECT run FROM runs ORDER BY started DESC LIMIT ?", (count,))
        return tuple(row[0] for row in rows)

    def keep_event(self, event: Event) -> float:
        """Keep an event; it is written soon, in order. When it happened, in seconds since the epoch."""
        at = time.time()
        self._database.soon("INSERT INTO events VALUES (?, ?, ?)", (event.run, at, self._json.dumps(event)))
        return at

    async def keep_proposal(self, run: str, proposal: Proposal) -> None:
        """Keep a proposal; it is on disk when this returns."""
        where = (run, proposal.address.path, proposal.contract.qualname, proposal.contract.digest)
        await self._database.do(KEEP, (*where, self._json.dumps(proposal), time.time()))

    async def find_proposals(self, run: str) -> tuple[Proposal, ...]:
        """What a run has proposed so far."""
        rows = await self._database.do("SELECT proposal FROM proposals WHERE run = ?", (run,))
        return tuple(self._json.loads(row[0], Proposal) for row in rows)

    async def latest(self, workspace: str, path: str, digests: Collection[str]) -> tuple[tuple[Proposal, float], ...]:
        """What was proposed last for contracts of one file, and when (seconds since the epoch).

        At most one proposal for a digest, by whichever run of this workspace, however it ended; not those that the
        user rejected, nor those that were cancelled before there was anything to show.
        """

        def work() -> tuple[tuple[Proposal, float], ...]:
            rows = self._database.execute(LATEST, (path, json.dumps(sorted(digests)), workspace))
            return tuple((self._json.loads(row[0], Proposal), row[1]) for row in rows)

        return await self._database.on_thread(work)

    async def reject(self, workspace: str, path: str, digest: str) -> None:
        """See that none of the proposals kept for a contract comes back; those made later do."""
        await self._database.do(REJECT, (path, digest, workspace))
