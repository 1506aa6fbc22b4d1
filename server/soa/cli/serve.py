"""`soa serve`: the language server, for the editor that starts it or for clients that connect."""

from __future__ import annotations

import gc
import os
import re
import sys
from pathlib import Path
from typing import Any

import click

from soa.cli.options import setting_flags
from soa.cli.streams import tell
from soa.errors import ConfigurationError
from soa.resolve import resolve_settings
from soa.secrets import without_secrets

EXAMPLES = """\b
Examples:
  soa serve                                what an editor starts: speaks over standard input and output
  soa serve --tcp :2087                    for clients that connect to a port of this machine
  soa serve --ws 127.0.0.1:0               WebSocket, on a port that is free; which one it says on standard error
  soa serve --log-level info --log-file /tmp/soa.log

\b
Settings given as flags outrank those of the editor.
Exit codes: 0 after the client's `shutdown`, 1 if it left without, 2 usage or configuration, 130 interrupted.
"""

ADDRESS = re.compile(r"(?P<host>|[^:\[\]]+|\[[^\[\]]+\]):(?P<port>[0-9]{1,5})")
LOOPBACK = re.compile(r"localhost|127(\.[0-9]{1,3}){3}|::1")
LEVELS = ("error", "warning", "info", "debug")


@click.command(epilog=EXAMPLES)
@click.option("--tcp", metavar="HOST:PORT", help="Wait for clients on a port; no HOST: this machine's only.")
@click.option("--ws", metavar="HOST:PORT", help="The same, by WebSocket.")
@click.option("--stdio", is_flag=True, help="Standard input and output, as is done without a flag.")
@click.option("--log-level", type=click.Choice(LEVELS), default="warning", show_default=True, help="What is logged.")
@click.option(
    "--log-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Log there. [standard error]"
)
@setting_flags()
def serve(tcp: str | None, ws: str | None, stdio: bool, log_level: str, log_file: Path | None, **flags: Any) -> int:  # noqa: ANN401 - flags
    """Serve editors: stubs become code lenses, actions, hovers, completions and edits (Language Server Protocol).

    An editor starts this by itself. Nothing that a client sends is logged, nor any key.
    """
    if sum((tcp is not None, ws is not None, stdio)) > 1:
        raise click.UsageError("Choose one of --stdio, --tcp and --ws.")
    where = address(tcp or ws or ":0")
    resolve_settings(flags, {}, None)
    _begin_log(log_level, log_file)
    if tcp is None and ws is None:
        return _serve_pipes(flags)
    _warn(where[0])
    return _serve_network(flags, where, websockets=ws is not None)


def _begin_log(level: str, path: Path | None) -> None:
    from soa.lsp.logs import write_log

    try:
        write_log(level, path, without_secrets)
    except OSError as error:
        raise ConfigurationError(f"--log-file: {path} cannot be written: {error.strerror or error}.") from None


def _serve_pipes(flags: dict[str, Any]) -> int:
    source, sink = take_streams()
    gc.disable()  # nothing of the thousands of classes that are loaded now is garbage
    from soa.cli.serving import serve_pipes

    gc.freeze()
    gc.enable()
    return serve_pipes(flags, source, sink)


def _serve_network(flags: dict[str, Any], where: tuple[str, int], *, websockets: bool) -> int:
    from soa.cli.serving import serve_network

    return serve_network(flags, where, _announce, websockets=websockets)


def _announce(text: str) -> None:
    tell(f"soa: {text}", sys.stderr)


def _warn(host: str) -> None:
    if not LOOPBACK.fullmatch(host):
        _announce(f"warning: {host} may be reached from elsewhere, and nobody is asked who they are")


def address(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`; no host is this machine's loopback.

    Raises
    ------
    ConfigurationError
        It is no such thing.
    """
    match = ADDRESS.fullmatch(text.strip())
    if match is None or int(match["port"]) > 65535:
        raise ConfigurationError(f"{text!r} is no HOST:PORT.", "For example 127.0.0.1:2087, [::1]:2087 or :0.")
    return match["host"].strip("[]") or "127.0.0.1", int(match["port"])


def take_streams() -> tuple[int, int]:
    """Standard input and output for the protocol alone, as file descriptors of their own.

    Whoever reads standard input from now on finds it empty; what is printed goes to standard error.
    """
    source, sink = os.dup(0), os.dup(1)
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return source, sink
