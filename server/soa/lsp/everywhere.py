"""`soa.implementWorkspace`: the stubs of whole folders, one run for each workspace in them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from pygls.exceptions import JsonRpcInvalidParams

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
    settled = await settle(call, Wish(parts), shown)
    opened = {path: uri for uri, path in _open_documents(call.server.session)}
    stubs = []
    for kept in settled.proposals:
        path = root / kept.proposal.address.path
        stubs.append(settled_stub(opened.get(path) or uri_of(path), kept))
    return RunAnswer(settled.run, tuple(stubs), settled.problem)


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
    for path in await asyncio.to_thread(lambda: list(_with_stubs(folders, seen))):
        parts.setdefault(session.root_of(path), []).append(Part(path=path))
    return parts


def _open_documents(session: Session) -> Iterator[tuple[str, Path]]:
    for uri in session.documents():
        view = session.snapshot(uri)
        if view is not None:
            yield uri, view.path


def _with_stubs(folders: Sequence[Path], seen: set[Path]) -> Iterator[Path]:
    """The files on disk that hold stubs; what cannot be read holds none that anybody could see."""
    for entry in dict.fromkeys(e.path for folder in folders for e in python_files(folder)):
        path = Path(entry)
        if path not in seen and _has_stubs(path):
            yield path


def _has_stubs(path: Path) -> bool:
    try:
        return bool(find_stubs(read_source(path).text))
    except FileProblem:
        return False
