"""`soa.showDiff`: what accepting would change, as a unified diff in a document of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from soa.lsp.accepting import wanted
from soa.lsp.custom import DiffAnswer
from soa.lsp.showing import show_text
from soa.source.diff import unified_diff

if TYPE_CHECKING:
    from soa.lsp.arguments import StubArguments
    from soa.lsp.commands import Call


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
    await show_text(call.server, call.drawer, f"{name or Path(change.relative).name}.diff", diff)
    return DiffAnswer(uri, name, diff, change.before, change.after)
