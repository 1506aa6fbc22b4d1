"""Where errors become words and an exit code: the one place that catches them all."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

import click

from soa.errors import ConfigurationError, SoaError, SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, INCOMPLETE, USAGE, INTERRUPTED = 0, 1, 2, 130
SECRET_NAMES = ("KEY", "TOKEN", "SECRET", "PASSWORD")


def guarded(command: click.Command, arguments: Sequence[str]) -> int:
    """Run a command and give its exit code; whatever goes wrong is told in a few lines, never as a traceback."""
    try:
        code: Any = command.main(list(arguments), prog_name="soa", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return USAGE
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SoaError as error:
        complain(error)
        return USAGE if isinstance(error, ConfigurationError | SourceError) else INCOMPLETE
    except BrokenPipeError:
        _forget_stdout()
        return INCOMPLETE
    except Exception as error:
        return _admit(error)
    return code if isinstance(code, int) else DONE


def complain(error: SoaError) -> None:
    """Show an error: what happened, and what to do about it."""
    click.echo(f"soa: {error.message}", err=True)
    if error.advice:
        click.echo(error.advice, err=True)


def _admit(error: Exception) -> int:
    """Show an error of our own."""
    said = without_secrets(" ".join(str(error).split()))
    click.echo(f"soa: {type(error).__name__}: {said}", err=True)
    click.echo("This is a bug in soa. SOA_DEBUG=1 shows where it happened.", err=True)
    if os.environ.get("SOA_DEBUG") == "1":
        click.echo(without_secrets("".join(traceback.format_exception(error))), err=True)
    return INCOMPLETE


def without_secrets(text: str) -> str:
    """The text without the values of variables that hold keys."""
    secrets = [v for k, v in os.environ.items() if len(v) > 5 and any(word in k.upper() for word in SECRET_NAMES)]
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "[key]")
    return text


def _forget_stdout() -> None:
    """Whoever read our output is gone; keep the interpreter from complaining about it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
