"""A session on a small project, an editor that checks what it is asked to do, and a model that answers when told to."""

from __future__ import annotations

import asyncio
import textwrap
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gated import GatedModel, News
from soa.engine.local import LocalImplementer
from soa.session.documents import TextChange
from soa.session.lines import Lines
from soa.session.session import Session
from soa.session.wishes import Part, Wish
from soa.source.edits import apply
from soa.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
    from pathlib import Path

    from soa.engine.implementer import Implementer
    from soa.session.client import Change, Message
    from soa.session.views import RunView, StubView
    from soa.session.wishes import Acceptance, Settled
    from soa.source.edits import Edit

FLAGS = {"generate_tests": "never", "depth": 0, "attempts": 1, "sandbox": "off"}
"""One call for each stub, and nothing is run: what is proposed is not verified."""


@dataclass(eq=False)
class Editor:
    """Holds texts as an editor does, and applies edits only to the version that they were made for."""

    news: News
    texts: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    applied: list[Change] = field(default_factory=list)
    refused: list[Change] = field(default_factory=list)
    shown: list[RunView] = field(default_factory=list)
    slow: bool = False
    """Whether it tells of an edit that it applied only when asked to, by `tell_all`."""
    before_apply: Callable[[], Awaitable[str]] | None = None
    """What happens before an edit is looked at; a text refuses it."""
    session: Session = field(init=False)
    _untold: list[tuple[str, int, list[TextChange]]] = field(default_factory=list)

    def changed(self, uris: frozenset[str], runs: tuple[RunView, ...]) -> None:
        self.shown += runs
        self.news.tell()

    def tell(self, message: Message) -> None:
        self.messages.append(message)
        self.news.tell()

    async def apply(self, changes: tuple[Change, ...]) -> str:
        reason = await self.before_apply() if self.before_apply else ""
        for change in changes:
            if not reason and change.version != self.versions[change.uri]:
                reason = "the document has changed"
            if not reason:
                assert change.before == self.texts[change.uri]
                assert apply(change.before, change.edits) == change.after
                self.edit(change.uri, *change.edits, told=not self.slow)
            (self.refused if reason else self.applied).append(change)
        self.news.tell()
        return reason

    def edit(self, uri: str, *edits: Edit, told: bool = True) -> None:
        """Change a text; the session is told as an editor tells it, from the last change to the first."""
        lines, encoding = Lines.of(self.texts[uri]), self.session.encoding
        changes = [
            TextChange(e.text, lines.place(e.start, encoding), lines.place(e.end, encoding)) for e in reversed(edits)
        ]
        self.texts[uri] = apply(self.texts[uri], edits)
        self.versions[uri] += 1
        self._untold.append((uri, self.versions[uri], changes))
        if told:
            self.tell_all()

    def tell_all(self) -> None:
        untold, self._untold = self._untold, []
        for uri, version, changes in untold:
            self.session.change(uri, version, changes)


@dataclass(eq=False)
class Window:
    """An editor's window: what a user does in it."""

    root: Path
    editor: Editor
    model: GatedModel
    implementer: Implementer
    session: Session
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)
    began: list[str] = field(default_factory=list)
    """Ids of the runs that were at the wishes made here."""

    @property
    def news(self) -> News:
        return self.editor.news

    def open(self, name: str, text: str | None = None, *, saved: bool = True) -> str:
        """Open a file; with a text, one that is new on disk, or in the editor only."""
        path = self.root / name
        if text is not None and saved:
            path.write_bytes(text.encode())
        return self.open_uri(path.as_uri(), path.read_bytes().decode() if text is None else text)

    def open_uri(self, uri: str, text: str) -> str:
        self.editor.texts[uri], self.editor.versions[uri] = text, 1
        self.session.open(uri, "python", 1, text)
        return uri

    def close(self, uri: str) -> None:
        self.session.close(uri)

    def type(self, uri: str, old: str, new: str) -> None:
        """Replace a piece of text that stands there once."""
        text = self.editor.texts[uri]
        assert text.count(old) == 1, (old, text)
        self.rewrite(uri, text.replace(old, new))

    def rewrite(self, uri: str, text: str) -> None:
        self.editor.texts[uri] = text
        self.editor.versions[uri] += 1
        self.session.change(uri, self.editor.versions[uri], [TextChange(text)])

    def save(self, uri: str) -> None:
        path = self.session.snapshot(uri).path
        path.write_bytes(self.editor.texts[uri].encode())
        self.session.save(uri)

    def ask(self, uri: str, *names: str, owner: str | None = None, **wish: Any) -> asyncio.Task[Settled]:
        """Wish for stubs, as a command does that belongs to their file."""
        made = Wish((Part(uri, names=names),), owner=uri if owner is None else owner, **wish)
        return self.start(self.session.implement(made, self._note))

    def _note(self, ident: str) -> None:
        self.began.append(ident)
        self.news.tell()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        self.tasks.append(asyncio.create_task(work))
        return self.tasks[-1]

    async def implement(self, uri: str, *names: str, **wish: Any) -> Settled:
        return await self.ask(uri, *names, **wish)

    async def accept(self, uri: str, *names: str, **options: Any) -> Acceptance:
        return await self.session.accept(uri, names, **options)

    def stub(self, uri: str, name: str, nth: int = 0) -> StubView:
        return [stub for stub in self.session.snapshot(uri).stubs if stub.name == name][nth]

    def state(self, uri: str, name: str) -> str:
        return self.stub(uri, name).state

    def text(self, uri: str) -> str:
        """The text, which editor and session hold alike."""
        assert self.session.snapshot(uri).text == self.editor.texts[uri]
        return self.editor.texts[uri]

    def said(self, grade: str) -> list[str]:
        return [message.text for message in self.editor.messages if message.grade == grade]

    async def until(self, holds: Callable[[], object]) -> None:
        await self.news.until(holds)

    async def settled(self) -> None:
        """Wait until no run is under way."""
        await self.until(lambda: all(run.status != "running" for run in self.session.runs()))

    async def end(self) -> None:
        """Close the window: nothing of it goes on."""
        await self.session.shutdown()
        await self.implementer.close()
        if self.tasks:
            await asyncio.wait(self.tasks)
        assert not self.model.waiting
        assert all(run.status != "running" for run in self.session.runs())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    return folder


@pytest_asyncio.fixture
async def window(root: Path, tmp_path: Path) -> AsyncIterator[Callable[..., Window]]:
    """Opens windows on the project, closed after the test; each is what a new process would see."""
    windows: list[Window] = []
    stores: list[Store] = []

    def open_window(
        flags: dict[str, Any] | None = None,
        *,
        ready: dict[str, str] | None = None,
        implementer: Implementer | None = None,
        open_store: Callable[[], Store] | None = None,
    ) -> Window:
        news = News()
        model = GatedModel(news, ready)
        path = tmp_path / "store.sqlite3"
        if implementer is None:
            stores.append(Store(path))
            implementer = LocalImplementer(stores[-1], find=partial(_found, model))
        editor = Editor(news)
        session = Session(
            implementer, open_store or partial(Store, path), editor, environ={}, flags=FLAGS if flags is None else flags
        )
        editor.session = session
        windows.append(Window(root, editor, model, implementer, session))
        return windows[-1]

    yield open_window
    for one in windows:
        await one.end()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    for store in stores:
        store.close()


async def _found(model: GatedModel, *_: object) -> GatedModel:
    return model


def dedented(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")
