"""What carries out requests for an editor's session, in this process or in one of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from soa.contracts import Proposal
    from soa.engine.request import Request
    from soa.events import Event, RunResult
    from soa.settings import Settings


@frozen
class Order:
    """A run that is wanted, and where."""

    root: Path
    """The workspace."""
    settings: Settings
    request: Request
    """With an `ident`."""


class Listener(Protocol):
    """Hears what happens in a run, in order, on the loop of who placed the order."""

    def events(self, events: Sequence[Event]) -> None:
        """Something happened; under load several events come at once."""
        ...

    def proposal(self, proposal: Proposal) -> None:
        """A stub is done; its proposal is in the store already. It has nothing to show if it is cancelled."""
        ...


class Implementer(Protocol):
    """Carries out orders. Implementations: `local.LocalImplementer`, `remote.RemoteImplementer`."""

    async def run(self, order: Order, listener: Listener) -> RunResult:
        """Carry out an order. Cancelling ends its calls and processes at once and raises `CancelledError`.

        Raises
        ------
        SoaError
            It cannot be begun, the model gives no answer at all, or the process that did the work is gone.
        """
        ...

    def stop(self, run: str, agent: str) -> None:
        """Have one agent of a run and all below it end; the rest of the run goes on.

        Their model calls and processes end at once, and they with the status `cancelled`. A mother goes on without the
        helper, which stays a stub; a stub of the request ends as cancelled, and nobody else takes it up in this run. A
        resumed run does. Nothing happens if the run or the agent is not under way.
        """
        ...

    async def close(self) -> None:
        """End all runs and release everything; afterwards no process is left."""
        ...
