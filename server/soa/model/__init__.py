"""What answers an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import quote

from attrs import frozen

from soa.contracts import Usage

if TYPE_CHECKING:
    from soa.contracts import Address, Role, Step


@frozen
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@frozen
class Query:
    """One request to a model, and who makes it."""

    messages: tuple[Message, ...]
    run: str
    agent: Role
    step: Step
    target: Address
    depth: int
    model: str = ""
    """Which of its own an editor is to ask; empty: whichever it prefers. An endpoint is opened for one model."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers by which proxies, traces and tests tell requests apart; values are ASCII (percent-encoded)."""
        return {
            "X-SoA-Run": self.run,
            "X-SoA-Agent": self.agent,
            "X-SoA-Step": self.step,
            "X-SoA-Target": quote(str(self.target), safe="/:.<>_-+ @,()[]=~"),
            "X-SoA-Depth": str(self.depth),
        }


@frozen
class Reply:
    """What came back."""

    text: str
    usage: Usage = Usage(calls=1)
    cut: bool = False
    """The reply ended because of a length limit, the server's or our own."""


class Model(Protocol):
    """Answers queries. Implementations: `openai.OpenAIModel`, `recorded.RecordedModel`, `recorded.Recorder`."""

    name: str

    async def answer(self, query: Query) -> Reply:
        """Answer one query.

        Raises
        ------
        ModelError
            No answer could be had; the message says why and what to do, and never holds a key.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
