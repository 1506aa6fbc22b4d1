"""Starts SoA from the packages beside this file, with whatever Python there is; uses nothing but its library.

    PYTHON -I start.py [--natives DIR] check        what is missing, as one JSON object
    PYTHON -I start.py install DIR                  puts what is missing into DIR, tells its progress as JSON lines
    PYTHON -I start.py [--natives DIR] COMMAND ...  SoA's own: `serve --stdio`, `doctor --json`, `demo`, ...

`-I` is demanded: without it the user's project could put its modules before ours. DIR belongs to us, in the storage of
the extension, one for all interpreters; it need not exist. Inside is one folder for each kind of interpreter and each
set of versions, such as `cpython-311-x86_64-linux-gnu-0a1b2c3d4e5f`, and only `install` writes there.

*Natives* are packages that are compiled, hence carried for some interpreters only: see natives.txt. Packages are looked
for in `libs`, then among the natives in DIR, then in the interpreter's own environment.

check
    Ends with status 0 whatever it finds:
    `{"python": "3.11.7", "executable": "/usr/bin/python3", "supported": true, "ready": false,
    "missing": ["tree-sitter", "jiter"], "message": "..."}`. `supported`: the interpreter is new enough. `missing`:
    natives that are not there, or that are there and do not work with the rest. `ready`: supported and nothing missing.
    `message`: a sentence for the user when it is not ready, else "".
install
    Lines on stdout, in turn: any number of `{"step": "Installing jiter 0.19.0, ..."}`, and at last either
    `{"done": "/DIR/cpython-311-..."}` with status 0 or `{"error": "...", "advice": "..."}` with status 1: both are
    sentences for the user. What pip says goes to stderr. Wheels in `wheels` are taken first, then the package index of
    the user's pip configuration. It may run several times at once, and be killed at any time.
The rest
    As `soa` does. With an interpreter that is too old, or without `-I`: a sentence on stderr, status 2.

It runs on Python 3.6 and newer, to say there that SoA needs a newer one.
"""

import hashlib
import importlib
import importlib.machinery
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

HERE = Path(__file__).absolute().parent
LIBRARIES = HERE / "libs"
WHEELS = HERE / "wheels"
PIP = HERE / "pip"
REQUIREMENTS = HERE / "natives.txt"

OLDEST = (3, 11)
UNFINISHED = ".new-"
DISCARDED = ".old-"
FORGOTTEN_SECONDS = 3600.0
"""A folder that was to become one of natives and did not change for so long belongs to nobody any more."""


def main(arguments: List[str]) -> int:
    """Do what the command line asks for; the status to exit with."""
    if not sys.flags.isolated:
        return refuse("start.py must be started as: PYTHON -I start.py COMMAND")
    if arguments[:1] == ["install"] and len(arguments) == 2:
        return install(Path(arguments[1]).absolute())
    if arguments[:1] == ["probe"] and len(arguments) == 2:
        open_packages(Path(arguments[1]))
        return write(missing())
    if arguments[:1] == ["--natives"] and len(arguments) > 2:
        open_packages(natives_folder(Path(arguments[1]).absolute()))
        arguments = arguments[2:]
    else:
        open_packages(None)
    return write(check()) if arguments == ["check"] else run(arguments)


def refuse(sentence: str) -> int:
    """Say what is wrong; the status of a usage that cannot be."""
    sys.stderr.write(sentence + "\n")
    return 2


def write(value: object) -> int:
    """Put a JSON value on a line of its own."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()
    return 0


def open_packages(natives: Optional[Path]) -> None:
    """Have imports look at what we carry first, then at `natives`.

    Processes that SoA starts from its own code are given this path by `multiprocessing`. The project's interpreter gets
    none of it: nothing here is said by way of the environment.
    """
    ours = [str(LIBRARIES)]
    if natives is not None and natives.is_dir():
        ours.append(str(natives))
    sys.path[:0] = ours
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"  # those of the project would be imported beside our pydantic


def natives_folder(storage: Path) -> Path:
    """Where the natives for this interpreter are, if they are installed."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    return storage / (tag() + "-" + digest)


def tag() -> str:
    """What extension modules for this interpreter are called; on a Mac that does not say for which processor."""
    named = importlib.machinery.EXTENSION_SUFFIXES[0].split(".")[1]
    return named + "-" + platform.machine() if sys.platform == "darwin" else named


def run(arguments: List[str]) -> int:
    """Be `soa`."""
    if sys.version_info < OLDEST:
        return refuse(too_old())
    sys.argv[:] = ["soa", *arguments]
    importlib.import_module("soa.__main__").main()
    return 0


def too_old() -> str:
    """What to say to an interpreter that SoA does not run on."""
    return f"SoA needs Python {OLDEST[0]}.{OLDEST[1]} or newer; {sys.executable} is {platform.python_version()}."


def check() -> Dict[str, Any]:
    """What can be done with this interpreter; see the top."""
    supported = sys.version_info >= OLDEST
    lacking = missing() if supported else []
    message = "" if supported else too_old()
    if lacking:
        message = f"{sys.executable} lacks what SoA needs: {', '.join(lacking)}."
    return {
        "python": platform.python_version(),
        "executable": sys.executable,
        "supported": supported,
        "ready": supported and not lacking,
        "missing": lacking,
        "message": message,
    }


def missing() -> List[str]:
    """The natives that do not work, found by using them."""
    return [name for name, use in USES.items() if not works(use)]


def works(use: Callable[[], object]) -> bool:
    """Whether something can be used; what is wrong with a foreign package may show as any error."""
    try:
        use()
    except Exception:
        return False
    return True


