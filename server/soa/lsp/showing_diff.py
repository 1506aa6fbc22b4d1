"""`soa.showDiff`: what accepting would change, as a unified diff in a document of its own."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol.types import WINDOW_SHOW_DOCUMENT, ShowDocumentParams
from pygls.exceptions import JsonRpcException

from soa.lsp.accepting import wanted
from soa.lsp.custom import DiffAnswer
from soa.source.diff import unified_diff

if TYPE_CHECKING:
    from soa.lsp.arguments import StubArguments
    from soa.lsp.commands import Call

UNSAFE = re.compile(r"[^\w.-]")


class Drawer:
    """A private folder for what is shown to the user; removed at the end."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def put(self, name: str, text: str) -> Path:
        """Write a text that is to be shown, in the place of an older one of this name."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="soa-")
        path = Path(self._folder.name, UNSAFE.sub("_", name)[:100])
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        return path

    def close(self) -> None:
        """Remove it."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


async def show_diff(call: Call[StubArguments]) -> DiffAnswer:
    """Show and answer what accepting would change."""
    uri, names = call.arguments.uri, await wanted(call)
    name = names[0] if len(names) == 1 else ""
    change = await call.server.session.change_for(uri, names)
    if isinstance(change, str):
        call.tell(f"There is nothing to show: {change}")
        view = call.server.session.snapshot(uri)
        text = view.text if view is not None else ""
        return DiffAnswer(uri, name, "", text, text, change)
    diff = unified_diff(change.relative, change.before, change.after)
    await _show(call, f"{name or Path(change.relative).name}.diff", diff)
    return DiffAnswer(uri, name, diff, change.before, change.after)


async def _show(call: Call[StubArguments], name: str, diff: str) -> None:
    if not (call.server.traits.show_document and await _show_document(call, name, diff)):
        call.server.client.show(diff)


async def _show_document(call: Call[StubArguments], name: str, diff: str) -> bool:
    try:
        path = await asyncio.to_thread(call.drawer.put, name, diff)
        params = ShowDocumentParams(path.as_uri(), take_focus=True)
        result = await call.server.protocol.send_request_async(WINDOW_SHOW_DOCUMENT, params)
    except (OSError, JsonRpcException):
        return False
    return bool(result.success)
