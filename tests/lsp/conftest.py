"""A project, and an editor on it."""

from __future__ import annotations

import textwrap
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from editor import Editor, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "0"\n')
    return root


@pytest.fixture
def file(project: Path) -> Callable[[str, str], Path]:
    """Writes a file of the project, dedented; its path."""

    def write(relative: str, text: str) -> Path:
        path = project / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(textwrap.dedent(text).lstrip("\n").encode())
        return path

    return write


@pytest_asyncio.fixture
async def open_editor(project: Path) -> AsyncIterator[Callable[..., Awaitable[Editor]]]:
    """Opens an editor on the project, e.g. `await open_editor(replies, capabilities=PLAIN)`; see `editor.opened`."""
    async with AsyncExitStack() as stack:

        async def go(replies: Any = "", **options: Any) -> Editor:
            return await stack.enter_async_context(opened(options.pop("root", project), replies=replies, **options))

        yield go
