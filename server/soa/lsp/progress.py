"""Work-done progress: one bar for each run, with agents and tests as they go, and a button that cancels it."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import define, field
from lsprotocol.types import (
    PROGRESS,
    WINDOW_WORK_DONE_PROGRESS_CANCEL,
    WINDOW_WORK_DONE_PROGRESS_CREATE,
    ProgressParams,
    WorkDoneProgressBegin,
    WorkDoneProgressCancelParams,
    WorkDoneProgressCreateParams,
    WorkDoneProgressEnd,
    WorkDoneProgressReport,
)

from soa.lsp import wording
from soa.lsp.pace import Pace
from soa.wording import plural, with_where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from lsprotocol.types import ProgressToken

    from soa.lsp.server import SoaLanguageServer
    from soa.session.views import RunView

INTERVAL: Final = 0.2
"""Seconds between two reports of a run."""


def begin(run: RunView) -> WorkDoneProgressBegin:
    """How a bar begins."""
    return WorkDoneProgressBegin(
        f"SoA: {run.title}", cancellable=True, message=at_work(run) or None, percentage=percentage(run)
    )


def report(run: RunView) -> WorkDoneProgressReport:
    """How a bar goes on."""
    return WorkDoneProgressReport(cancellable=True, message=at_work(run), percentage=percentage(run))


def end(run: RunView) -> WorkDoneProgressEnd:
    """How a bar ends."""
    return WorkDoneProgressEnd(message=closing(run))


def at_work(run: RunView) -> str:
    """`2/5 agents · 7 tests passed · 3 calls`; empty before the first agent."""
    agents = f"{run.done}/{run.total} agents" if run.total else ""
    calls = plural(run.calls, "call") if run.calls else ""
    return " · ".join(part for part in (agents, _tested(run), calls) if part)


def _tested(run: RunView) -> str:
    if not run.passed and not run.failed:
        return ""
    passed = f"{plural(run.passed, 'test')} passed"
    return with_where(f"{passed}, {run.failed:,} failed" if run.failed else passed, run.sandbox)


def percentage(run: RunView) -> int | None:
    """How much is settled, where several stubs make that mean something."""
    wanted = len(run.keys)
    return 100 * run.settled // wanted if wanted > 1 else None


def closing(run: RunView) -> str:
    """What is said at a run's end."""
    if run.status == "failed":
        return f"Failed: {wording.one_line(run.problem.splitlines()[0])}"
    if run.status == "cancelled":
        return "Cancelled."
    calls = plural(run.calls, "call") if run.calls else ""
    parts = (_tested(run), calls, wording.tokens(run.tokens) if run.tokens else "", wording.duration(run.seconds))
    return f"{_ending(run)}: {', '.join(part for part in parts if part)}."


def _ending(run: RunView) -> str:
    """`Done`, `Not verified`, `1 of 3 failed, 1 not verified`."""
    if run.decompose and not run.lost:
        return "Skeleton ready"
    if len(run.keys) == 1:
        return "Failed" if run.lost else "Not verified" if run.unverified else "Done"
    lost = f"{run.lost} of {len(run.keys)} failed" if run.lost else ""
    unverified = f"{run.unverified} not verified" if run.unverified else ""
    return ", ".join(part for part in (lost, unverified) if part) or "Done"


@define(eq=False)
class Bar:
    """One progress bar of the client."""

    token: ProgressToken
    state: Literal["asked for", "new", "begun", "refused"]
    runs: dict[str, RunView | None] = field(factory=dict)
    """The runs that it stands for, as they were last heard of."""


