"""`soa implement`: write the bodies, test them, show them, and put them into the files if asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from soa.cli.options import setting_flags

EXAMPLES = """\b
Examples:
  soa implement src/ledger.py                           show what would be written, with the evidence
  soa implement src/ledger.py::Ledger.post --write      write one method
  soa implement src/ --write --verified-only            a whole folder, only what passed its tests
  soa implement src/big.py --decompose --write          only the skeletons, to be edited by you
  soa implement --resume RUN --write                    write what a run gave, without asking the model again
  soa implement src/ --model qwen2.5-coder --base-url http://localhost:11434/v1
  soa implement src/ --json --budget-tokens 200000

\b
The model: --base-url and --model, else OPENAI_API_KEY or OPENAI_BASE_URL, else a server on this machine.
Exit codes: 0 all verified, 1 something not implemented or not verified, 2 usage or configuration, 130 interrupted.
"""

JSON = 'One JSON object on standard output, {"error": {"message", "advice"}} on an error; all else on standard error.'


@click.command(epilog=EXAMPLES)
@click.argument("targets", nargs=-1, metavar="TARGET...")
@click.option(
    "--write", is_flag=True, help="Put what is verified and what is unverified into the files; never what failed."
)
@click.option("--verified-only", is_flag=True, help="Leave out what is unverified.")
@click.option("--decompose", is_flag=True, help="Stop after the skeletons: their helpers stay stubs.")
@click.option("--json", "as_json", is_flag=True, help=JSON)
@click.option("--resume", default="", metavar="RUN", help="Go on with a run; what it has done is not done again.")
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the model's replies in a file; --model recorded:FILE replays them.",
)
@setting_flags()
def implement(targets: tuple[str, ...], **flags: Any) -> int:  # noqa: ANN401 - values of all kinds of flags
    """Write the bodies of stubs, test them in a sandbox, and show the diff and the evidence.

    TARGET is a file, a folder, or file.py::Qualified.name. Nothing is written without --write.
    """
    from soa.cli.campaign import Wishes, carry_out

    own = {name: flags.pop(name) for name in ("write", "verified_only", "decompose", "as_json", "resume", "record")}
    if not targets and not own["resume"]:
        raise click.UsageError("Name a file, a folder or file.py::Qualified.name.")
    return carry_out(Wishes(targets, flags, **own))
