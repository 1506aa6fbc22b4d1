"""URIs of documents as paths, where they have one."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit


def path_of(uri: str) -> Path | None:
    """The file that a URI names; None if it names none."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file" or (parts.netloc and os.name != "nt"):
        return None
    path = unquote(parts.path)
    if os.name == "nt":
        path = f"//{parts.netloc}{path}" if parts.netloc else path.lstrip("/")
    return Path(os.path.normpath(path)) if path and "\0" not in path else None


def uri_of(path: Path) -> str:
    """The URI of a file."""
    return path.absolute().as_uri()


def scheme_of(uri: str) -> str:
    """What kind of place a URI names: `file`, `untitled`, `git`."""
    return uri.partition(":")[0]
