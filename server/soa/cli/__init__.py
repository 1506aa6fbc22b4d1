"""The terminal: one file per command, and the group that holds them."""

from __future__ import annotations

import sys

import click

from soa import __version__
from soa.cli.boundary import guarded
from soa.cli.check import check
from soa.cli.demo import demo
from soa.cli.doctor import doctor
from soa.cli.implement import implement
from soa.cli.stubs import stubs

EXAMPLES = """\b
Examples:
  soa demo                                 see it work, without a model
  soa doctor                               what works here, and what to do about the rest
  soa stubs src/                           what is there to be written
  soa implement src/ledger.py              write all stubs of a file; shows a diff
  soa implement src/ledger.py::Ledger.post --write
  soa check src/                           fail while a stub is left

\b
Exit codes: 0 done, 1 something not implemented or not verified, 2 usage or configuration, 130 interrupted.
"""


@click.group(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="soa")
def soa() -> None:
    """Docstring-only stubs in, verified code out.

    Write functions as a signature and a docstring and leave the bodies out; language-model agents write them, a sandbox
    tests every candidate, and what passes goes into your files.
    """


for command in (stubs, implement, check, demo, doctor):
    soa.add_command(command)


def main() -> None:
    """Run the command line and exit."""
    sys.exit(guarded(soa, sys.argv[1:]))
