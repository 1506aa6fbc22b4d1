"""Texts and places that the editor is asked to show."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol.types import WINDOW_SHOW_DOCUMENT, Position, Range, ShowDocumentParams
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from soa.lsp.server import SoaLanguageServer

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


async def show(server: SoaLanguageServer, uri: str, line: int | None = None) -> bool:
    """Ask the editor to show a document, at a line from 0 if one is given; whether it says that it does."""
    if not server.traits.show_document:
        return False
    place = None if line is None else Range(Position(line, 0), Position(line, 0))
    try:
        params = ShowDocumentParams(uri, take_focus=True, selection=place)
        result = await server.protocol.send_request_async(WINDOW_SHOW_DOCUMENT, params)
    except JsonRpcException:
        return False
    return bool(result.success)


async def show_text(server: SoaLanguageServer, drawer: Drawer, name: str, text: str) -> str:
    """Show a text in a document of its own, by this name; its URI, or nothing where it became a message."""
    if server.traits.show_document:
        try:
            uri = (await asyncio.to_thread(drawer.put, name, text)).as_uri()
        except OSError:
            uri = ""
        if uri and await show(server, uri):
            return uri
    server.client.show(text)
    return ""
