"""A small project, an engine on it with recorded replies, and the sandbox that `auto` finds."""

from __future__ import annotations

import asyncio
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soa.engine.request import Request, Target
from soa.engine.runs import Engine
from soa.model.recorded import RecordedModel, parse_records
from soa.sandbox.choose import choose
from soa.settings import Settings
from soa.store import Store
from soa.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soa.events import Event, RunResult
    from soa.model import Model


@dataclass
class Bench:
    """A project folder in which runs are made."""

    root: Path
    store: Store
    events: list[Event] = field(default_factory=list)

    def file(self, relative: str, text: str) -> Path:
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
        return path

    def read(self, relative: str) -> str:
        return (self.root / relative).read_text()

    def records(self, text: str) -> RecordedModel:
        return RecordedModel(parse_records(textwrap.dedent(text)))

    async def run(self, model: Model, *paths: str, resume: str = "", decompose: bool = False, **options) -> RunResult:
        async with await self.engine(model, **options) as engine:
            return await engine.implement(self.request(*paths, resume=resume, decompose=decompose), self.events.append)

    async def engine(self, model: Model, **options) -> Engine:
        settings = Settings(**{"generate_tests": "never", **options})
        workspace = Workspace(self.root, Path(sys.executable))
        sandbox = await choose(settings.sandbox, workspace.python)
        return Engine(workspace, settings, model, sandbox, self.store)

    def request(self, *paths: str, resume: str = "", decompose: bool = False) -> Request:
        targets = []
        for path in paths:
            relative, _, name = path.partition("::")
            targets.append(Target(self.root / relative, (name,) if name else ()))
        return Request(tuple(targets), decompose=decompose, resume=resume)

    def steps(self) -> list[str]:
        return [f"{e.step} {e.address.qualname}" for e in self.events if e.kind == "call-ended"]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "0"\n')
    with Store(tmp_path / "store.sqlite3") as store:
        yield Bench(root, store)


@pytest.fixture
def run(bench: Bench) -> Callable[..., RunResult]:
    """Runs replies against files of the project."""

    def go(replies: str | Model, *paths: str, **options) -> RunResult:
        model = bench.records(replies) if isinstance(replies, str) else replies
        return asyncio.run(bench.run(model, *paths, **options))

    return go
