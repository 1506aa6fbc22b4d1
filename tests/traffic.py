"""Whether a conversation between an editor and the server keeps to the protocol: each message, and their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field
from lsprotocol import types

from metamodel import Invalid, check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NEEDS = {
    types.CLIENT_REGISTER_CAPABILITY: "",
    types.WINDOW_SHOW_DOCUMENT: "window.showDocument.support",
    types.WINDOW_WORK_DONE_PROGRESS_CREATE: "window.workDoneProgress",
    types.WORKSPACE_APPLY_EDIT: "workspace.applyEdit",
    types.WORKSPACE_CODE_LENS_REFRESH: "workspace.codeLens.refreshSupport",
    types.WORKSPACE_CONFIGURATION: "workspace.configuration",
    types.WORKSPACE_DIAGNOSTIC_REFRESH: "workspace.diagnostics.refreshSupport",
    types.WORKSPACE_TEXT_DOCUMENT_CONTENT_REFRESH: "workspace.textDocumentContent",
    types.WORKSPACE_INLAY_HINT_REFRESH: "workspace.inlayHint.refreshSupport",
    types.WORKSPACE_WORKSPACE_FOLDERS: "workspace.workspaceFolders",
}
"""What a client has to say before the server may ask it for something."""
BEFORE_INITIALIZED = {
    types.WINDOW_SHOW_MESSAGE,
    types.WINDOW_LOG_MESSAGE,
    types.TELEMETRY_EVENT,
    types.WINDOW_SHOW_MESSAGE_REQUEST,
}


@define
class Traffic:
    """A conversation from its beginning; each message is checked as it is told."""

    asked: dict[bool, dict[Any, str]] = field(factory=lambda: {True: {}, False: {}})
    """Methods of all requests, by who sent them (whether the server) and their ids."""
    pending: dict[bool, set[Any]] = field(factory=lambda: {True: set(), False: set()})
    """Ids of the requests without an answer, by who sent them."""
    capabilities: Mapping[str, Any] = field(factory=dict)
    """Of the client."""
    initialized: bool = False
    """Whether `initialize` has been answered."""
    tokens: dict[Any, str] = field(factory=dict)
    """Progress by its token: `asked` for by the server, `granted` by the client, then `begin`, `report` or `end`."""
    _token_requests: dict[Any, Any] = field(factory=dict)

    def server_sent(self, message: Mapping[str, Any]) -> None:
        """Check a message of the server.

        Raises
        ------
        AssertionError
            It is not valid, or not at this time, or not for this client.
        """
        check(message, from_server=True, requests=self.asked[False])
        if "method" not in message:
            self._answer(message, from_server=True)
            return
        self._may_be_sent(message["method"])
        if "id" in message:
            self._ask(message, from_server=True)
        if message["method"] == types.PROGRESS:
            self._progress(message["params"])
        if message["method"] == types.WORKSPACE_APPLY_EDIT:
            check_annotations(message["params"]["edit"])

    def client_sent(self, message: Mapping[str, Any]) -> None:
        """Take note of a message of the client, whatever it is worth."""
        if "method" not in message:
            self._answer(message, from_server=False)
            return
        if message["method"] == types.INITIALIZE:
            self.capabilities = message["params"]["capabilities"]
        if "id" in message:
            self._ask(message, from_server=False)
            params = message.get("params")
            if isinstance(params, dict) and "workDoneToken" in params:
                self.tokens[params["workDoneToken"]] = "granted"

    def _ask(self, message: Mapping[str, Any], *, from_server: bool) -> None:
        ident, method = message["id"], message["method"]
        _demand(ident not in self.pending[from_server], f"{method}: the id {ident!r} is in use")
        self.asked[from_server][ident] = method
        self.pending[from_server].add(ident)
        if method == types.WINDOW_WORK_DONE_PROGRESS_CREATE:
            token = message["params"]["token"]
            _demand(token not in self.tokens, f"{method}: the token {token!r} has been used before")
            self.tokens[token] = "asked"
            self._token_requests[ident] = token

    def _answer(self, message: Mapping[str, Any], *, from_server: bool) -> None:
        ident = message["id"]
        if ident is None:
            return
        _demand(not from_server or ident in self.pending[False], f"response {ident!r}: nothing waits for it")
        self.pending[not from_server].discard(ident)
        if from_server and self.asked[False].get(ident) == types.INITIALIZE:
            self.initialized = True
        if not from_server and ident in self._token_requests and "error" not in message:
            self.tokens[self._token_requests[ident]] = "granted"

    def _may_be_sent(self, method: str) -> None:
        _demand(self.initialized or method in BEFORE_INITIALIZED, f"{method}: sent before the answer to initialize")
        needed = NEEDS.get(method, "")
        _demand(not needed or _has(self.capabilities, needed), f"{method}: the client has no {needed}")

    def _progress(self, params: Mapping[str, Any]) -> None:
        token, kind = params["token"], params["value"]["kind"]
        before = self.tokens.get(token)
        allowed = {"granted"} if kind == "begin" else {"begin", "report"}
        _demand(before in allowed, f"$/progress: {kind} of {token!r}, which is {before}")
        self.tokens[token] = kind

    def unanswered(self) -> dict[Any, str]:
        """The client's requests that the server has not answered."""
        return {ident: self.asked[False][ident] for ident in self.pending[False]}

    def unfinished(self) -> set[Any]:
        """Tokens of the progress that began and did not end."""
        return {token for token, state in self.tokens.items() if state in ("begin", "report")}


def check_traffic(messages: Iterable[tuple[bool, Mapping[str, Any]]]) -> Traffic:
    """Check a whole conversation: pairs of 'from the server?' and message, in order.

    Raises
    ------
    AssertionError
        A message of the server is not valid.
    """
    traffic = Traffic()
    for from_server, message in messages:
        (traffic.server_sent if from_server else traffic.client_sent)(message)
    return traffic


def check_annotations(edit: Mapping[str, Any]) -> None:
    """Check that the annotations that edits name are there.

    Raises
    ------
    AssertionError
        One is missing.
    """
    known = (edit.get("changeAnnotations") or {}).keys()
    edits = [e for change in edit.get("documentChanges") or () for e in change.get("edits", (change,))]
    missing = {e["annotationId"] for e in edits if "annotationId" in e} - known
    _demand(not missing, f"change annotations that are named, but not there: {', '.join(sorted(missing))}")


def _has(capabilities: Mapping[str, Any], path: str) -> bool:
    found: Any = capabilities
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return bool(found)


def _demand(fits: bool, problem: str) -> None:
    if not fits:
        raise Invalid("traffic", problem)
