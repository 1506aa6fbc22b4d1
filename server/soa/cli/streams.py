"""Lines to standard output and standard error; a reader that left early is no reason to leave work undone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from typing import TextIO


def tell(text: str, stream: TextIO) -> None:
    """Write a line; nothing happens if nobody reads the stream any more."""
    try:
        click.echo(text, file=stream)
    except BrokenPipeError:
        forget(stream)


def forget(stream: TextIO) -> None:
    """Let a stream whose reader is gone lead nowhere, so that the interpreter does not complain about it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
