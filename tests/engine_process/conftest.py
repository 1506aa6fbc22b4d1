"""A small project, and what carries out orders in it: in this process and in one of its own."""

from __future__ import annotations

import asyncio
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from soa.engine.implementer import Order
from soa.engine.local import LocalImplementer
from soa.engine.remote import RemoteImplementer
from soa.engine.request import Request, Target
from soa.settings import Settings
from soa.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from pathlib import Path

    from soa.contracts import Proposal
    from soa.engine.implementer import Implementer
    from soa.events import Event
    from soa.model import Query, Reply

DEADLINE = 30.0

LEDGER = '''
    from units import Count

    def double(n: Count):
        """Twice n.

        >>> double(4)
        8
        """

    def triple(n):
        """Three times n.

        >>> triple(2)
        6
        """
'''
UNITS = '''
    class Count(int):
        """How many."""
'''
REPLIES = """
    === write ledger.py::double
    def double(n):
        return n * 2
    === write ledger.py::triple
    def triple(n):
        return n * 3
"""


@dataclass
class Heard:
    """A listener that remembers, in order, and lets a test wait for something."""

    events_heard: list[Event] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def events(self, events: Sequence[Event]) -> None:
        self.events_heard += events
        self.order += [e.kind for e in events]
        self.batches.append(len(events))
        self._news.set()

    def proposal(self, proposal: Proposal) -> None:
        self.proposals.append(proposal)
        self.order.append(f"proposal {proposal.address.qualname}")
        self._news.set()

    def kinds(self) -> list[str]:
        return [e.kind for e in self.events_heard]

    async def until(self, holds: Callable[[Heard], bool]) -> None:
        async with asyncio.timeout(DEADLINE):
            while not holds(self):
                self._news.clear()
                await self._news.wait()


@dataclass
class Project:
    """A workspace whose replies are recorded in a file of its own."""

    root: Path

    def file(self, relative: str, text: str) -> Path:
        path = self.root / relative
        path.write_text(textwrap.dedent(text).lstrip("\n"))
        return path

    def order(self, *names: str, ident: str = "r1", path: str = "ledger.py", **options) -> Order:
        settings = Settings(**{"model": "recorded:replies.txt", "generate_tests": "never", "depth": 0, **options})
        return Order(self.root, settings, Request((Target(self.root / path, names),), ident=ident))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").touch()
    project = Project(root)
    project.file("ledger.py", LEDGER)
    project.file("units.py", UNITS)
    project.file("replies.txt", REPLIES)
    return project


class Silent:
    """An editor whose model never answers; it notes that it was asked, and that the question was withdrawn."""

    def __init__(self) -> None:
        self.asked, self.withdrawn = asyncio.Event(), asyncio.Event()

    async def __call__(self, query: Query) -> Reply:
        self.asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.withdrawn.set()
        raise AssertionError


@pytest.fixture
def silent() -> Silent:
    return Silent()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    """The store that the runs are kept in."""
    with Store(tmp_path / "store.sqlite3") as store:
        yield store


@pytest_asyncio.fixture
async def local(kept: Store) -> AsyncIterator[Callable[..., LocalImplementer]]:
    """Makes implementers in this process, closed after the test."""
    made: list[LocalImplementer] = []

    def make(**options) -> LocalImplementer:
        made.append(LocalImplementer(kept, **options))
        return made[-1]

    yield make
    for implementer in made:
        await implementer.close()


@pytest_asyncio.fixture
async def remote(tmp_path: Path) -> AsyncIterator[Callable[..., RemoteImplementer]]:
    """Makes implementers in a process of their own, closed after the test."""
    made: list[RemoteImplementer] = []

    def make(**options) -> RemoteImplementer:
        made.append(RemoteImplementer(tmp_path / "store.sqlite3", **options))
        return made[-1]

    yield make
    for implementer in made:
        await implementer.close()


@pytest.fixture(params=["local", "remote"])
def implementing(request: pytest.FixtureRequest) -> Callable[..., Implementer]:
    """Makes implementers of one kind and the other."""
    return request.getfixturevalue(request.param)
