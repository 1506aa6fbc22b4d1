"""`soa doctor`: what works here, what does not, and what to do about it."""

from __future__ import annotations

from typing import Any

import click

from soa.cli.options import setting_flags

EXAMPLES = """\b
Examples:
  soa doctor
  soa doctor --base-url http://localhost:11434/v1 --model qwen2.5-coder
  soa doctor --json
"""


@click.command(epilog=EXAMPLES, short_help="What works here, what does not, what to do.")
@click.option("--json", "as_json", is_flag=True, help="A list of findings instead of a table.")
@setting_flags("model", "base_url", "sandbox", "python")
def doctor(*, as_json: bool, **flags: Any) -> int:  # noqa: ANN401 - the values of the settings' flags
    """Look at the model, the sandbox, the interpreter, the store and the editor support, and say what to do.

    Exits with 1 if the model, the sandbox or the interpreter does not work.
    """
    from soa.cli.checkup import examine

    return examine(flags, as_json=as_json)
