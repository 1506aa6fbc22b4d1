"""The two streams of a command: results on standard output, everything else on standard error."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from soa.cli.lines import PlainLines, Progress
from soa.cli.streams import tell
from soa.wording import visible

if TYPE_CHECKING:
    from typing import TextIO

STYLES = {
    "verified": "green",
    "unverified": "yellow",
    "failed": "red",
    "stale": "yellow",
    "cancelled": "bright_black",
}


def is_lively(stream: TextIO | None) -> bool:
    """Whether a stream goes to a terminal that can draw."""
    return stream is not None and stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


class Screen:
    """Where a command shows what it does.

    Parameters
    ----------
    as_json
        Standard output belongs to one JSON object; all that is for people goes to standard error.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self._as_json = as_json
        self._out = sys.stderr if as_json else sys.stdout
        self._colour = is_lively(self._out) and "NO_COLOR" not in os.environ

    def progress(self) -> Progress:
        """A live tree on a terminal, plain lines elsewhere."""
        if not is_lively(sys.stderr):
            return PlainLines()
        from rich.console import Console

        from soa.cli.live import LiveTree

        return LiveTree(Console(stderr=True))

    def note(self, text: str) -> None:
        """Say something about the command itself."""
        tell(visible(f"soa: {text}"), sys.stderr)

    def line(self, text: str) -> None:
        """Show a line for people; a status it begins with is coloured on a terminal."""
        status, _, rest = text.partition(" ")
        coloured = self._colour and status in STYLES
        tell(f"{click.style(status, fg=STYLES[status])} {rest}" if coloured else text, self._out)

    def diff(self, text: str) -> None:
        """Show a unified diff, in colours on a terminal."""
        if not self._colour:
            tell(visible(text), self._out)
            return
        from rich.console import Console
        from rich.syntax import Syntax

        shown = Syntax(visible(text), "diff", theme="ansi_dark", background_color="default", word_wrap=False)
        Console(file=self._out).print(shown, soft_wrap=True)

    def result(self, text: str) -> None:
        """Write to standard output what a program reads."""
        tell(text, sys.stdout)
