"""`textDocument/codeLens`: above each stub, what can be done and what came of it.

The lenses are made as JSON, not as values of lsprotocol: to write two thousand of those costs the time that a whole
answer may take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol.types import TEXT_DOCUMENT_CODE_LENS, WORKSPACE_CODE_LENS_REFRESH

from soa.lsp import names
from soa.lsp.client import Refresh
from soa.lsp.shown import Shown
from soa.lsp.teams import Teams
from soa.lsp.wording import verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsprotocol.types import CodeLensParams

    from soa.lsp.server import SoaLanguageServer
    from soa.session.lines import Encoding
    from soa.session.views import DocumentView, RunView, StubView

Title = tuple[str, str]
"""What a lens says, and the command behind it."""

BEFORE: tuple[Title, ...] = (("Implement", names.IMPLEMENT), ("Decompose", names.DECOMPOSE))
STALE: tuple[Title, ...] = (("~ contract changed · Implement", names.IMPLEMENT),)


def register(server: SoaLanguageServer) -> None:
    """Answer requests for lenses; each comes with its command, so that none has to be resolved."""
    shown = Shown()
    refresh = Refresh(server, WORKSPACE_CODE_LENS_REFRESH)

    @server.feature(TEXT_DOCUMENT_CODE_LENS)
    def code_lens(params: CodeLensParams) -> list[dict[str, Any]]:
        view = server.session.snapshot(params.text_document.uri)
        if view is None:
            return []
        found = lenses(view, server.traits.encoding)
        shown.note(view.uri, view.version, fingerprint(found))
        return found

    def is_outdated(uri: str) -> bool:
        view = server.session.snapshot(uri)
        if view is None:
            shown.forget(uri)
            return False
        return shown.outdated(uri, view.version, lambda: fingerprint(lenses(view, server.traits.encoding)))

    def on_change(uris: frozenset[str], _: tuple[RunView, ...]) -> None:
        if server.traits.lens_refresh and any(is_outdated(uri) for uri in uris):
            refresh()

    server.on_change(on_change)


def fingerprint(found: list[dict[str, Any]]) -> int:
    """What tells lenses that say something else apart."""
    return hash(tuple(lens["command"]["title"] for lens in found))


def lenses(view: DocumentView, encoding: Encoding) -> list[dict[str, Any]]:
    """The lenses of a document, in its order; none where nothing can be implemented."""
    if view.problem:
        return []
    teams = Teams.of(view)
    return [lens for stub in view.stubs for lens in _at_stub(view, stub, titles(stub, teams), encoding)]


def titles(stub: StubView, teams: Teams) -> tuple[Title, ...]:
    """What the lenses of a stub say, from left to right."""
    if stub.state == "running":
        done, total = teams.count(stub)
        return ((f"{done}/{total} agents · Cancel" if total else "waiting · Cancel", names.CANCEL),)
    if stub.state == "stale":
        return STALE
    if stub.state == "empty" or stub.kept is None:
        return BEFORE
    said = verdict(stub.kept.proposal)
    if stub.state == "failed":
        return (f"{said} · Retry", names.IMPLEMENT), ("Reject", names.REJECT)
    return (f"{said} · Accept", names.ACCEPT), ("Diff", names.SHOW_DIFF), ("Reject", names.REJECT)


def _at_stub(
    view: DocumentView, stub: StubView, said: tuple[Title, ...], encoding: Encoding
) -> Iterator[dict[str, Any]]:
    header = stub.stub.header
    start = view.lines.place(header.start, encoding)
    end = view.lines.place(min(header.end, view.lines.ends[start.line]), encoding)
    where = {
        "start": {"line": start.line, "character": start.column},
        "end": {"line": end.line, "character": end.column},
    }
    arguments = [{"uri": view.uri, "name": stub.name}]
    for title, command in said:
        yield {"range": where, "command": {"title": title, "command": command, "arguments": arguments}}
