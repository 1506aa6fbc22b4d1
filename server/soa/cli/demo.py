"""`soa demo`: the main job on the example project, with recorded replies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from soa.cli.options import setting_flags

EXAMPLES = """\b
Examples:
  soa demo                   in a folder that is gone afterwards
  soa demo --to /tmp/ledger  keep the result, to look at it
"""


@click.command(epilog=EXAMPLES, short_help="The example project with recorded replies; no model needed.")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Where the project goes.")
@setting_flags("sandbox")
def demo(to: Path | None, **flags: Any) -> int:  # noqa: ANN401 - the values of the settings' flags
    """Implement the example project: a ledger of five modules, whose functions have docstrings and no bodies.

    Its tests fail before and pass after. The replies are recorded, all else is what `soa implement --write` does.
    """
    from soa.cli.showcase import show

    return show(to, flags)
