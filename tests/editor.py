"""An editor for tests: real frames over a socket, with a server object in the same process at the other end.

    async with opened(project, replies=REPLIES) as editor:
        uri = editor.open(project / "ledger.py")
        lenses = await editor.request("textDocument/codeLens", {"textDocument": {"uri": uri}})

It keeps copies of documents as editors do, applies the edits that the server asks for, answers what an editor is asked
for, and checks all that the server sends against the specification.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import textwrap
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soa.engine.local import LocalImplementer
from soa.lsp.serve import serve_connection
from soa.lsp.server import SoaLanguageServer
from soa.lsp.transport import StreamConnection
from soa.model.recorded import RecordedModel, parse_records
from soa.session.session import Session
from soa.store import Store
from traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from soa.model import Model

DEADLINE = 30.0
"""Seconds after which a test that waits has failed."""
LINE_END = re.compile("\r\n|\r|\n")
CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
WIDTHS = {"utf-8": 1, "utf-16": 2, "utf-32": 4}

CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    "workspace": {
        "applyEdit": True,
        "configuration": True,
        "workspaceFolders": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {}},
        "codeLens": {"refreshSupport": True},
        "diagnostics": {"refreshSupport": True},
        "textDocumentContent": {"dynamicRegistration": True},
    },
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}},
            "disabledSupport": True,
            "dataSupport": True,
            "isPreferredSupport": True,
            "honorsChangeAnnotations": True,
            "resolveSupport": {"properties": ["edit"]},
            "tagSupport": {"valueSet": [1]},
        },
        "codeLens": {},
        "diagnostic": {},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "inlineCompletion": {},
        "publishDiagnostics": {},
        "synchronization": {"didSave": True},
    },
    "notebookDocument": {"synchronization": {}},
}
"""Of an editor that can do everything."""
PLAIN: dict[str, Any] = {"textDocument": {"synchronization": {"didSave": True}}, "workspace": {"applyEdit": True}}
"""Of an editor that can do little."""


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(error["message"])
        self.code: int = error["code"]
        self.message: str = error["message"]
        self.data: Any = error.get("data")


@dataclass
class Document:
    """A document as the editor holds it."""

    uri: str
    version: int
    text: str
    notebook: str = ""
    """URI of the notebook, for a cell."""


@dataclass
class Editor:
    """One editor window. What it shows its user is in `received`."""

    server: SoaLanguageServer
    capabilities: Mapping[str, Any] = field(default_factory=lambda: CAPABILITIES)
    settings: dict[str | None, Any] = field(default_factory=lambda: {None: {"generateTests": "never"}})
    """What `workspace/configuration` gives, by scope URI; None: for all others."""
    documents: dict[str, Document] = field(default_factory=dict)
    answers: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    """How requests of the server are answered, by method; an answer may be awaitable, or raise `Refused`."""
    received: list[dict[str, Any]] = field(default_factory=list)
    """All messages of the server, in order."""
    sent: list[Any] = field(default_factory=list)
    traffic: Traffic = field(default_factory=Traffic)
    strict: bool = True
    """Whether the server's messages are checked; nonsense that is sent gets answers that cannot be."""
    exit_code: int | None = None
    result: Any = None
    """Of `initialize`."""
    root: Path = field(default_factory=Path)
    store: Path = field(default_factory=Path)

    def __post_init__(self) -> None:
        self._count = 0
        self._pending: dict[Any, asyncio.Future[Any]] = {}
        self._news = asyncio.Event()
        self._wrong: list[BaseException] = []
        self._answering: set[asyncio.Task[None]] = set()
        self._writer: asyncio.StreamWriter
        self._serving: asyncio.Task[int]
        for method, answer in (
            ("workspace/applyEdit", self._apply),
            ("workspace/configuration", self._configure),
            ("window/showDocument", lambda _: {"success": True}),
        ):
            self.answers.setdefault(method, answer)

    # -- messages

    def send_raw(self, body: bytes) -> None:
        """Send a body as it is."""
        self._writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a message, valid or not."""
        self.sent.append(message)
        self.traffic.client_sent(message)
        self.send_raw(json.dumps(message).encode())

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, **({} if params is None else {"params": params})})

    def ask(self, method: str, params: Any = None) -> tuple[int, asyncio.Future[Any]]:
        """Send a request; its id and what will be its answer, or `Refused`."""
        self._count += 1
        future = self._pending[self._count] = asyncio.get_running_loop().create_future()
        message = {"jsonrpc": "2.0", "id": self._count, "method": method}
        self.send(message if params is None else {**message, "params": params})
        return self._count, future

    async def request(self, method: str, params: Any = None) -> Any:
        """Send a request and wait for its answer."""
        async with asyncio.timeout(DEADLINE):
            return await self.ask(method, params)[1]

    async def execute(self, command: str, *arguments: Any) -> Any:
        """Run a command of the server."""
        return await self.request("workspace/executeCommand", {"command": command, "arguments": list(arguments)})

    def cancel(self, ident: int) -> None:
        """Withdraw a request."""
        self.notify("$/cancelRequest", {"id": ident})

    def seen(self, method: str, matches: Callable[[Any], bool] = lambda _: True, *, after: int = 0) -> list[Any]:
        """Parameters of the messages of this method that have come, from the message `after` on."""
        found = (m.get("params") for m in self.received[after:] if m.get("method") == method)
        return [params for params in found if matches(params)]

    async def wait_for(self, method: str, matches: Callable[[Any], bool] = lambda _: True, *, after: int = 0) -> Any:
        """Parameters of the first such message, which may have come already."""
        await self.until(lambda: bool(self.seen(method, matches, after=after)))
        return self.seen(method, matches, after=after)[0]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; it is looked at again after each message."""
        async with asyncio.timeout(DEADLINE):
            while not holds():
                self._news.clear()
                await self._news.wait()

    @property
    def shown(self) -> list[str]:
        """What the user was told, in order."""
        return [params["message"] for params in self.seen("window/showMessage")]

    # -- life

    async def start(self, folders: Sequence[Path] = (), options: Any = None, **more: Any) -> Any:
        """Initialize the server; what it answers."""
        named = [{"uri": folder.as_uri(), "name": folder.name} for folder in folders]
        params = {"processId": None, "rootUri": None, "capabilities": self.capabilities, "workspaceFolders": named}
        self.result = await self.request(
            "initialize", {**params, **({} if options is None else {"initializationOptions": options}), **more}
        )
        self.notify("initialized", {})
        return self.result

    async def leave(self) -> None:
        """Shut the server down and say good-bye."""
        await self.request("shutdown")
        self.notify("exit")

    def hang_up(self) -> None:
        """Close the connection without a word."""
        self._writer.close()

    async def ended(self) -> None:
        """Wait until the server is done with this connection."""
        async with asyncio.timeout(DEADLINE):
            self.exit_code = await asyncio.shield(self._serving)

    # -- documents

    def open(self, where: Path | str, text: str | None = None, language: str = "python") -> str:
        """Open a document, by its path or its URI; its URI."""
        uri = where if isinstance(where, str) else where.as_uri()
        held = text if text is not None else Path(where).read_bytes().decode()
        self.documents[uri] = Document(uri, 1, held)
        item = {"uri": uri, "languageId": language, "version": 1, "text": held}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def text(self, uri: str) -> str:
        """A document's text as the editor holds it."""
        return self.documents[uri].text

    def replace(self, uri: str, start: int, end: int, new: str) -> None:
        """Type: replace a range of characters."""
        document = self.documents[uri]
        where = {"start": self.position(document.text, start), "end": self.position(document.text, end)}
        document.text = document.text[:start] + new + document.text[end:]
        self._tell_change(document, [{"range": where, "text": new}])

    def rewrite(self, uri: str, text: str) -> None:
        """Replace all of a document."""
        self.documents[uri].text = text
        self._tell_change(self.documents[uri], [{"text": text}])

    def save(self, uri: str) -> None:
        """Write a document to disk and say so."""
        if uri.startswith("file:"):
            self.path(uri).write_bytes(self.text(uri).encode())
        self.notify("textDocument/didSave", {"textDocument": {"uri": uri}})

    def close(self, uri: str) -> None:
        """Close a document."""
        del self.documents[uri]
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    @staticmethod
    def path(uri: str) -> Path:
        """The path of a file's URI."""
        from urllib.parse import unquote, urlsplit

        return Path(unquote(urlsplit(uri).path))

    # -- positions, in the encoding that was agreed on

    @property
    def encoding(self) -> str:
        """The units of columns."""
        return self.result["capabilities"].get("positionEncoding", "utf-16")

    def position(self, text: str, offset: int) -> dict[str, int]:
        """Where an offset is."""
        before = text[:offset]
        starts = [0, *(m.end() for m in LINE_END.finditer(text) if m.end() <= offset)]
        column = before[starts[-1] :].encode(CODECS[self.encoding], "surrogatepass")
        return {"line": len(starts) - 1, "character": len(column) // WIDTHS[self.encoding]}

    def offset(self, text: str, position: Mapping[str, int]) -> int:
        """The offset of a position."""
        starts = [0, *(m.end() for m in LINE_END.finditer(text))]
        start = starts[position["line"]]
        line = text[start:].encode(CODECS[self.encoding], "surrogatepass")
        units = line[: position["character"] * WIDTHS[self.encoding]]
        return start + len(units.decode(CODECS[self.encoding], "surrogatepass"))

    def place(self, uri: str, needle: str) -> dict[str, Any]:
        """Document and position of the first occurrence of a text."""
        text = self.text(uri)
        return {"textDocument": {"uri": uri}, "position": self.position(text, text.index(needle))}

    # -- what the server asks

    def apply(self, edit: Mapping[str, Any]) -> str:
        """Apply a workspace edit to the documents, all or nothing; why not, or an empty text."""
        changes = [(c["textDocument"], c["edits"]) for c in edit.get("documentChanges") or ()]
        changes += [({"uri": uri, "version": None}, edits) for uri, edits in (edit.get("changes") or {}).items()]
        for target, _ in changes:
            document = self.documents.get(target["uri"])
            if target["version"] is not None and (document is None or document.version != target["version"]):
                return f"{target['uri']} has changed meanwhile"
        for target, edits in changes:
            self._apply_to(target["uri"], edits)
        return ""

    def _apply_to(self, uri: str, edits: Sequence[Mapping[str, Any]]) -> None:
        document = self.documents.get(uri)
        before = document.text if document else self.path(uri).read_bytes().decode()
        after, last = before, len(before)
        for edit in sorted(edits, key=lambda e: (e["range"]["start"]["line"], e["range"]["start"]["character"]))[::-1]:
            start, end = (self.offset(before, edit["range"][side]) for side in ("start", "end"))
            assert start <= end <= last, "edits overlap"
            after, last = after[:start] + edit["newText"] + after[end:], start
        if document is None:
            self.path(uri).write_bytes(after.encode())
        else:
            document.text = after
            self._tell_change(document, [{"text": after}])

    def _tell_change(self, document: Document, changes: list[dict[str, Any]]) -> None:
        document.version += 1
        named = {"uri": document.uri, "version": document.version}
        if document.notebook:
            self.change_notebook(document.notebook, textContent=[{"document": named, "changes": changes}])
        else:
            self.notify("textDocument/didChange", {"textDocument": named, "contentChanges": changes})

    # -- notebooks

    def open_notebook(self, path: Path, *texts: str) -> list[str]:
        """Open a notebook with Python cells; the cells' URIs."""
        uri = path.as_uri()
        cells = [self.cell(uri, str(number), text) for number, text in enumerate(texts)]
        named = {"uri": uri, "notebookType": "jupyter-notebook", "version": 1}
        notebook = {**named, "cells": [{"kind": 2, "document": item["uri"]} for item in cells]}
        self.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": cells})
        return [item["uri"] for item in cells]

    def cell(self, notebook: str, name: str, text: str, language: str = "python") -> dict[str, Any]:
        """Hold a new cell; as the server is to be told of it."""
        uri = f"vscode-notebook-cell:{notebook.removeprefix('file:')}#{name}"
        self.documents[uri] = Document(uri, 1, text, notebook)
        return {"uri": uri, "languageId": language, "version": 1, "text": text}

    def change_notebook(self, uri: str, **cells: Any) -> None:
        """Say what happened to cells."""
        named = {"uri": uri, "version": 2}
        self.notify("notebookDocument/didChange", {"notebookDocument": named, "change": {"cells": cells}})

    def _apply(self, params: Any) -> dict[str, Any]:
        reason = self.apply(params["edit"])
        return {"applied": not reason, **({"failureReason": reason} if reason else {})}

    def _configure(self, params: Any) -> list[Any]:
        return [self.settings.get(item.get("scopeUri"), self.settings.get(None)) for item in params["items"]]

    # -- reading

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Take in what the server sends, until it closes the connection."""
        try:
            while header := await reader.readline():
                name, _, value = header.partition(b":")
                assert name == b"Content-Length"
                assert await reader.readline() == b"\r\n"
                self._take(json.loads(await reader.readexactly(int(value))))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._gone()

    def _take(self, message: dict[str, Any]) -> None:
        self.received.append(message)
        if self.strict:
            self._judge(message)
        if "method" not in message:
            self._settle(message)
        elif "id" in message:
            task = asyncio.create_task(self._answer(message))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        self._news.set()

    def _judge(self, message: dict[str, Any]) -> None:
        try:
            self.traffic.server_sent(message)
        except AssertionError as error:
            self._wrong.append(error)

    def _settle(self, message: dict[str, Any]) -> None:
        future = self._pending.pop(message["id"], None)
        if future is None or future.done():
            return
        if "error" in message:
            future.set_exception(Refused(message["error"]))
        else:
            future.set_result(message["result"])

    async def _answer(self, message: dict[str, Any]) -> None:
        try:
            answer = self.answers.get(message["method"], lambda _: None)(message.get("params"))
            result = await answer if asyncio.iscoroutine(answer) or asyncio.isfuture(answer) else answer
        except Refused as refused:
            error = {"code": refused.code, "message": refused.message}
            self.send({"jsonrpc": "2.0", "id": message["id"], "error": error})
        else:
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _gone(self) -> None:
        for future in self._pending.values():
            if not future.done():
                future.set_exception(ConnectionResetError("the server has closed the connection"))
                future.exception()
        self._news.set()

    def check(self) -> None:
        """Raise what was wrong with the server's messages."""
        if self._wrong:
            raise self._wrong[0]


@asynccontextmanager
async def connected(server: SoaLanguageServer, **options: Any) -> AsyncIterator[Editor]:
    """An editor at the other end of a connection; nothing has been said yet. At the end it leaves."""
    ours, theirs = socket.socketpair()
    stop = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        serve_connection(server, StreamConnection(*await asyncio.open_connection(sock=theirs)), stop)
    )
    reader, writer = await asyncio.open_connection(sock=ours)
    editor = Editor(server, **options)
    editor._writer, editor._serving = writer, serving
    reading = asyncio.create_task(editor.read(reader))
    try:
        yield editor
        if server.protocol.phase == "ready" and not serving.done():
            await editor.leave()
    finally:
        writer.close()
        editor.exit_code = await serving
        await reading
    editor.check()


