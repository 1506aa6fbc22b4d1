"""What `soa doctor` looks at."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import asdict, frozen

from soa.cli import report
from soa.cli.boundary import DONE, INCOMPLETE
from soa.cli.options import settings_for
from soa.cli.running import run_stoppable
from soa.engine.opening import find_model, is_special
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
    models: tuple[str, ...] = ()
    """For `model`: all names that can be asked for there."""
    base_url: str = ""
    """For `model`: what to set as `base-url` to ask there, without secrets."""
    automatic: bool = False
    """For `sandbox`: whether it is the kind that `auto` takes."""


EDITORS = ("code", "codium", "nvim", "emacs", "hx", "subl", "kak", "zed")
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
    found = await _models(root, settings)
    try:
        python = find_python(root, settings.python)
    except ConfigurationError as error:
        return [
            *found,
            Finding("interpreter", settings.python, False, error.message, error.advice),
            _store(),
            _editor(),
        ]
    found += [
        Finding("sandbox", f.name, f.works, f.reason, f.advice, automatic=f.automatic)
        for f in await examine_sandboxes(python)
    ]
    return [*found, await _interpreter(python), await _jedi(root, python), _store(), _editor()]


async def _models(root: Path, settings: Settings) -> list[Finding]:
    if is_special(settings.model):
        return [await _special_model(root, settings)]
    models = await survey(settings, os.environ)
    return [Finding("model", f.where, f.works, report.named(f.models), f.advice, f.models, f.base_url) for f in models]


async def _special_model(root: Path, settings: Settings) -> Finding:
    """A file of replies, or the editor's own model, which the terminal does not have."""
    try:
        await (await find_model(root, settings)).close()
    except SoaError as error:
        return Finding("model", settings.model, False, error.message, error.advice)
    return Finding("model", settings.model, True, "its recorded replies can be read")


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


def _editor() -> Finding:
    """Whether the language server can be started, and the editors that are here."""
    try:
        import_module("soa.lsp.server")
    except ImportError as error:
        return Finding("editor", "soa serve", False, str(error), "Install soa-language-server again.")
    found = [name for name in EDITORS if shutil.which(name)]
    here = f"; here there is {report.named(found)}" if found else ""
    what = f"soa serve (pygls {importlib.metadata.version('pygls')})"
    return Finding("editor", what, True, f"any editor with LSP{here}", "How to set up yours: docs/editors.md")


def _say_how_to_set_a_model(working: set[str]) -> None:
    if "model" not in working:
        click.echo(f"\nNo model can be asked. {ADVICE}")


def _print(findings: list[Finding]) -> None:
    for finding in findings:
        mark = click.style("works", fg="green") if finding.works else click.style("no   ", fg="red")
        taken = ", taken by auto" if finding.automatic else ""
        detail = f": {finding.detail}" if finding.detail else ""
        click.echo(f"{finding.part:<12} {mark}  {finding.what}{taken}{detail}")
        for line in finding.advice.splitlines():
            click.echo(f"{'':<20}{line}")
