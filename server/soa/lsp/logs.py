"""The log: lines to standard error or a file, never what was typed, sent or received, and never a key."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OURS = "soa"
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Veiled(logging.Formatter):
    """Formats records, with what is secret taken out."""

    def __init__(self, veil: Callable[[str], str]) -> None:
        super().__init__(FORMAT)
        self._veil = veil

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, its traceback included."""
        return self._veil(super().format(record))


def write_log(level: str, path: Path | None, veil: Callable[[str], str]) -> None:
    """Begin to write the log.

    Parameters
    ----------
    level
        From which level on we write. Other packages write warnings only: what they say below shows whole messages.
    path
        The file that it is added to; None: standard error.
    veil
        Takes secrets out of a text.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    handler = logging.StreamHandler() if path is None else _to_file(path)
    handler.setFormatter(Veiled(veil))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger(OURS).setLevel(level.upper())
    logging.captureWarnings(True)


def _to_file(path: Path) -> logging.Handler:
    return logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")  # names of files may be anything