def make_project(root: Path) -> None:
    """See to it that a folder is a project."""
    root.mkdir(exist_ok=True)
    if not (root / "pyproject.toml").exists():
        (root / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "0"\n')


@asynccontextmanager
async def opened(
    root: Path,
    *,
    replies: str | Model = "",
    store: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    **options: Any,
) -> AsyncIterator[Editor]:
    """An editor on a project, with a model that replays replies.

    Parameters
    ----------
    root
        The project; becomes the one workspace folder. A pyproject.toml is written if there is none.
    replies
        In the form of `soa.model.recorded`, or a model.
    store
        Where proposals are kept; beside the project if not said.
    options
        Fields of `Editor`; `start`: keywords for `Editor.start`, None for not saying anything.
    """
    make_project(root)
    place = store or root.parent / f"{root.name}.sqlite3"
    model = RecordedModel(parse_records(textwrap.dedent(replies))) if isinstance(replies, str) else replies
    start: Any = options.pop("start", {})

    async def find(_root: Path, _settings: Any) -> Model:
        return model

    with Store(place) as kept:
        implementer = LocalImplementer(kept, find=find)
        server = SoaLanguageServer(
            lambda client: Session(implementer, lambda: Store(place), client, environ=environ or {}, flags=flags or {})
        )
        try:
            async with connected(server, root=root, store=place, **options) as editor:
                if start is not None:
                    await editor.start(**{"folders": [root], **start})
                yield editor
        finally:
            await implementer.close()
