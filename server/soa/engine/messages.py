"""What the server's process and the engine's process say to each other: frozen values, pickled.

A run goes by a number of its own, so that an id that is used twice confuses nobody; so does a question to the editor's
model. What the engine says comes in batches, in order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from soa import errors
from soa.errors import SoaError

if TYPE_CHECKING:
    from soa.contracts import Proposal
    from soa.engine.implementer import Order
    from soa.events import Event, RunResult
    from soa.model import Query, Reply

KINDS: dict[str, type[SoaError]] = {
    kind.__name__: kind
    for kind in (
        errors.SoaError, errors.SourceError, errors.FileProblem, errors.UnknownTarget, errors.SpliceError,
        errors.ConfigurationError, errors.NoModel, errors.ModelError, errors.ModelUnreachable, errors.ModelRefused,
        errors.ModelBusy, errors.LimitReached, errors.SandboxError,
    )
}  # fmt: skip


@frozen
class Failure:
    """An error on its way to the other process."""

    kind: str
    message: str
    advice: str = ""

    @classmethod
    def of(cls, error: SoaError) -> Failure:
        """What is said of an error."""
        return cls(type(error).__name__, error.message, error.advice)

    def as_error(self) -> SoaError:
        """The error again."""
        return KINDS.get(self.kind, SoaError)(self.message, self.advice)


@frozen
class Begin:
    """Carry out an order."""

    number: int
    order: Order


@frozen
class Cancel:
    """End a run at once; answered by `Cancelled`, unless the run has just ended."""

    number: int


@frozen
class Stop:
    """End one agent of a run, and all below it, at once; nothing happens if they are not at work."""

    run: str
    """The run's id."""
    agent: str


@frozen
class Answered:
    """What the editor's model answered."""

    question: int
    answer: Reply | Failure


@frozen
class Close:
    """End everything and leave."""


@frozen
class Happened:
    """Events of a run, in order."""

    number: int
    events: tuple[Event, ...]


@frozen
class Proposed:
    """A stub of a run is done."""

    number: int
    proposal: Proposal


@frozen
class Ended:
    """A run has ended."""

    number: int
    result: RunResult


@frozen
class Failed:
    """A run could not be begun or went wrong as a whole."""

    number: int
    failure: Failure


@frozen
class Cancelled:
    """A run was cancelled, and nothing of it is left."""

    number: int


@frozen
class Asked:
    """A question to the editor's model."""

    question: int
    query: Query


@frozen
class Withdrawn:
    """Nobody waits for the answer to a question any more."""

    question: int


ToEngine = Begin | Cancel | Stop | Answered | Close
FromEngine = Happened | Proposed | Ended | Failed | Cancelled | Asked | Withdrawn
Batch = tuple[FromEngine, ...]
