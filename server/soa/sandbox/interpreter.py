"""What the project's interpreter is: asked once, by running it."""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

from attrs import field, frozen

from soa.errors import SandboxError
from soa.sandbox.launch import Command, launch
from soa.sandbox.systems import check_runs

OLDEST = (3, 9)
PROBE_SECONDS = 30.0
ANSWER_BYTES = 4 << 20
ANOTHER = "Choose another one with --python."
MODULES = {".py", ".so", ".pyd", ".dist-info", ".egg-info"}
"""Suffixes of what stands in a folder of modules."""
HARNESS = Path(__file__).parent / "harness"

_HELD = r"""
import json, os, sys
sys.path.append(sys.argv[1])
from harness import landlock, seccomp
landlock.restrict([os.devnull], network=False)
seccomp.install(alone=True)
try:
    os.execv(sys.argv[2], sys.argv[2:])
except OSError as error:
    os.write(int(sys.argv[-1]), json.dumps({"trouble": error.strerror}).encode("ascii"))
"""
"""Gives up, as far as the kernel has means for that, to write anything and to reach anyone, then becomes another
program: an interpreter runs what its environment holds when it starts, and the environment may be part of a project
that somebody merely opened."""

_PROBE = r"""
import base64, importlib.util, json, marshal, os, sys
folder, out = sys.argv[1], sys.argv[3]
def compiled(name):
    path = os.path.join(folder, name)
    with open(path, "rb") as file:
        code = compile(file.read(), "<soa harness>/" + name, "exec", dont_inherit=True)
    data = importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code)
    return base64.b64encode(data).decode("ascii")
def editable():
    for name, module in list(sys.modules.items()):
        if name.startswith("__editable__") and isinstance(getattr(module, "MAPPING", None), dict):
            for top, place in module.MAPPING.items():
                if os.path.basename(place).split(".")[0] == top:
                    yield os.path.dirname(place)
answer = {
    "version": list(sys.version_info[:3]),
    "prefixes": [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix],
    "path": [p for p in [*sys.path[1:], *editable()] if p and os.path.exists(p)],
    "harness": {n + "c": compiled(n) for n in os.listdir(folder) if n.endswith(".py")}
    if sys.version_info >= (3, 9) else {},
}
with open(int(out), "w") as file:
    json.dump(answer, file)
"""


@frozen
class Interpreter:
    """An interpreter, as far as a sandbox must know it."""

    executable: Path
    version: tuple[int, int, int]
    prefixes: tuple[Path, ...]
    """`prefix`, `exec_prefix` and their base forms, in this order, repetitions included."""
    path: tuple[Path, ...]
    """Its `sys.path`, the folders of editable installs included, as far as there are modules in them."""
    harness: bytes = field(repr=False)
    """The harness compiled by it: an archive from which it is imported."""

    @property
    def visible(self) -> tuple[Path, ...]:
        """The folders and archives it needs, each once."""
        return tuple(dict.fromkeys((*self.prefixes, *self.path)))

    def inside(self, root: Path) -> tuple[Path, ...]:
        """The folders inside of a workspace that hold what is installed, not the project's files."""
        library = Path("lib", f"python{self.version[0]}.{self.version[1]}")
        folders = (prefix / library if prefix == root else prefix for prefix in self.prefixes)
        return tuple(dict.fromkeys(p for p in folders if p.is_relative_to(root)))

    @property
    def links(self) -> tuple[Path, ...]:
        """The symbolic links on the way from the executable to the program itself, and the program."""
        chain = [self.executable]
        while chain[-1].is_symlink() and len(chain) < 40:
            chain.append(chain[-1].parent / chain[-1].readlink())
        return tuple(chain)


async def probe(python: Path) -> Interpreter:
    """Ask an interpreter for its version and its paths, and let it compile the harness.

    Raises
    ------
    SandboxError
        It does not start, does not answer, or is older than Python 3.9; or nothing can be run on this system.
    """
    check_runs(sys.platform)
    raw = await _ask(python)
    try:
        answer = json.loads(raw)
    except ValueError:
        raise SandboxError(f"{python} does not answer like a Python interpreter.", ANOTHER) from None
    if "trouble" in answer:
        raise SandboxError(f"{python} cannot be started: {answer['trouble']}.", ANOTHER)
    return _read(python, answer)


def _read(python: Path, answer: dict[str, Any]) -> Interpreter:
    major, minor, micro = answer["version"]
    if (major, minor) < OLDEST:
        raise SandboxError(
            f"{python} is Python {major}.{minor}; candidates can be run by Python 3.9 or newer.",
            ANOTHER,
        )
    prefixes = tuple(Path(p) for p in answer["prefixes"])
    return Interpreter(
        python,
        (major, minor, micro),
        prefixes,
        tuple(p for p in map(Path, answer["path"]) if any(map(p.is_relative_to, prefixes)) or _holds_modules(p)),
        _archive({name: base64.b64decode(data) for name, data in answer["harness"].items()}),
    )


def _holds_modules(path: Path) -> bool:
    """Whether modules can be imported from there.

    A line in a `.pth` file may name anything, and candidates see what is named.
    """
    if not path.is_dir():
        return zipfile.is_zipfile(path)
    try:
        found = list(path.iterdir())
        return any(p.suffix in MODULES for p in found) or any((p / "__init__.py").is_file() for p in found)
    except OSError:
        return False


def _archive(files: dict[str, bytes]) -> bytes:
    """A package in one file: a sandbox then has one thing to mount."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(f"soa_harness/{name}", data)
    return buffer.getvalue()


async def _ask(python: Path) -> bytes:
    """Run the probe, held; its answer comes over a channel of its own, for what a `.pth` file runs may print."""
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    held = (sys.executable, "-I", "-S", "-c", _HELD, str(HARNESS.parent)) if sys.platform == "linux" else ()
    command = Command((*held, str(python), "-c", _PROBE, str(HARNESS)), known, Path("/"))
    try:
        ending = await launch(command, b"", PROBE_SECONDS, (ANSWER_BYTES, 1 << 12))
    except OSError as error:
        raise SandboxError(f"{python} cannot be started: {error.strerror}.", ANOTHER) from None
    if ending.timed_out:
        raise SandboxError(f"{python} did not answer within {PROBE_SECONDS:g} s.", ANOTHER)
    return ending.said
