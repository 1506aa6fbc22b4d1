"""The terminal: one file per command, and the group that holds them."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from soa import __version__
from soa.cli.boundary import guarded

COMMANDS = ("stubs", "implement", "check", "demo", "doctor", "serve")

EXAMPLES = """\b
Examples:
  soa demo                                 see it work, without a model
  soa doctor                               what works here, and what to do about the rest
  soa stubs src/                           what is there to be written
  soa implement src/ledger.py              write all stubs of a file; shows a diff
  soa implement src/ledger.py::Ledger.post --write
  soa check src/                           fail while a stub is left
  soa serve                                the language server, started by editors

\b
Exit codes: 0 done, 1 something not implemented or not verified, 2 usage or configuration, 130 interrupted.
"""


class LazyGroup(click.Group):
    """Loads a command when it is called: an editor waits for `serve`, and has no use for the others."""

    def list_commands(self, _: click.Context) -> list[str]:
        """The names of the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        """The command of that name: `name` in the module `soa.cli.name`."""
        return getattr(import_module(f"soa.cli.{name}"), name) if name in COMMANDS else None


@click.group(
    cls=LazyGroup, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="soa")
def soa() -> None:
    """Docstring-only stubs in, verified code out.

    Write functions as a signature and a docstring and leave the bodies out; language-model agents write them, a sandbox
    tests every candidate, and what passes goes into your files.
    """


def main() -> None:
    """Run the command line and exit."""
    sys.exit(guarded(soa, sys.argv[1:]))
