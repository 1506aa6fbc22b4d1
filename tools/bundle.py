"""Fills the folder that the VS Code extension carries with what its launcher needs.

    python tools/bundle.py [--wheels current|none|TARGET] [--pythons 3.11,3.12,...] [--into FOLDER]
    python tools/bundle.py --target              only says what vsce calls this platform

`libs` gets SoA itself and the pure-Python packages of client-vscode/requirements.txt, `pip` the pip that installs the
compiled ones on the user's machine, `wheels` those for some interpreters of one platform, so that nothing has to be
downloaded there. TARGET is a platform as vsce calls it. What was downloaded is kept in build/bundle.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Fill: TypeAlias = "Callable[[Path], object]"
"""Puts what belongs there into an empty folder."""

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "client-vscode"
REQUIREMENTS = CLIENT / "requirements.txt"
NATIVES = CLIENT / "bundled" / "natives.txt"
KEPT = ROOT / "build" / "bundle"

INSTALLER = "pip==26.3"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")

PLATFORMS = {
    "linux-x64": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64"),
    "linux-arm64": ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
    "alpine-x64": ("musllinux_1_2_x86_64", "musllinux_1_1_x86_64"),
    "alpine-arm64": ("musllinux_1_2_aarch64", "musllinux_1_1_aarch64"),
    "darwin-x64": ("macosx_11_0_x86_64",),
    "darwin-arm64": ("macosx_11_0_arm64",),
    "win32-x64": ("win_amd64",),
    "win32-arm64": ("win_arm64",),
}
"""The platforms of vsce, and what wheels for them are called."""

UNUSED = ("jedi/third_party/typeshed/stubs",)
"""Jedi's knowledge of other people's libraries: only what the project itself defines is shown to an agent."""


def main() -> None:
    """Do what the command line asks for."""
    asked = arguments()
    if asked.target:
        say(this_platform())
    else:
        bundle(asked.into, this_platform() if asked.wheels == "current" else asked.wheels, asked.pythons.split(","))


def bundle(into: Path, target: str, pythons: Sequence[str]) -> None:
    """Fill a folder, with wheels for a platform or "none", and print sizes."""
    put(libraries, into / "libs")
    put(lambda folder: shutil.copytree(installer(), folder, dirs_exist_ok=True), into / "pip")
    if target == "none":
        shutil.rmtree(into / "wheels", ignore_errors=True)
    else:
        put(lambda folder: wheels(target, pythons, folder), into / "wheels")
    launcher(into)
    for name in ("libs", "pip", "wheels"):
        say(f"  {name:7} {describe(into / name)}")


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description="Fill the folder that the VS Code extension carries.")
    parser.add_argument("--wheels", default="current", choices=["current", "none", *PLATFORMS])
    parser.add_argument("--pythons", default=",".join(PYTHONS), help="versions that wheels are carried for")
    parser.add_argument("--target", action="store_true", help="say what vsce calls this platform")
    parser.add_argument("--into", type=Path, default=CLIENT / "bundled")
    return parser.parse_args()


def this_platform() -> str:
    """This machine, as vsce calls it."""
    system = {"linux": "linux", "darwin": "darwin", "win32": "win32"}[sys.platform]
    if system == "linux" and platform.libc_ver()[0] != "glibc":
        system = "alpine"
    machine = "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x64"
    return f"{system}-{machine}"


def libraries(libs: Path) -> None:
    """Fill a folder with SoA and its pure-Python packages."""
    shutil.copytree(kept("packages", REQUIREMENTS.read_text(), packages), libs, dirs_exist_ok=True)
    shutil.copytree(ROOT / "server" / "soa", libs / "soa", ignore=shutil.ignore_patterns("__pycache__"))


def packages(folder: Path) -> None:
    """Install the pure-Python packages into a folder, without what is of no use to us."""
    pure = ("--platform", "any", "--abi", "none", "--implementation", "py", "--python-version", PYTHONS[0])
    pip("install", "--target", folder, "--no-compile", *pure, "-r", REQUIREMENTS)
    for path in [*folder.rglob("tests"), folder / "bin", *(folder / name for name in UNUSED)]:
        shutil.rmtree(path, ignore_errors=True)
    for notes in folder.glob("*.dist-info"):
        strip(notes)


def strip(notes: Path) -> None:
    """Leave of a package's notes what says its version and its licence."""
    for path in [p for p in notes.rglob("*") if p.is_file()]:
        if path.name != "METADATA" and not path.name.upper().startswith(("LICEN", "COPYING", "NOTICE", "AUTHORS")):
            path.unlink()


def installer() -> Path:
    """A folder with the wheel of pip: it runs without being unpacked."""
    return kept("pip", INSTALLER, lambda folder: pip("download", "--dest", folder, INSTALLER))


def wheels(target: str, pythons: Sequence[str], folder: Path) -> None:
    """Fill a folder with the wheels of the natives for a platform."""
    for python in pythons:
        shutil.copytree(natives(target, python), folder, dirs_exist_ok=True)


def natives(target: str, python: str) -> Path:
    """A folder with the wheels of the natives for a platform and one version of Python."""
    names = (option for name in PLATFORMS[target] for option in ("--platform", name))
    options = ("--python-version", python, *names, "-r", str(NATIVES))
    content = " ".join((*options, NATIVES.read_text()))
    return kept(f"wheels-{target}-{python}", content, lambda folder: pip("download", "--dest", folder, *options))


def pip(command: str, *options: str | Path) -> None:
    """Run pip for wheels of exactly these versions; what it says is shown if it fails."""
    exact = ("--disable-pip-version-check", "--no-input", "--no-deps", "--only-binary", ":all:")
    answer = subprocess.run(
        [sys.executable, "-m", "pip", command, *exact, *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if answer.returncode:
        sys.exit(answer.stdout.decode(errors="replace"))


def kept(name: str, content: str, fill: Fill) -> Path:
    """A folder under build/bundle that is filled once for each content."""
    program = Path(__file__).read_bytes()
    folder = KEPT / f"{name}-{hashlib.sha256(program + content.encode()).hexdigest()[:12]}"
    if not folder.is_dir():
        put(fill, folder)
    return folder


def put(fill: Fill, folder: Path) -> None:
    """Fill a folder that takes the place of the one that is there when it is finished."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".bundle-") as place:
        fresh = Path(place, "fresh")
        fresh.mkdir()
        fill(fresh)
        if folder.exists():
            folder.rename(Path(place, "before"))
        fresh.rename(folder)


def launcher(into: Path) -> None:
    """Put the launcher beside what it launches, if that is not where it stands."""
    for path in (CLIENT / "bundled").iterdir():
        if path.is_file() and path.parent.resolve() != into.resolve():
            shutil.copy(path, into)


def describe(folder: Path) -> str:
    """How large a folder is."""
    sizes = [path.stat().st_size for path in files(folder)]
    return f"{sum(sizes) / 1e6:6.1f} MB in {len(sizes)} files"


def files(folder: Path) -> Iterator[Path]:
    """All files below a folder."""
    return (Path(where, name) for where, _, names in os.walk(folder) for name in names)


def say(line: str) -> None:
    """Tell whoever builds."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
