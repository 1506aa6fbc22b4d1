"""Progress as plain lines: where no terminal is, in logs, for `--json`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

from soa.cli.streams import tell
from soa.wording import visible, where_run

if TYPE_CHECKING:
    from types import TracebackType

    from soa.events import Event


NO_SANDBOX = ", without a sandbox"


class Progress(Protocol):
    """Shows a run while it goes on; as a context manager it ends with the run."""

    def __enter__(self) -> Progress: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, event: Event) -> None:
        """Show what happened."""
        ...


class PlainLines:
    """One line on standard error for each event worth telling; each begins with a word that says which."""

    def __enter__(self) -> PlainLines:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, event: Event) -> None:
        """Write the event's line, if it has one."""
        line = plain_line(event)
        if line:
            tell(line, sys.stderr)


def plain_line(event: Event) -> str:
    """An event in one line without colour; empty if it is not worth one."""
    told = {
        "run-started": f"run {event.run}{NO_SANDBOX if where_run(event.sandbox) else ''}",
        "agent-started": _who(event),
        "call-started": f"{_who(event)}  {event.step}",
        "refused": f"{_who(event)}  {event.text}",
        "tested": f"{_who(event)}  {_tested(event)}",
        "waiting": f"{_who(event)}  {event.text}",
        "agent-ended": f"{_who(event)}  {event.status or ''}{': ' if event.text else ''}{event.text}",
        "warning": event.text,
    }.get(event.kind, "")
    return visible(f"{PREFIXES[event.kind]:<8} {' '.join(told.splitlines())}".rstrip()) if told else ""


PREFIXES = {
    "run-started": "started",
    "agent-started": "agent",
    "call-started": "asks",
    "refused": "refused",
    "tested": "tested",
    "waiting": "waits",
    "agent-ended": "ended",
    "warning": "warning",
}


def _tested(event: Event) -> str:
    return ", ".join(filter(None, (f"{event.passed} passed, {event.failed} failed", event.text)))


def _who(event: Event) -> str:
    return f"{event.role:<6}  {'  ' * event.depth}{event.address or ''}"
