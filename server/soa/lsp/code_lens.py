"""`textDocument/codeLens`: above each stub, what can be done and what came of it.

The lenses are written as JSON at once: to make two thousand values of lsprotocol, or only as many dictionaries, costs
the time that a whole answer may take.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lsprotocol.types import TEXT_DOCUMENT_CODE_LENS, WORKSPACE_CODE_LENS_REFRESH

from soa.lsp import names
from soa.lsp.client import Refresh
from soa.lsp.messages import Json
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
"""What a lens says, and the command behind it; without one it is plain text."""

BEFORE: tuple[Title, ...] = (("Implement", names.IMPLEMENT), ("Decompose", names.DECOMPOSE))
UNTRUSTED: tuple[Title, ...] = (("stub · workspace not trusted", ""),)
STALE: tuple[Title, ...] = (("~ contract changed · Implement", names.IMPLEMENT),)
PLACE = '"range":{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}}'
LENS = f'{{{PLACE},"command":{{"title":%s,"command":%s,"arguments":[{{"uri":%s,"name":%s}}]}}}}'
PLAIN = f'{{{PLACE},"command":{{"title":%s,"command":""}}}}'
"""Without a command it would count as a lens that is still to be resolved."""
quoted = json.JSONEncoder().encode


def register(server: SoaLanguageServer) -> None:
    """Answer requests for lenses; each comes with its command, so that none has to be resolved."""
    shown = Shown()
    refresh = Refresh(server, WORKSPACE_CODE_LENS_REFRESH)

    @server.feature(TEXT_DOCUMENT_CODE_LENS)
    def code_lens(params: CodeLensParams) -> Json:
        view = server.session.snapshot(params.text_document.uri)
        if view is None:
            return Json("[]")
        shown.note(view.uri, view.version, fingerprint(view))
        return Json(lenses(view, server.traits.encoding))

    def is_outdated(uri: str) -> bool:
        view = server.session.snapshot(uri)
        if view is None:
            shown.forget(uri)
            return False
        return shown.outdated(uri, view.version, lambda: fingerprint(view))

    def on_change(uris: frozenset[str], _: tuple[RunView, ...]) -> None:
        if server.traits.lens_refresh and any(is_outdated(uri) for uri in uris):
            refresh()

    server.on_change(on_change)


def fingerprint(view: DocumentView) -> int:
    """What tells lenses that say something else apart."""
    return hash(tuple(said for _, said in _all(view)))


def lenses(view: DocumentView, encoding: Encoding) -> str:
    """The lenses of a document as JSON, in its order; where nothing can be implemented, those that cancel."""
    uri = quoted(view.uri)
    return f"[{','.join(lens for stub, said in _all(view) for lens in _at_stub(view, stub, said, uri, encoding))}]"


def _all(view: DocumentView) -> list[tuple[StubView, tuple[Title, ...]]]:
    """What is said at each stub."""
    if not view.trusted:
        return [(stub, UNTRUSTED) for stub in view.stubs]
    teams = Teams.of(view)
    return [(stub, titles(stub, teams)) for stub in view.stubs if stub.state == "running" or not view.problem]


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
    view: DocumentView, stub: StubView, said: tuple[Title, ...], uri: str, encoding: Encoding
) -> Iterator[str]:
    header, name = stub.stub.header, quoted(stub.name)
    start = view.lines.place(header.start, encoding)
    end = view.lines.place(min(header.end, view.lines.ends[start.line]), encoding)
    place = (start.line, start.column, end.line, end.column)
    for title, command in said:
        yield LENS % (*place, quoted(title), quoted(command), uri, name) if command else PLAIN % (*place, quoted(title))