class Bars:
    """All bars of a connection.

    A run has a bar of its own, made where the client allows it, with the run's id as its token. A command that was
    called with a token has a bar with that token, which stands for its runs instead.
    """

    def __init__(self, server: SoaLanguageServer) -> None:
        self._server = server
        self._bars: dict[ProgressToken, Bar] = {}
        self._shown: set[str] = set()
        """Ids of the runs that have or had a bar of their own, or ended under one of the client's."""
        self._pace: Pace[RunView] = Pace(self._draw, INTERVAL, asyncio.get_running_loop)

    def show(self, run: RunView) -> None:
        """Show a run as it stands, be it that it has ended before anybody saw it begin."""
        if self._server.traits.progress and run.ident not in self._shown and not self._of(run.ident):
            self._make(run)
        if run.status == "running":
            self._pace.put(run.ident, run)
        else:
            self._pace.finish(run.ident, run)

    @contextmanager
    def given(self, token: ProgressToken | None) -> Iterator[Callable[[str], None]]:
        """A bar with a token of the client's, until the block is left; to be called with the runs it stands for."""
        runs: dict[str, RunView | None] = {}

        def stand_for(ident: str) -> None:
            runs.setdefault(ident)

        if token is None or token in self._bars:
            yield stand_for
            return
        bar = self._bars[token] = Bar(token, "new", runs)
        try:
            yield stand_for
        finally:
            del self._bars[token]
            self._close(bar)

    def cancel(self, token: ProgressToken) -> None:
        """The user has pressed the button of a bar."""
        bar = self._bars.get(token)
        for ident in bar.runs if bar is not None else ():
            self._server.session.cancel(ident)

    def _close(self, bar: Bar) -> None:
        found = [run for run in self._server.session.runs() if run.ident in bar.runs]
        self._shown |= {run.ident for run in found if run.status != "running"}
        if bar.state == "new" and found and found[0].status != "running":
            bar.state = "begun"
            self._send(bar, begin(found[0]))
        if bar.state == "begun":
            self._send(bar, end(found[0]) if found else WorkDoneProgressEnd())

    def _of(self, ident: str) -> list[Bar]:
        return [bar for bar in self._bars.values() if ident in bar.runs]

    def _make(self, run: RunView) -> None:
        """Ask the client for a bar, once for each run; not when it is about to leave."""
        if self._server.protocol.phase != "ready":
            return
        self._shown.add(run.ident)
        bar = self._bars[run.ident] = Bar(run.ident, "asked for", {run.ident: run})
        params = WorkDoneProgressCreateParams(bar.token)
        made = self._server.protocol.send_request(WINDOW_WORK_DONE_PROGRESS_CREATE, params)
        made.add_done_callback(lambda answer: self._made(bar, answer))

    def _made(self, bar: Bar, answer: Future[Any]) -> None:
        bar.state = "refused" if answer.cancelled() or answer.exception() else "new"
        for run in filter(None, bar.runs.values()):
            self._draw(run)

    def _draw(self, run: RunView) -> None:
        for bar in self._of(run.ident):
            bar.runs[run.ident] = run
            self._advance(bar, run)
            if run.status != "running" and bar.token == run.ident and bar.state != "asked for":
                del self._bars[bar.token]

    def _advance(self, bar: Bar, run: RunView) -> None:
        if bar.state == "new":
            bar.state = "begun"
            self._send(bar, begin(run))
        elif bar.state == "begun" and run.status == "running":
            self._send(bar, report(run))
        if bar.state == "begun" and run.status != "running" and bar.token == run.ident:
            self._send(bar, end(run))

    def _send(self, bar: Bar, value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd) -> None:
        self._server.protocol.notify(PROGRESS, ProgressParams(bar.token, value))


def register(server: SoaLanguageServer) -> Bars:
    """Show runs as bars, and heed their buttons."""
    bars = Bars(server)

    def changed(_: frozenset[str], runs: tuple[RunView, ...]) -> None:
        for run in runs:
            bars.show(run)

    def cancelled(params: WorkDoneProgressCancelParams) -> None:
        bars.cancel(params.token)

    server.on_change(changed)
    server.feature(WINDOW_WORK_DONE_PROGRESS_CANCEL)(cancelled)
    return bars
