"""Diagnostics: a hint on each stub, a warning where a run failed or a contract changed; pushed or pulled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen
from lsprotocol import types

from soa.lsp import names
from soa.lsp.client import Refresh
from soa.lsp.positions import name_span
from soa.lsp.shown import Shown
from soa.lsp.wording import one_line, verdict
from soa.session.lines import Place
from soa.wording import with_where

if TYPE_CHECKING:
    from soa.lsp.server import SoaLanguageServer
    from soa.session.lines import Encoding
    from soa.session.views import DocumentView, RunView, StubView

HINT, WARNING = types.DiagnosticSeverity.Hint, types.DiagnosticSeverity.Warning
LONGEST = 300
"""Characters of a message."""


@frozen
class Finding:
    """What there is to say of a place."""

    start: Place
    end: Place
    severity: types.DiagnosticSeverity
    code: str
    message: str
    name: str = ""
    """Of the stub."""


def register(server: SoaLanguageServer) -> None:
    """Answer requests for diagnostics; send them to clients that do not ask."""
    given = _Given(server)
    server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC)(given.pull)
    server.on_change(given.on_change)


class _Given:
    """Gives a client its diagnostics, and knows what it has."""

    def __init__(self, server: SoaLanguageServer) -> None:
        self._server = server
        self._shown = Shown()
        self._refresh = Refresh(server, types.WORKSPACE_DIAGNOSTIC_REFRESH)

    def pull(self, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        """Answer a client that asks."""
        view = self._server.session.snapshot(params.text_document.uri)
        if view is None:
            return types.RelatedFullDocumentDiagnosticReport([])
        found = findings(view, self._server.traits.encoding)
        self._shown.note(view.uri, view.version, fingerprint(found))
        return report(found, params.previous_result_id)

    def on_change(self, uris: frozenset[str], _: tuple[RunView, ...]) -> None:
        """Send what changed, or have it asked for."""
        traits = self._server.traits
        if not traits.pull_diagnostics:
            for uri in uris:
                self._push(uri)
        elif traits.diagnostic_refresh and any(self._is_outdated(uri) for uri in uris):
            self._refresh()

    def _is_outdated(self, uri: str) -> bool:
        view = self._server.session.snapshot(uri)
        if view is None:
            self._shown.forget(uri)
            return False
        encoding = self._server.traits.encoding
        return self._shown.outdated(uri, view.version, lambda: fingerprint(findings(view, encoding)))

    def _push(self, uri: str) -> None:
        view = self._server.session.snapshot(uri)
        if view is None:
            if self._shown.forget(uri):
                self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
            return
        found = findings(view, self._server.traits.encoding)
        if self._shown.differs(uri, fingerprint(found), nothing=fingerprint(())):
            self._shown.note(uri, view.version, fingerprint(found))
            params = types.PublishDiagnosticsParams(uri, diagnostics(found), view.version)
            self._server.text_document_publish_diagnostics(params)


def findings(view: DocumentView, encoding: Encoding) -> tuple[Finding, ...]:
    """What there is to say of a document, in its order."""
    if view.problem and view.trusted:
        return _problem(view, encoding)
    return tuple(_at_stub(view, stub, encoding) for stub in view.stubs)


def _problem(view: DocumentView, encoding: Encoding) -> tuple[Finding, ...]:
    """One warning at the top, if there is something that cannot be implemented."""
    if not view.stubs:
        return ()
    end = view.lines.place(view.lines.ends[0], encoding)
    return (Finding(Place(0, 0), end, WARNING, "settings", one_line(view.problem, LONGEST)),)


def _at_stub(view: DocumentView, stub: StubView, encoding: Encoding) -> Finding:
    span = name_span(view, stub.stub)
    start, end = view.lines.place(span.start, encoding), view.lines.place(span.end, encoding)
    severity, code, message = _said(stub)
    return Finding(start, end, severity, code, one_line(message, LONGEST), stub.name)


def _said(stub: StubView) -> tuple[types.DiagnosticSeverity, str, str]:
    proposal = stub.kept.proposal if stub.kept is not None else None
    if stub.state == "running":
        return HINT, "running", f"{stub.name} has no body yet: it is being written"
    if stub.state == "ready" and proposal is not None:
        return HINT, "ready", f"{stub.name} has no body yet, but a proposal: {verdict(proposal)}"
    if stub.state == "failed" and proposal is not None:
        failed = with_where(f"{stub.name} could not be implemented", proposal.evidence.sandbox)
        return WARNING, "failed", f"{failed}: {proposal.reason}"
    if stub.state == "stale":
        return WARNING, "stale", f"The contract of {stub.name} has changed since its proposal was made"
    return HINT, "stub", f"{stub.name} has no body yet: implement it with SoA"


def fingerprint(found: tuple[Finding, ...]) -> int:
    """What tells findings apart."""
    return hash(found)


def report(found: tuple[Finding, ...], known: str | None) -> types.DocumentDiagnosticReport:
    """The answer to a client that has the findings `known`."""
    ident = f"{fingerprint(found):x}"
    if ident == known:
        return types.RelatedUnchangedDocumentDiagnosticReport(ident)
    return types.RelatedFullDocumentDiagnosticReport(diagnostics(found), result_id=ident)


def diagnostics(found: tuple[Finding, ...]) -> list[types.Diagnostic]:
    """Findings as the protocol has them; `data` is what quick fixes need to know."""
    return [
        types.Diagnostic(
            types.Range(_position(one.start), _position(one.end)),
            one.message,
            severity=one.severity,
            code=one.code,
            source=names.SOURCE,
            data={"name": one.name} if one.name else None,
        )
        for one in found
    ]


def _position(place: Place) -> types.Position:
    return types.Position(place.line, place.column)
