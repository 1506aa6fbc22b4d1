from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soa.source.meaning import Meaning, site_folders

if TYPE_CHECKING:
    from collections.abc import Iterator

MODELS = '''"""The models.

At length."""
LIMIT: int = 3

class Entry:
    """An entry."""

    amount: int

    def __init__(self, amount):
        self.amount = amount

    def double(self) -> int:
        """Twice."""
        return self.amount * 2

def parse(text: str) -> Entry:
    """Parse an entry.

    In every detail."""
    return Entry(int(text))
'''

ASKED = """from . import Entry
from .models import LIMIT
from . import models
import json
import attrs
Entry
LIMIT
models
models.parse
json.loads
attrs.define
missing
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").write_text("from .models import Entry\n")
    (tmp_path / "shop/models.py").write_text(MODELS)
    (tmp_path / "json.py").write_text("raise SystemExit('the project was run')\n")
    return tmp_path


@pytest.fixture
def meaning(root: Path) -> Iterator[Meaning]:
    meaning = Meaning(root, Path(sys.executable), seconds=20)
    yield meaning
    meaning.close()


async def ask(meaning: Meaning, root: Path, text: str = "from .models import LIMIT\n") -> int:
    """How many definitions the last name of a text has."""
    line = text.rstrip().count("\n")
    (answer,) = await meaning.definitions(root / "shop/x.py", text, [(line, len(text.rstrip()) - line - 1)])
    return len(answer)


async def test_definitions_of_the_project_and_of_nothing_else(meaning: Meaning, root: Path) -> None:
    positions = [(5, 0), (6, 0), (7, 0), (8, 7), (10, 6), (11, 0)]
    entry, limit, module, parse, installed, missing = await meaning.definitions(root / "shop/x.py", ASKED, positions)
    assert entry[0].text.split("\n") == [
        "class Entry:",
        '    """An entry."""',
        "    amount: int",
        "    def __init__(self, amount):",
        "        # self.amount = amount",
        "        ...",
        "    def double(self) -> int:",
        '        """Twice."""',
    ]
    assert (entry[0].path, entry[0].line) == (str(root / "shop/models.py"), 5)
    assert limit[0].text == "LIMIT: int = 3"
    assert module[0].text == (
        '"""The models. [...]"""\nclass Entry:\n    """An entry."""\n    amount: int\n'
        'def parse(text: str) -> Entry:\n    """Parse an entry. [...]"""'
    )
    assert parse[0].text == 'def parse(text: str) -> Entry:\n    """Parse an entry.\n\n    In every detail."""'
    assert installed == missing == ()


async def test_a_text_that_does_not_parse_is_no_reason_to_fail(meaning: Meaning, root: Path) -> None:
    answers = await meaning.definitions(root / "shop/x.py", 'from . import Entry\nx = (\n"""', [(0, 15), (99, 99)])
    assert len(answers[0]) == 1
    assert answers[1] == ()


async def test_a_link_out_of_the_workspace_is_not_followed(meaning: Meaning, root: Path) -> None:
    outside = root.parent / f"{root.name}-outside.py"
    outside.write_text("SECRET = 1\n")
    (root / "shop/linked.py").symlink_to(outside)
    assert await ask(meaning, root, "from .linked import SECRET\n") == 0


async def test_the_death_of_the_process_is_survived_once(meaning: Meaning, root: Path) -> None:
    await meaning.warm()
    for expected in (1, 0):
        assert meaning.pid
        os.kill(meaning.pid, signal.SIGKILL)
        assert await ask(meaning, root) == expected
    assert meaning.pid is None
    assert await ask(meaning, root) == 0


async def test_an_answer_that_does_not_come_is_not_waited_for(meaning: Meaning, root: Path) -> None:
    hasty = Meaning(root, Path(sys.executable), seconds=0.001)
    assert await ask(hasty, root) == 0
    assert hasty.pid is None
    hasty.close()


async def test_closing_ends_the_process_and_the_question_under_way(meaning: Meaning, root: Path) -> None:
    await meaning.warm()
    pid = meaning.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    asked = asyncio.create_task(ask(meaning, root))
    await asyncio.sleep(0)
    meaning.close()
    assert await asked == 0
    assert all(p.pid != pid for p in active_children())
    assert await ask(meaning, root) == 0
    meaning.close()


def test_packages_of_a_virtual_environment_are_found_without_running_it(tmp_path: Path) -> None:
    site = tmp_path / ".venv/lib/python3.11/site-packages"
    site.mkdir(parents=True)
    (tmp_path / "library").mkdir()
    (site / "editable.pth").write_text(f"import os\n{tmp_path / 'library'}\n/does/not/exist\n")
    assert site_folders(tmp_path / ".venv/bin/python") == ()
    (tmp_path / ".venv/pyvenv.cfg").write_text("home = /usr/bin\n")
    assert site_folders(tmp_path / ".venv/bin/python") == (site, tmp_path / "library")


SCRIPT = """
import asyncio, sys
from pathlib import Path
from soa.source.meaning import Meaning

async def main():
    meaning = Meaning(Path(sys.argv[1]), Path(sys.executable))
    await meaning.warm()
    print(meaning.pid, flush=True)
    if sys.argv[2] == "wait":
        await asyncio.Event().wait()

if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
"""


@pytest.mark.parametrize("end", ["wait", "leave"])
def test_it_ends_with_its_parent_and_says_nothing(root: Path, end: str) -> None:
    script = root / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(root), end]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout
        pid = int(process.stdout.readline())
        if end == "wait":
            os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (out, err, process.returncode) == ("", "", 0)
    assert not is_running(pid)


def is_running(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
