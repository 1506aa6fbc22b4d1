"""URIs of documents as paths, where they have one."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit


def path_of(uri: str) -> Path | None:
    """The file that a URI names; None if it names none."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    host = "" if parts.netloc == "localhost" else parts.netloc
    if parts.scheme != "file" or (host and os.name != "nt"):
        return None
    path = unquote(parts.path)
    if os.name == "nt":
        path = f"//{host}{path}" if host else path.lstrip("/")
    return path_from(path)


def path_from(text: str) -> Path | None:
    """A path as a client writes it; None if no file can have it."""
    if not text:
        return None
    path = Path(os.path.normpath(text))
    try:
        path.lstat()
    except ValueError:
        return None
    except OSError as error:
        return None if error.errno == errno.ENAMETOOLONG else path
    return path


def uri_of(path: Path) -> str:
    """The URI of a file."""
    return path.absolute().as_uri()


def scheme_of(uri: str) -> str:
    """What kind of place a URI names: `file`, `untitled`, `git`."""
    return uri.partition(":")[0]
