"""`soa check`: fail while a stub is left."""

from __future__ import annotations

import click

from soa.wording import plural

EXAMPLES = """\b
Examples:
  soa check src/            in continuous integration
  soa check src/ledger.py   before a commit
"""


@click.command(epilog=EXAMPLES)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
def check(paths: tuple[str, ...]) -> int:
    """Exit with 1 if a stub is left in files and folders, and name each: file, line, name."""
    from soa.cli.targets import select

    left = [(selection.path, stub) for selection in select(paths) for stub in selection.stubs]
    for path, stub in left:
        click.echo(f"{path.as_posix()}:{stub.line + 1}: {stub.contract.qualname}")
    count = f"{plural(len(left), 'stub')} left" if left else "no stub is left"
    click.echo(f"soa: {count}", err=True)
    return 1 if left else 0
