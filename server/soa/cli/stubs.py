"""`soa stubs`: list what is there to be written."""

from __future__ import annotations

import json

import click

EXAMPLES = """\b
Examples:
  soa stubs src/
  soa stubs src/ledger.py --json
"""


@click.command(epilog=EXAMPLES)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--json", "as_json", is_flag=True, help='A list of {"file", "name", "line"}.')
def stubs(paths: tuple[str, ...], *, as_json: bool) -> None:
    """List the stubs of files and folders, one a line: file, line, name.

    A stub is a function whose body is its docstring, with or without `...`, `pass` or `raise NotImplementedError`.
    """
    from soa.cli.targets import select

    rows = [(s.path.as_posix(), stub.line + 1, stub.contract.qualname) for s in select(paths) for stub in s.stubs]
    if as_json:
        click.echo(json.dumps([{"file": f, "name": n, "line": line} for f, line, n in rows], indent=2))
        return
    for file, line, name in rows:
        click.echo(f"{file}:{line}: {name}")
    if not rows:
        click.echo("soa: no stubs found", err=True)
