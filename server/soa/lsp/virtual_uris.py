"""URIs of documents that stand in no file: a path for people, and as JSON whose text is wanted."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, unquote

from soa.lsp.names import PROPOSALS, TRANSCRIPTS


def proposal_uri(uri: str, name: str) -> str:
    """Of a document as it would be with the proposal for one of its stubs; it looks like Python, for the colours."""
    path = _path(uri)
    return _join(PROPOSALS, path if path.endswith(".py") else f"{path}.py", {"uri": uri, "name": name})


def transcript_uri(run: str, agent: str, title: str) -> str:
    """Of the prompts and replies of an agent."""
    return _join(TRANSCRIPTS, f"/{quote(title.replace('/', '_'))}.md", {"run": run, "agent": agent})


def query_of(uri: str) -> Any:  # noqa: ANN401 - JSON
    """What stands behind a URI's question mark.

    Raises
    ------
    ValueError
        It is no JSON.
    """
    return json.loads(unquote(uri.partition("#")[0].partition("?")[2]))


def _join(scheme: str, path: str, query: dict[str, str]) -> str:
    return f"{scheme}:{path}?{quote(json.dumps(query, separators=(',', ':')), safe='')}"


def _path(uri: str) -> str:
    """The path of a URI, quoted as it is there, without its host."""
    rest = uri.partition(":")[2].partition("#")[0].partition("?")[0]
    return "/" + (rest[2:].partition("/")[2] if rest.startswith("//") else rest).lstrip("/")
