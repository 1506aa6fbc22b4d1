"""What a real VS Code needs besides the project: where it is, extensions, settings, a way to record the server."""

from __future__ import annotations

import difflib
import json
import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soa.demo import REPLIES, copy_project
from soa.model.recorded import load_records

if TYPE_CHECKING:
    from e2e.stage import Project
    from loopback import ChatRequest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
BUILD = ROOT / "build"
INSTALLED = BUILD / "vscode"
NODE = BUILD / "node" / "bin"
PICTURES = BUILD / "screenshots"
PATIENCE = 200
"""Seconds: more than the driver has for a scenario, which ends VS Code in order."""
CHROMIUM = shutil.which("chromium")


def example(folder: Path) -> None:
    """The example project, as `soa demo` has it."""
    copy_project(folder)


def recorded(request: ChatRequest) -> str:
    """The model of `soa demo`; it has nothing to say to what was not asked there."""
    replies = [r.text for r in load_records(REPLIES) if (r.step, r.target) == (request.step, request.target)]
    return replies[min(request.answered, len(replies) - 1)] if replies else "I do not know."


def vsix() -> Path:
    """The extension as users get it."""
    found = sorted(BUILD.glob("soa-language-server*.vsix"), key=lambda file: file.stat().st_mtime)
    assert found, "there is no build/soa-language-server*.vsix: run `make vsix`"
    return found[-1]


def packed(folder: Path, target: Path) -> Path:
    """An extension of a folder as a VSIX."""
    manifest = json.loads((folder / "package.json").read_text())
    with zipfile.ZipFile(target / f"{manifest['name']}.vsix", "w") as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("extension.vsixmanifest", MANIFEST.format(**manifest))
        for file in folder.iterdir():
            archive.write(file, f"extension/{file.name}")
    return target / f"{manifest['name']}.vsix"


def only_adds(before: str, after: str) -> bool:
    """Whether nothing of a text is gone from another one."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return not any(line.startswith("- ") for line in lines)


def recording_python(project: Project) -> Path:
    """An interpreter that records what the server that it runs and the editor say to each other.

    Asked who it is, it names itself.
    """
    python = project.record.with_name("python")
    recorder = HERE.parent / "recorder.py"
    python.write_text(PYTHON.format(python=sys.executable, recorder=recorder, record=project.record))
    python.chmod(0o755)
    return python


def play(
    project: Project, scenario: str, *, file: str = "amounts.py", trust: bool = False, expected: str = "", **stage: Any
) -> dict[str, Any]:
    """Open a file of the project in VS Code and go through a scenario; what it told.

    Parameters
    ----------
    trust
        Whether VS Code asks whether the folder is trusted.
    expected
        What errors that VS Code shows may say, as a regular expression.
    stage
        `settings` besides those that name the interpreter, `extensions` besides ours, `folder` to open another one,
        `environ` for VS Code, and whatever the scenario itself wants to know.
    """
    place = project.record.parent
    environ = stage.pop("environ", {})
    settings = {"soa.interpreter": str(recording_python(project)), "soa.onSave": "off", **stage.pop("settings", {})}
    whole = {
        "name": scenario,
        "vscode": str(INSTALLED),
        "chromium": CHROMIUM,
        "place": str(place),
        "pictures": str(PICTURES),
        "record": str(project.record),
        "folder": str(project.folder),
        "file": str(project.folder / file) if file else "",
        "trust": trust,
        "settings": settings,
        "extensions": [str(vsix()), *map(str, stage.pop("extensions", ()))],
        **stage,
    }
    (PICTURES / f"failed-{scenario}.png").unlink(missing_ok=True)
    (place / "stage.json").write_text(json.dumps(whole))
    script = HERE / "scenarios" / f"{scenario}.mjs"
    command = [str(NODE / "node"), str(HERE / "drive.mjs"), str(script), str(place / "stage.json"), str(project.report)]
    told = project.edit(*command, patience=PATIENCE, **environ)
    assert not told["outside"], f"asked for elsewhere: {told['outside']}"
    surprises = [error for error in told["errors"] if not (expected and re.search(expected, error))]
    assert not surprises, "\n".join(surprises)
    return told


PYTHON = """#!/bin/sh
case "$*" in
    *" serve "*) exec {python} {recorder} {record} {python} "$@" ;;
    *" check") {python} "$@" | sed "s|{python}|$0|" ;;
    *) exec {python} "$@" ;;
esac
"""
TYPES = """<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension=".json" ContentType="application/json"/>
<Default Extension=".js" ContentType="application/javascript"/>
<Default Extension=".vsixmanifest" ContentType="text/xml"/>
</Types>
"""
MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
<Metadata>
<Identity Language="en-US" Id="{name}" Version="{version}" Publisher="{publisher}"/>
<DisplayName>{displayName}</DisplayName>
<Description xml:space="preserve">{description}</Description>
</Metadata>
<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
<Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/></Assets>
</PackageManifest>
"""
