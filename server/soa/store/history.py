"""Runs that are over, as far as the store knows them: a list without their agents, or one with its agents."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Literal

from attrs import field, frozen
from cattrs.preconf.json import make_converter

from soa.crew import Crew
from soa.events import Event

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from soa.store.database import Database, Row

COLUMNS = "run, workspace, request, started, ended, stubs, outcome"
NEWEST = f"""
SELECT {COLUMNS} FROM runs
WHERE workspace IN (SELECT value FROM json_each(?)) AND run NOT IN (SELECT value FROM json_each(?))
ORDER BY started DESC, rowid DESC LIMIT ?
"""
ONE = f"SELECT {COLUMNS} FROM runs WHERE run = ?"
PROPOSED = """
SELECT path, qualname, json_extract(proposal, '$.usage.calls'),
    json_extract(proposal, '$.usage.prompt_tokens') + json_extract(proposal, '$.usage.completion_tokens')
FROM proposals WHERE run = ?
"""
LAST_EVENT = "SELECT at FROM events WHERE run = ? ORDER BY rowid DESC LIMIT 1"
EVENTS = "SELECT at, event FROM events WHERE run = ? ORDER BY rowid"


@frozen
class Outcome:
    """How a run ended, and what it came to."""

    status: Literal["done", "cancelled", "failed"]
    seconds: float
    problem: str = ""
    """Why it failed as a whole."""
    model: str = ""
    calls: int = 0
    tokens: int = 0
    passed: int = 0
    failed: int = 0
    agents: int = 0
    sandbox: str = ""

    @classmethod
    def of(cls, crew: Crew, status: Literal["done", "cancelled", "failed"], problem: str = "") -> Outcome:
        """The outcome of a run with these agents."""
        seconds = round(crew.seconds, 3)
        counted = (crew.calls, crew.tokens, crew.passed, crew.failed, crew.total)
        return cls(status, seconds, problem, crew.model, *counted, crew.sandbox)


@frozen
class PastRun:
    """A run that is not under way."""

    run: str
    workspace: str
    decompose: bool
    began: float
    """Seconds since the epoch."""
    stubs: tuple[tuple[str, str], ...] = field(repr=False)
    """Path, as addresses name it, and qualified name of each."""
    outcome: Outcome


class History:
    """Reads what became of runs; one that did not come to its end counts as cancelled."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._json = make_converter(detailed_validation=False)

    async def newest(self, workspaces: Collection[str], without: Collection[str], limit: int) -> tuple[PastRun, ...]:
        """The newest runs of some workspaces, without those of these ids; how many events they have plays no part."""
        values = (json.dumps(list(workspaces)), json.dumps(list(without)), limit)

        def work() -> tuple[PastRun, ...]:
            return tuple(map(self._run, self._database.execute(NEWEST, values)))

        return await self._database.on_thread(work)

    async def find(self, run: str) -> PastRun | None:
        """A run by its id."""

        def work() -> PastRun | None:
            rows = self._database.execute(ONE, (run,))
            return self._run(rows[0]) if rows else None

        return await self._database.on_thread(work)

    async def crew(self, run: str) -> Crew:
        """The agents of a run; their times are seconds since the epoch. Those that were broken off are cancelled."""
        rows = await self._database.do(EVENTS, (run,))
        return await asyncio.to_thread(self._replay, rows)

    def _replay(self, rows: Sequence[Row]) -> Crew:
        crew = Crew()
        for at, event in rows:
            crew.hear(self._json.loads(event, Event), at)
        crew.break_off()
        return crew

    def _run(self, row: Row) -> PastRun:
        run, workspace, request, started, ended, stubs, outcome = row
        decompose = bool(json.loads(request).get("decompose"))
        proposed = [] if stubs and outcome else self._database.execute(PROPOSED, (run,))
        names = json.loads(stubs) if stubs else [(path, name) for path, name, *_ in proposed]
        past = self._json.loads(outcome, Outcome) if outcome else self._guess(run, started, ended, proposed)
        return PastRun(run, workspace, decompose, started, tuple((path, name) for path, name in names), past)

    def _guess(self, run: str, started: float, ended: float | None, proposed: Sequence[Row]) -> Outcome:
        """The outcome of a run that was broken off, or that an earlier version has kept."""
        last = ended or next((at for (at,) in self._database.execute(LAST_EVENT, (run,))), started)
        calls, tokens = (sum(row[i] or 0 for row in proposed) for i in (2, 3))
        return Outcome("done" if ended else "cancelled", round(last - started, 3), calls=calls, tokens=tokens)