def parse() -> None:
    """Use a grammar by a parser: each comes in versions that do not fit the other's."""
    language = importlib.import_module("tree_sitter").Language
    parser = importlib.import_module("tree_sitter").Parser
    parser(language(importlib.import_module("tree_sitter_python").language())).parse(b"def f(): ...")


USES: Dict[str, Callable[[], object]] = {
    "tree-sitter": lambda: importlib.import_module("tree_sitter"),
    "tree-sitter-python": parse,
    "pydantic-core": lambda: importlib.import_module("pydantic"),  # it refuses all versions but one
    "jiter": lambda: importlib.import_module("jiter").from_json(b"[", partial_mode=True),
}


class InstallError(Exception):
    """The natives cannot be installed: a sentence that says why."""


def install(storage: Path) -> int:
    """Install the natives for this interpreter; see the top."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the user cancelled: pip ends, and what it wrote is removed
    try:
        if sys.version_info < OLDEST:
            raise InstallError(too_old())
        folder = natives_folder(storage)
        if not complete(folder):
            storage.mkdir(parents=True, exist_ok=True)
            provide(storage, folder)
        sweep(storage, folder)
    except InstallError as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"The packages cannot be put into {storage}: {error.strerror}.")
    return write({"done": str(folder)})


def fail(sentence: str) -> int:
    """Say why nothing was installed; the status of a failure."""
    write({"error": sentence, "advice": advice()})
    return 1


def advice() -> str:
    """What the user can do instead."""
    if sys.version_info < OLDEST:
        return "Set soa.interpreter to a newer one."
    command = f"{sys.executable} -m pip install {' '.join(requirements())}"
    return f"Run `{command}`, or set soa.interpreter to an environment that has them."


def requirements() -> List[str]:
    """The natives with their versions."""
    return REQUIREMENTS.read_text(encoding="ascii").split()


def complete(folder: Path) -> bool:
    """Whether nothing is missing with the natives of a folder: asked in another process, which lets go of the files."""
    if not folder.is_dir():
        return False
    answer = subprocess.run(
        [sys.executable, "-I", str(HERE / "start.py"), "probe", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=False,
    )
    return answer.returncode == 0 and answer.stdout.strip() == b"[]"


def provide(storage: Path, folder: Path) -> None:
    """Make the folder: fill another one, try it, and rename it."""
    fresh = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=str(storage)))
    try:
        fill(fresh)
        write({"step": "Trying them"})
        if not complete(fresh):
            raise InstallError(f"The packages were installed, but do not work with {sys.executable}.")
        put(fresh, folder)
    finally:
        shutil.rmtree(str(fresh), ignore_errors=True)


def fill(fresh: Path) -> None:
    """Install into a folder what is carried, else what the index has."""
    what = ", ".join(requirements()).replace("==", " ")
    if WHEELS.is_dir():
        write({"step": f"Installing {what}"})
        if pip(fresh, "--no-index", "--find-links", str(WHEELS)).returncode == 0:
            return
    write({"step": f"Downloading {what}"})
    answer = pip(fresh, "--retries", "2")
    if answer.returncode:
        raise InstallError(reason(answer.stdout.decode("utf-8", "replace")))


def pip(fresh: Path, *options: str) -> "subprocess.CompletedProcess[bytes]":
    """Run the pip that we carry; what it says goes to stderr as well."""
    carried = next(iter(PIP.glob("pip-*.whl")), None)
    if carried is None:
        raise InstallError(f"The extension is damaged: there is no pip in {PIP}.")
    command = [sys.executable, "-I", str(carried / "pip"), "install", "--target", str(fresh), "--no-deps", *options]
    command += ["--only-binary", ":all:", "--no-input", "--disable-pip-version-check", "-r", str(REQUIREMENTS)]
    # A user may have told pip to install for the user, or into virtual environments only: neither is meant for us.
    environment = dict(os.environ, PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0")
    answer = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=str(fresh),
        check=False,
    )
    sys.stderr.write(answer.stdout.decode("utf-8", "replace"))
    return answer


def reason(log: str) -> str:
    """Why pip failed."""
    if "connection broken" in log or "Could not fetch URL" in log:
        return "The package index cannot be reached."
    errors = [line[len("ERROR: ") :] for line in log.splitlines() if line.startswith("ERROR: ")]
    return "pip: " + (errors[-1] if errors else "it failed without a word.")


def put(fresh: Path, folder: Path) -> None:
    """Let a finished folder take its place, unless another window was first."""
    if folder.is_dir() and not complete(folder):
        discard(folder)
    try:
        fresh.rename(folder)
    except OSError:
        if not complete(folder):
            raise


def discard(folder: Path) -> None:
    """Remove a folder of natives, whole or not at all: where it is in use it may have to stay."""
    try:
        aside = folder.with_name(DISCARDED + folder.name + "-" + str(os.getpid()))
        folder.rename(aside)
    except OSError:
        return
    shutil.rmtree(str(aside), ignore_errors=True)


def sweep(storage: Path, folder: Path) -> None:
    """Remove natives of this kind of interpreter in other versions, and what was left unfinished."""
    for entry in storage.iterdir():
        if entry.name.rpartition("-")[0] == tag() and entry != folder:
            discard(entry)
        elif entry.name.startswith((UNFINISHED, DISCARDED)) and forgotten(entry):
            shutil.rmtree(str(entry), ignore_errors=True)


def forgotten(entry: Path) -> bool:
    """Whether nobody works at a folder any more."""
    try:
        return time.time() - entry.stat().st_mtime > FORGOTTEN_SECONDS
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
