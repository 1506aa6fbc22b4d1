"""Progress as a live tree of agents on a terminal."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from soa.cli.lines import NO_SANDBOX
from soa.contracts import Status
from soa.crew import Agent, Crew
from soa.wording import where_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soa.events import Event

MARKS = {
    Status.VERIFIED: ("✓", "green"),
    Status.UNVERIFIED: ("?", "yellow"),
    Status.FAILED: ("✗", "red"),
    Status.STALE: ("~", "yellow"),
    Status.CANCELLED: ("-", "dim"),
}
ROLES = {"mother": "magenta", "child": "cyan", "tester": "blue"}


class LiveTree:
    """Draws mothers, children and testers, what each is at, its tests, its tokens and its time, until the run ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._crew = Crew()
        self._spinner = Spinner("dots", style="bold")
        self._live = Live(self, console=console, refresh_per_second=8, transient=False, vertical_overflow="ellipsis")

    def __enter__(self) -> LiveTree:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, event: Event) -> None:
        """Take in an event; the tree is drawn anew a few times a second."""
        self._crew.hear(event, monotonic())
        if event.kind == "warning":
            self._console.print(Text(f"warning: {event.text}", style="yellow"))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """What rich draws: the newest that fits the height."""
        yield self._draw(console, max(4, console.size.height - 3))

    def _draw(self, console: Console, height: int) -> RenderableType:
        rows = [row for agent in self._crew.first for row in _rows(agent, 0)]
        shown = rows if len(rows) <= height else _fitting(rows, height)
        lines = [self._line(console, agent, depth) for agent, depth in shown]
        crew = self._crew
        hidden = f", {len(rows) - len(shown)} not shown" if len(shown) < len(rows) else ""
        total = f"{crew.at_work} of {len(rows)} agents at work{hidden}, {crew.calls} calls, {crew.tokens:,} tokens"
        return Group(*lines, Text(f"{total}{NO_SANDBOX if where_run(crew.sandbox) else ''}", style="dim"))

    def _line(self, console: Console, agent: Agent, depth: int) -> Text:
        line = Text("  " * depth, no_wrap=True, overflow="ellipsis")
        if agent.status is None:
            frame = self._spinner.render(console.get_time())
            line.append_text(frame if isinstance(frame, Text) else Text("."))
        else:
            line.append(*MARKS[agent.status])
        line.append(f" {agent.role} ", style=ROLES[agent.role])
        line.append(str(agent.address) if depth == 0 else agent.address.qualname, style="bold")
        line.append(f"  {agent.status or agent.doing}", style="" if agent.status is None else MARKS[agent.status][1])
        if agent.passed or agent.failed:
            line.append(f"  {agent.passed} passed", style="green")
            line.append(f", {agent.failed} failed", style="red" if agent.failed else "dim")
        line.append(f"  {agent.tokens:,} tokens  {agent.seconds(monotonic()):.1f} s", style="dim")
        return line


def _rows(agent: Agent, depth: int) -> Iterator[tuple[Agent, int]]:
    yield agent, depth
    for below in agent.below:
        yield from _rows(below, depth + 1)


def _fitting(rows: Sequence[tuple[Agent, int]], height: int) -> list[tuple[Agent, int]]:
    """Those at work first, then those that ended last; in the order of the tree."""
    by_worth = sorted(range(len(rows)), key=lambda i: (rows[i][0].status is not None, -rows[i][0].ended, i))
    return [rows[i] for i in sorted(by_worth[:height])]
