"""`soa.implementWorkspace`: the stubs of whole folders, one run for each workspace in them."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from pygls.exceptions import JsonRpcInvalidParams

from soa.contracts import Address
from soa.errors import FileProblem
from soa.lsp import wire
from soa.lsp.custom import RunAnswer
from soa.lsp.implementing import answer, settle, settled_stub
from soa.session.uris import path_of, uri_of
from soa.session.wishes import Part, Wish
from soa.source.disk import read_source
from soa.source.files import python_files
from soa.source.stubs import find_stubs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from soa.lsp.arguments import WorkspaceArguments
    from soa.lsp.commands import Call
    from soa.lsp.implementing import Answer
    from soa.session.session import Session


async def implement_workspace(call: Call[WorkspaceArguments]) -> Answer:
    """Implement all stubs of some or all folders, in files that are open and in those that are not."""
    folders = _folders(call.server.session, call.command, call.arguments.folders)
    return await answer(call, _implement(call, folders))


async def _implement(call: Call[WorkspaceArguments], folders: Sequence[Path]) -> RunAnswer:
    if not call.server.session.trusted:
        return RunAnswer("", (), (await settle(call, Wish(()), lambda _: None)).problem)
    parts = await _parts(call.server.session, folders)
    if not parts:
        call.tell(f"There is no stub in {', '.join(str(f) for f in folders) or 'this window, no folder is open'}.")
    with call.bars.given(call.token) as shown:
        async with asyncio.TaskGroup() as group:
            works = [group.create_task(_one(call, root, tuple(found), shown)) for root, found in parts.items()]
    answers = [work.result() for work in works]
    run = next((a.run for a in answers if a.run), "")
    problem = " ".join(dict.fromkeys(a.problem for a in answers if a.problem))
    return RunAnswer(run, tuple(stub for a in answers for stub in a.stubs), problem)


async def _one(
    call: Call[WorkspaceArguments], root: Path, parts: tuple[Part, ...], shown: Callable[[str], None]
) -> RunAnswer:
    await call.server.configuration.ensure(root)
    opened = _opened_stubs(call.server.session, root)
    settled = await settle(call, Wish(parts), shown)
    stubs = []
    for kept in settled.proposals:
        address = kept.proposal.address
        stubs.append(settled_stub(opened.get(address) or uri_of(root / address.path), kept))
    return RunAnswer(settled.run, tuple(stubs), settled.problem)


def _opened_stubs(session: Session, root: Path) -> dict[Address, str]:
    """In which open document of a workspace each of its stubs stands: a file, or a cell of a notebook."""
    views = [view for uri in session.documents() if (view := session.snapshot(uri)) is not None and view.root == root]
    return {Address(view.relative, stub.name): view.uri for view in views for stub in view.stubs}


def _folders(session: Session, command: str, uris: Sequence[str]) -> tuple[Path, ...]:
    """The folders that are meant.

    Raises
    ------
    JsonRpcInvalidParams
        One is not among, or within, those that are open in the editor.
    """
    if not uris:
        return session.roots
    found = []
    for uri in uris:
        path = path_of(uri)
        if path is None or not any(path.is_relative_to(root) for root in session.roots):
            known = ", ".join(uri_of(root) for root in session.roots) or "none"
            raise JsonRpcInvalidParams(
                f"{command}: {wire.shown(uri)} is no folder that is open here; open are: {known}."
            )
        found.append(path)
    return tuple(found)


async def _parts(session: Session, folders: Sequence[Path]) -> dict[Path, list[Part]]:
    """What holds stubs in these folders, by workspace: open documents as they are in the editor, files from disk."""
    parts: dict[Path, list[Part]] = {}
    opened = [(uri, path) for uri, path in _open_documents(session) if any(path.is_relative_to(f) for f in folders)]
    for uri, _ in opened:
        view = session.snapshot(uri)
        if view is not None and view.stubs and not view.problem:
            parts.setdefault(view.root, []).append(Part(uri))
    seen = {path for _, path in opened}
    given_up = threading.Event()
    try:
        found = await asyncio.to_thread(lambda: list(_with_stubs(folders, seen, given_up)))
    finally:
        given_up.set()
    for path in found:
        parts.setdefault(session.root_of(path), []).append(Part(path=path))
    return parts


def _open_documents(session: Session) -> Iterator[tuple[str, Path]]:
    for uri in session.documents():
        view = session.snapshot(uri)
        if view is not None:
            yield uri, view.path


def _with_stubs(folders: Sequence[Path], seen: set[Path], given_up: threading.Event) -> Iterator[Path]:
    """The files on disk that hold stubs; what cannot be read holds none that anybody could see."""
    done = set(seen)
    for path in (Path(entry.path) for folder in folders for entry in python_files(folder)):
        if given_up.is_set():
            return
        if path not in done and _has_stubs(path):
            yield path
        done.add(path)


def _has_stubs(path: Path) -> bool:
    try:
        return bool(find_stubs(read_source(path).text))
    except FileProblem:
        return False
