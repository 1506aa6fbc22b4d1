"""Where errors become words and an exit code: the one place that catches them all."""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

import click

from soa.cli.streams import forget
from soa.errors import ConfigurationError, SoaError, SourceError
from soa.secrets import without_secrets
from soa.wording import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, INCOMPLETE, USAGE, INTERRUPTED = 0, 1, 2, 130


def guarded(command: click.Command, arguments: Sequence[str]) -> int:
    """Run a command and give its exit code; whatever goes wrong is told in a few lines, never as a traceback."""
    try:
        code: Any = command.main(list(arguments), prog_name="soa", standalone_mode=False)
    except BrokenPipeError:
        forget(sys.stdout)
        return INCOMPLETE
    except (Exception, KeyboardInterrupt) as error:
        if "--json" in arguments:
            click.echo(json.dumps({"error": _as_json(error)}, indent=2))
        return _explain(error)
    return code if isinstance(code, int) else DONE


def _explain(error: Exception | KeyboardInterrupt) -> int:
    match error:
        case click.ClickException():
            error.show()
            return USAGE
        case click.Abort() | KeyboardInterrupt():
            return INTERRUPTED
        case SoaError():
            complain(error)
            return USAGE if isinstance(error, ConfigurationError | SourceError) else INCOMPLETE
    return _admit(error)


def _as_json(error: Exception | KeyboardInterrupt) -> dict[str, str]:
    """An error as `--json` gives it: there is one JSON value on standard output whatever happens."""
    match error:
        case SoaError():
            message, advice = error.message, error.advice
        case click.ClickException():
            message, advice = error.format_message(), ""
        case click.Abort() | KeyboardInterrupt():
            message, advice = "interrupted", ""
        case _:
            message, advice = f"{type(error).__name__}: {error}", ""
    return {"message": without_secrets(message), "advice": without_secrets(advice)}


def complain(error: SoaError) -> None:
    """Show an error: what happened, and what to do about it."""
    click.echo(visible(f"soa: {error.message}"), err=True)
    if error.advice:
        click.echo(visible(error.advice), err=True)


def _blame_system(error: OSError) -> int:
    """Show what the system refused us: no space, no permission, no more open files."""
    where = f" ({error.filename})" if error.filename else ""
    complain(SoaError(f"The system refuses: {error.strerror or error}{where}.", "SOA_DEBUG=1 shows where."))
    _debug(error)
    return INCOMPLETE


def _admit(error: Exception) -> int:
    """Show an error of our own."""
    first: BaseException = error
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    if isinstance(first, OSError):
        return _blame_system(first)
    said = without_secrets(visible(" ".join(str(first).split())))
    click.echo(f"soa: {type(first).__name__}: {said}", err=True)
    click.echo("This is a bug in soa. SOA_DEBUG=1 shows where it happened.", err=True)
    _debug(error)
    return INCOMPLETE


def _debug(error: Exception) -> None:
    if os.environ.get("SOA_DEBUG") == "1":
        click.echo(without_secrets("".join(traceback.format_exception(error))), err=True)
