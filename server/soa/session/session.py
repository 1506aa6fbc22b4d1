"""The session: open documents, runs and proposals. It alone changes; who shows it reads immutable views."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from soa.engine.implementer import Order
from soa.session.acceptance import rejectable
from soa.session.client import Change, Message
from soa.session.desk import Desk
from soa.session.dispatch import Dispatch
from soa.session.folders import Folders
from soa.session.history import History
from soa.session.inserting import Inserting
from soa.session.memory import Memory
from soa.session.notebooks import Notebooks
from soa.session.recalling import Recalling
from soa.session.runs import Runs
from soa.session.selection import Selecting, request_for
from soa.session.shelf import Shelf
from soa.session.wishes import Acceptance, Part, Settled, Wish

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
    from pathlib import Path

    from soa.engine.implementer import Implementer
    from soa.session.client import Client
    from soa.session.documents import OpenDocument, TextChange
    from soa.session.lines import Encoding
    from soa.session.notebooks import Effect
    from soa.session.runs import Run
    from soa.session.selection import Selected
    from soa.session.views import DocumentView, Kept, Key, RunView, StubView
    from soa.settings import Settings
    from soa.store import Store

log = logging.getLogger(__name__)


class Session:
    """What one editor window holds.

    Parameters
    ----------
    implementer
        Carries out runs; who made it closes it.
    open_store
        Opens the store; called in a thread, at the first need.
    client
        The editor.
    environ, flags
        Where settings come from besides the editor and the workspaces.
    """

    def __init__(
        self,
        implementer: Implementer,
        open_store: Callable[[], Store],
        client: Client,
        *,
        environ: Mapping[str, str],
        flags: Mapping[str, Any],
    ) -> None:
        self.encoding: Encoding = "utf-16"
        """The units in which the editor counts columns."""
        self._client = client
        self._folders = Folders(environ, flags)
        self._desk, self._runs = Desk(), Runs()
        self._shelf = Shelf(self._folders, self._desk, self._runs)
        self.notebooks = Notebooks(self._shelf, self._follow_cells)
        self._selecting = Selecting(self._folders, self._shelf)
        self._memory = Memory(open_store, client.tell)
        self._recalling = Recalling(self._memory, self._desk, self._runs)
        self.history = History(self._memory, self._runs, lambda: self.roots)
        self._inserting = Inserting(self._shelf, self._desk, client)
        self._dispatch = Dispatch(
            implementer,
            self._desk,
            self._runs,
            order=self._order,
            changed=self._run_changed,
            ready=self._ready,
            tell=client.tell,
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self._over = False

    # Folders and settings

    @property
    def folders(self) -> tuple[Path, ...]:
        """The editor's workspace folders."""
        return self._folders.open

    def set_folders(self, folders: Sequence[Path]) -> None:
        """Take the editor's workspace folders."""
        self._folders.set_open(folders)
        self._rehome()

    @property
    def roots(self) -> tuple[Path, ...]:
        """The workspaces of the editor's folders and of open documents."""
        found = [*self._folders.open, *(d.root for d in self._shelf.all() if not d.problem)]
        return tuple(dict.fromkeys(found))

    def root_of(self, path: Path) -> Path:
        """The workspace that a file belongs to."""
        return self._folders.root_of(path)

    def settings_of(self, root: Path) -> Settings:
        """The settings that hold in a workspace."""
        return self._folders.resolve(root).settings

    @property
    def trusted(self) -> bool:
        """Whether anything may run."""
        return self._folders.trusted

    def distrust(self) -> None:
        """Show stubs, and run nothing: the user does not trust the workspace. Said before anything is opened."""
        self._folders.trusted = False
        self._memory.lock()

    def complaints_about(self, root: Path) -> tuple[str, ...]:
        """What is wrong with a workspace's settings, one sentence each."""
        return self._folders.complaints_about(root)

    def configure(self, root: Path | None, options: Mapping[str, Any]) -> None:
        """Take the editor's settings (camelCase) for a workspace; None: for those that have none of their own."""
        self._folders.configure(root, options)
        self._rehome()

    # Documents

    def open(self, uri: str, language: str, version: int | None, text: str) -> None:
        """A document was opened."""
        if language == "python" and (document := self._shelf.open(uri, version, text)) is not None:
            self._show([uri])
            self._spawn(self._recall(document))

    def change(self, uri: str, version: int | None, changes: Sequence[TextChange]) -> None:
        """A document was changed."""
        if (document := self._shelf.get(uri)) is not None:
            document.change(version, tuple(changes), self.encoding)
            self._inserting.note_text(uri, document.text)
            self._show([uri])

    def save(self, uri: str, known: Callable[[], Awaitable[object]] | None = None) -> None:
        """A document or a notebook was saved: what is new in it is implemented, as far as `on_save` says.

        The text as it is now is what was saved, also if it takes time until the settings are `known`.
        """
        documents = self._shelf.parts(uri)
        if documents:
            self._runs.supersede(uri, frozenset().union(*(d.keys for d in documents)))
            new = {document.uri: document.note_save() for document in documents}
            self._spawn(self._after_save(uri, new, known))

    async def _after_save(
        self, uri: str, new: Mapping[str, frozenset[str]], known: Callable[[], Awaitable[object]] | None
    ) -> None:
        if known is not None:
            await known()
        documents = [document for document in self._shelf.parts(uri) if document.uri in new]
        if not documents:
            return
        if self._folders.reread(documents[0].root):
            self._show(document.uri for document in self._shelf.all())
        mode = self.settings_of(documents[0].root).on_save
        parts = tuple(Part(d.uri, names=names) for d in documents if (names := d.names_of(new[d.uri])))
        if mode != "off" and parts:
            self._spawn(self.implement(Wish(parts, by_save=True, owner=uri)))
        if mode == "apply":
            for document in documents:
                self._spawn(self._inserting.insert_verified(document.uri))

    def close(self, uri: str) -> None:
        """A document was closed: what only it wanted is cancelled."""
        if self._shelf.remove(uri) is not None:
            self._runs.withdraw(uri)
            self._inserting.forget(uri)
            self._show([uri])

    def _follow_cells(self, effect: Effect) -> None:
        for uri in filter(None, (*effect.gone, effect.closed)):
            self._runs.withdraw(uri)
            self._inserting.forget(uri)
        for uri in effect.typed:
            if (document := self._shelf.get(uri)) is not None:
                self._inserting.note_text(uri, document.text)
        for document in effect.added:
            self._spawn(self._recall(document))
        self._show((*effect.gone, *effect.typed, *(document.uri for document in effect.added)))

    def snapshot(self, uri: str) -> DocumentView | None:
        """A document as it is now; None if it is not open, or cannot hold stubs."""
        return self._shelf.view(uri)

    def cells(self, notebook: str) -> tuple[DocumentView, ...]:
        """The Python cells of an open notebook, in order; none if it is not open."""
        found = self._shelf.notebooks.get(notebook)
        views = (self._shelf.view(document.uri) for document in found.documents) if found is not None else ()
        return tuple(view for view in views if view is not None)

    def documents(self) -> tuple[str, ...]:
        """URIs of the open documents."""
        return tuple(d.uri for d in self._shelf.all())

    # Runs

    async def implement(self, wish: Wish, began: Callable[[str], None] = lambda ident: None) -> Settled:
        """Have stubs implemented, until all are settled; `began` hears each run's id. Cancelling withdraws the wish."""
        owner = self._shelf.get(wish.owner)
        selected, problems = await self._selecting.select(wish.parts)
        if not wish.again:
            for one in selected:
                self._show(self._shelf.holding(await self._recalling.for_wish(one)))

        def wanted() -> Sequence[Selected]:
            withdrawn = self._over or self._shelf.get(wish.owner) is not owner
            return () if withdrawn else [self._selecting.as_it_is(one) for one in selected]

        runs = await self._dispatch.settle(wanted, wish, began)
        problems += [run.problem for run in runs if run.problem]
        kept = [self._desk.get(key) for one in selected for key in one.stubs]
        ident = runs[0].ident if runs else ""
        return Settled(ident, tuple(k for k in kept if k is not None), " ".join(dict.fromkeys(problems)))

    def runs(self) -> tuple[RunView, ...]:
        """Runs under way, then those that ended, the newest first."""
        return self._runs.views()

    def cancel(self, ident: str) -> bool:
        """End a run, whoever wants it; whether there was one."""
        return self._runs.cancel(ident)

    def stop(self, ident: str, agent: str) -> int:
        """End one agent of a run and all below it, as `Implementer.stop` says; how many were at work."""
        return self._dispatch.stop(ident, agent)

    def cancel_all(self) -> int:
        """End all runs; how many there were."""
        return sum(self.cancel(run.ident) for run in self._runs.active)

    # Proposals

    def kept(self, key: Key) -> Kept | None:
        """The proposal at hand for a contract."""
        return self._desk.get(key)

    async def change_for(self, uri: str, names: Collection[str] = (), *, verified_only: bool = False) -> Change | str:
        """The edit that puts ready proposals into a document or file; a text says why there is none.

        No names: all that are ready. Nothing is applied, and no model is asked.
        """
        return await self._inserting.change_for(uri, names, verified_only=verified_only)

    async def accept(self, uri: str, names: Collection[str] = (), *, verified_only: bool = False) -> Acceptance:
        """Put ready proposals into a document or file; if the editor refuses, they stay ready."""
        return await self._inserting.accept(uri, names, verified_only=verified_only)

    async def accept_beside(self, uri: str, name: str) -> Acceptance:
        """Add a proposal's helpers and imports where the editor has inserted its body by itself."""
        return await self._inserting.accept_beside(uri, name)

    def reject(self, uri: str, names: Collection[str] = ()) -> int:
        """Drop proposals for good, stale ones too; how many there were."""
        view = self._shelf.view(uri)
        return self._drop(view.stubs, names) if view is not None else 0

    async def reject_in_file(self, uri: str, names: Collection[str] = ()) -> int:
        """The same for a file that is not open."""
        return self._drop(await self._inserting.stubs_of_file(uri), names)

    def _drop(self, stubs: Sequence[StubView], names: Collection[str]) -> int:
        keys = rejectable(stubs, names)
        for key in keys:
            self._desk.reject(key)
            self._memory.reject(key)
        self._show(self._shelf.holding(keys))
        return len(keys)

    async def shutdown(self) -> None:
        """End all runs and wait until they have ended; no other begins."""
        self._over = True
        await self._dispatch.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._memory.close()

    # What happens by itself

    def _rehome(self) -> None:
        for document in self._shelf.rehome():
            self._spawn(self._recall(document))
        self._show(d.uri for d in self._shelf.all())

    def _order(self, root: Path, wanted: Sequence[Selected], wish: Wish, ident: str) -> Order:
        settings = self.settings_of(root)
        return Order(root, settings, request_for(wanted, wish, self._shelf.unsaved(root), ident, self._desk.get))

    async def _recall(self, document: OpenDocument) -> None:
        """Bring back what was proposed for a document's contracts."""
        self._show(self._shelf.holding(await self._recalling.for_document(document)))

    def _ready(self, key: Key, by_save: bool) -> None:
        if by_save and self.settings_of(key.root).on_save == "apply":
            for uri in self._shelf.holding([key]):
                self._spawn(self._inserting.insert_verified(uri))

    def _run_changed(self, run: Run) -> None:
        uris = self._shelf.holding(run.stubs)
        self._shelf.touch(uris)
        self._client.changed(uris, (run.view(),))

    def _show(self, uris: Iterable[str]) -> None:
        changed = frozenset(uris)
        self._shelf.touch(changed)
        if changed:
            self._client.changed(changed, ())

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start work that ends with the session."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._note_end)

    def _note_end(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background work failed", exc_info=error)
            self._client.tell(Message("error", f"SoA itself failed: {error}. The log has the details."))
