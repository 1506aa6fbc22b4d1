"""What `soa doctor` looks at."""

from __future__ import annotations

import importlib.metadata
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import asdict, frozen

from soa.cli import report
from soa.cli.boundary import DONE, INCOMPLETE
from soa.cli.options import settings_for
from soa.cli.running import run_stoppable
from soa.errors import ConfigurationError, SandboxError, SoaError
from soa.model.discovery import ADVICE, survey
from soa.sandbox.choose import examine as examine_sandboxes
from soa.sandbox.interpreter import probe
from soa.source.meaning import Meaning
from soa.store import Store, default_path
from soa.workspace import find_python, find_root

if TYPE_CHECKING:
    from soa.settings import Settings


@frozen
class Finding:
    """One thing that was looked at."""

    part: str
    """`model`, `sandbox`, `interpreter`, `jedi`, `store` or `editor`."""
    what: str
    works: bool
    detail: str = ""
    advice: str = ""
    """What to do if it does not work, or to use it."""


EDITOR = Finding("editor", "language server", works=False, detail="not part of this version; use the terminal")
NEEDED = ("model", "sandbox", "interpreter", "jedi", "store")
"""Of each of these parts at least one thing must work; the plain process, which is no sandbox, if it was asked for."""


def examine(flags: dict[str, Any], *, as_json: bool) -> int:
    """Look at everything, show it, and give the exit code."""
    root = find_root(Path.cwd())
    settings = settings_for(root, flags)
    findings = run_stoppable(_examine(root, settings))
    working = {f.part for f in findings if f.works and (f.what != "process" or settings.sandbox == "process")}
    if as_json:
        click.echo(json.dumps([asdict(f) for f in findings], indent=2))
    else:
        _print(findings)
        _say_how_to_set_a_model(working)
    return DONE if working.issuperset(NEEDED) else INCOMPLETE


async def _examine(root: Path, settings: Settings) -> list[Finding]:
    models = await survey(settings, os.environ)
    found = [Finding("model", f.where, f.works, report.named(f.models), f.advice) for f in models]
    try:
        python = find_python(root, settings.python)
    except ConfigurationError as error:
        return [*found, Finding("interpreter", settings.python, False, error.message, error.advice), _store(), EDITOR]
    sandboxes = await examine_sandboxes(python)
    found += [Finding("sandbox", f.name, f.works, f.reason, f.advice) for f in sandboxes]
    return [*found, await _interpreter(python), await _jedi(root, python), _store(), EDITOR]


async def _interpreter(python: Path) -> Finding:
    try:
        interpreter = await probe(python)
    except SandboxError as error:
        return Finding("interpreter", str(python), False, error.message, error.advice)
    version = ".".join(map(str, interpreter.version))
    if any((folder / "pytest").is_dir() for folder in interpreter.path):
        return Finding("interpreter", str(python), True, f"Python {version} with pytest")
    advice = f"The project's own tests cannot be used without it: {python} -m pip install pytest"
    return Finding("interpreter", str(python), True, f"Python {version} without pytest", advice)


async def _jedi(root: Path, python: Path) -> Finding:
    meaning = Meaning(root, python)
    try:
        await meaning.warm()
        works = meaning.pid is not None
    finally:
        meaning.close()
    what = f"jedi {importlib.metadata.version('jedi')}"
    return Finding("jedi", what, works, "" if works else "Its process does not start; agents see less context.")


def _store() -> Finding:
    try:
        with Store(default_path()) as store:
            return Finding("store", str(store.path), True)
    except SoaError as error:
        return Finding("store", str(default_path()), False, error.message, error.advice)


def _say_how_to_set_a_model(working: set[str]) -> None:
    if "model" not in working:
        click.echo(f"\nNo model can be asked. {ADVICE}")


def _print(findings: list[Finding]) -> None:
    for finding in findings:
        mark = click.style("works", fg="green") if finding.works else click.style("no   ", fg="red")
        detail = f": {finding.detail}" if finding.detail else ""
        click.echo(f"{finding.part:<12} {mark}  {finding.what}{detail}")
        for line in finding.advice.splitlines():
            click.echo(f"{'':<20}{line}")
