"""A client as the benchmarks play it: framed JSON over pipes, measured from outside of the server.

Times run from the moment before a message is written to the moment its whole answer has been read; nothing of the
answer is decoded before the clock stops.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
SERVERS = {
    "bare pygls": (sys.executable, str(HERE / "bare_server.py")),
    "soa": (sys.executable, "-m", "soa", "serve"),
    "jedi-language-server": (sys.executable, "-c", "from jedi_language_server.cli import cli; cli()"),
}
LARGEST_REQUEST = 4096
"""Bytes of a request of the server's."""
CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True},
    "workspace": {
        "applyEdit": True,
        "configuration": True,
        "codeLens": {"refreshSupport": True},
        "diagnostics": {"refreshSupport": True},
        "workspaceEdit": {"documentChanges": True},
    },
    "textDocument": {
        "synchronization": {"didSave": True},
        "codeLens": {},
        "diagnostic": {},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "refactor", "source"]}},
            "dataSupport": True,
            "disabledSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
    },
}


def servers():
    """Name and command of each server that can be started here."""
    return {n: c for n, c in SERVERS.items() if n != "jedi-language-server" or find_spec("jedi_language_server")}


class Client:
    """One client of one server."""

    def __init__(self, process, settings=None):
        self.process = process
        self.settings = settings or {}
        """By the URI of a workspace."""
        self.refreshed = asyncio.Event()
        """Set when the server asks to fetch the lenses again."""
        self._answers = {}
        self._versions = {}
        self._last = 0
        self._reading = asyncio.create_task(self._read())

    async def request(self, method, params):
        """The raw answer to a request, and the seconds it took."""
        self._last += 1
        future = self._answers[self._last] = asyncio.get_running_loop().create_future()
        body = encode({"jsonrpc": "2.0", "id": self._last, "method": method, "params": params})
        start = time.perf_counter()
        self.process.stdin.write(body)
        end, answer = await future
        if b'"error"' in answer[:60]:
            raise RuntimeError(f"{method}: {answer.decode()}")
        return answer, end - start

    def notify(self, method, params):
        """Send a notification."""
        self.process.stdin.write(encode({"jsonrpc": "2.0", "method": method, "params": params}))

    async def run(self, command, arguments):
        """What a command gives in the end."""
        answer, _ = await self.request("workspace/executeCommand", {"command": command, "arguments": [arguments]})
        return json.loads(answer)["result"]

    async def initialize(self, root):
        """Say who we are; seconds until the server has answered."""
        uri = root.as_uri()
        folders = [{"uri": uri, "name": root.name}]
        params = {"processId": os.getpid(), "rootUri": uri, "workspaceFolders": folders, "capabilities": CAPABILITIES}
        _, seconds = await self.request("initialize", params)
        self.notify("initialized", {})
        return seconds

    def open(self, path):
        """Open a Python file; its URI."""
        uri = path.as_uri()
        self._versions[uri] = 1
        document = {"uri": uri, "languageId": "python", "version": 1, "text": path.read_text("utf-8")}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def replace(self, uri, start, end, text):
        """Replace what is between two places (line, column)."""
        self._versions[uri] += 1
        change = {"range": {"start": place(*start), "end": place(*end)}, "text": text}
        document = {"uri": uri, "version": self._versions[uri]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    async def end(self):
        """Have the server end."""
        await self.request("shutdown", None)
        self.notify("exit", None)
        await self.process.wait()
        await self._reading

    async def _read(self):
        stream = self.process.stdout
        while head := await stream.readline():
            length = 0
            while head.strip():
                name, _, value = head.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                head = await stream.readline()
            body = await stream.readexactly(length)
            self._take(time.perf_counter(), body)
        for future in self._answers.values():
            future.cancel("the server has ended")

    def _take(self, moment, body):
        ident = answered(body)
        if ident is not None:
            self._settle(ident, moment, body)
            return
        if len(body) > LARGEST_REQUEST:
            return  # a notification: only answers and those are as large
        message = json.loads(body)
        if "method" not in message:
            self._settle(message["id"], moment, body)
        elif "id" in message:
            self._reply(message)

    def _settle(self, ident, moment, body):
        future = self._answers.pop(ident)
        if not future.cancelled():
            future.set_result((moment, body))

    def _reply(self, message):
        result = None
        if message["method"] == "workspace/configuration":
            result = [self.settings.get(item["scopeUri"]) for item in message["params"]["items"]]
        elif message["method"] == "workspace/codeLens/refresh":
            self.refreshed.set()
        self.process.stdin.write(encode({"jsonrpc": "2.0", "id": message["id"], "result": result}))


def place(line, column):
    """A position on the wire."""
    return {"line": line, "character": column}


def around(uri, line, column):
    """Parameters of a request about one place."""
    return {"textDocument": {"uri": uri}, "position": place(line, column)}


def encode(message):
    """A message with its header."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def answered(body):
    """The id of an answer as both kinds of server write it, without decoding the rest; None if it must be decoded."""
    for begin in (b'{"jsonrpc":"2.0","id":', b'{"jsonrpc": "2.0", "id": ', b'{"id":', b'{"id": '):
        number, _, rest = body[:60].removeprefix(begin).partition(b",")
        if body.startswith(begin) and number.isdigit() and rest.lstrip().startswith((b'"result', b'"jsonrpc')):
            return int(number) if b'"method"' not in rest else None
    return None


@asynccontextmanager
async def serving(command, home, settings=None):
    """A client beside a server of its own, which knows nothing of this machine's user.

    Parameters
    ----------
    command
        Starts the server.
    home
        Folder in which it keeps what it keeps.
    settings
        What the client says when it is asked for its settings, by the URI of a workspace.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=sys.stderr if os.environ.get("VERBOSE") else asyncio.subprocess.DEVNULL,
        env=environment(home),
        cwd=home,
        limit=1 << 24,
    )
    client = Client(process, settings)
    try:
        yield client
    finally:
        if process.returncode is None:
            try:
                await asyncio.wait_for(client.end(), 10)
            except (TimeoutError, ConnectionError):
                process.kill()
                await process.wait()


def environment(home):
    """Our environment without settings and keys of soa's, with an empty home."""
    own = ("SOA_", "OPENAI_", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return {**kept, "HOME": str(home)}
