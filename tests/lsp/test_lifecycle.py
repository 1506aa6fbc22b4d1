"""From `initialize` to `exit`: what the server says of itself, and how a connection ends."""

from __future__ import annotations

from editor import PLAIN


async def test_initialize_names_the_server_and_its_capabilities(open_editor):
    editor = await open_editor()
    assert editor.result["serverInfo"]["name"] == "soa"
    assert editor.result["capabilities"]["textDocumentSync"]["change"] == 2


async def test_a_plain_client_is_served(open_editor):
    editor = await open_editor(capabilities=PLAIN)
    assert editor.result["capabilities"]["positionEncoding"] == "utf-16"
