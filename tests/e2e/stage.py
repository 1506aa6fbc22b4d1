"""A project, a model's endpoint and a recorded server for real editors."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from loopback import Hang
from traffic import Traffic, check_traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from loopback import ChatRequest, Fault

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "editors.md"
PATIENCE = 90
"""Seconds after which an editor that hangs is ended and its test fails."""

MODULE = '''"""Amounts. 😀"""

from __future__ import annotations

RATE = 2  # stays where it is


def total(amounts: list[int]) -> int:
    """The sum of the amounts, doubled — naïvely.

    >>> total([1, 2])
    6
    """


def after(amount: int) -> int:
    """What stands below; no stub."""
    return amount + RATE
'''
RETYPED = MODULE.replace("doubled", "times RATE")
"""With another contract."""
WORDS = '''def initials(words: list[str]) -> str:
    """The first letters of the words.

    >>> initials(["self", "organized", "agents"])
    'soa'
    """
    ...
'''
TESTS = """from amounts import after, total


def test_total():
    assert total([]) == 0
    assert total([5]) == 10


def test_after():
    assert after(1) == 3
"""
BODIES = {
    "total": "def total(amounts: list[int]) -> int:\n    return sum(amounts) * RATE\n",
    "initials": 'def initials(words: list[str]) -> str:\n    return "".join(word[0] for word in words)\n',
}
END_OF_DOCSTRING = '    """\n'


def truth(request: ChatRequest) -> str:
    """A model that knows the answers."""
    return f"Here it is.\n\n```python\n{BODIES[request.name]}```\n"


def silence(request: ChatRequest) -> Fault:
    """A model that thinks for ever."""
    return Hang()


def accepted(text: str, name: str) -> str:
    """A module after its one stub, without `...`, got the body that the model gives."""
    head, end, tail = text.partition(END_OF_DOCSTRING)
    return head + end + BODIES[name].partition("\n")[2] + tail


@frozen
class Project:
    """A folder with two modules, their tests, and a server for it."""

    folder: Path
    environ: Mapping[str, str]
    record: Path
    """What the server and the editor said to each other, one message a line."""
    report: Path
    """What a scenario told, as JSON."""

    def text(self, name: str = "amounts.py") -> str:
        return (self.folder / name).read_bytes().decode()

    def passes(self, *paths: str) -> bool:
        """Whether the project's own tests pass, with what was saved; those of some paths alone, if there are any."""
        options = ["-q", "-p", "no:cacheprovider", "--doctest-modules"]
        run = [sys.executable, "-m", "pytest", *options, *(paths or ("amounts.py", "tests"))]
        return subprocess.run(run, cwd=self.folder, env=self.environ, capture_output=True, check=False).returncode == 0

    def edit(self, *command: str, patience: float = PATIENCE, **environ: str) -> dict[str, Any]:
        """Run an editor through a scenario; what the scenario told."""
        whole = {**self.environ, "REPORT": str(self.report), **environ}
        done = subprocess.run(
            command, cwd=self.folder, env=whole, capture_output=True, text=True, timeout=patience, check=False
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{self.conversation()}"
        return dict(json.loads(self.report.read_text()))

    def traffic(self) -> Traffic:
        """The whole conversation, once the server is gone; each of its messages is valid."""
        lines = self.lines()
        rests = [line["rest"] for line in lines if "rest" in line]
        assert not rests, f"no message, but sent: {rests}"
        return check_traffic([(line["from"] == "server", line["message"]) for line in lines])

    def lines(self) -> list[dict[str, Any]]:
        """The record, once the server is gone."""
        with self.record.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            return [json.loads(line) for line in file]

    def answer_to(self, ident: int) -> dict[str, Any]:
        """What the server answered to a request of the editor."""
        said = (line["message"] for line in self.lines() if line["from"] == "server")
        return next(message for message in said if message.get("id") == ident and "method" not in message)

    def conversation(self) -> str:
        """What was said, shortened, for the reader of a failure."""
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        return "\n".join(line[:300] for line in lines[-60:])


def lay_out(folder: Path) -> None:
    """Write the two modules and the tests."""
    (folder / "tests").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "amounts"\n[tool.pytest.ini_options]\npythonpath = "."\n')
    (folder / "amounts.py").write_bytes(MODULE.encode())
    (folder / "words.py").write_bytes(WORDS.encode())
    (folder / "tests" / "test_amounts.py").write_text(TESTS)


def build(place: Path, url: str, files: Callable[[Path], None] = lay_out) -> Project:
    """Make the project, for a model whose API stands at a URL.

    Parameters
    ----------
    files
        Makes a folder with the project's files.
    """
    folder, programs, home = place / "project", place / "bin", place / "home"
    for made in (programs, home):
        made.mkdir(parents=True)
    files(folder)
    record = place / "record.jsonl"
    recorder = [sys.executable, str(HERE / "recorder.py"), str(record), sys.executable, "-m", "soa"]
    (programs / "soa").write_text(f'#!/bin/sh\nexec {" ".join(recorder)} "$@"\n')
    (programs / "soa").chmod(0o755)
    environ = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "OPENAI_BASE_URL": url,
        "OPENAI_API_KEY": "loopback",
        "SOA_PYTHON": sys.executable,
        **{f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")},
    }
    return Project(folder, environ, record, place / "report.json")


def documented(language: str) -> str:
    """The first block of a language in the page for users: what it tells them to write is what is tested."""
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found, language
    return found[1]
