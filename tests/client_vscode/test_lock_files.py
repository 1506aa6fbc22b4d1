"""Lock files and lists of packages say which versions, never from where."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\0")
    if Path(name).name in {"package-lock.json", "npm-shrinkwrap.json", "requirements.txt", "natives.txt", ".npmrc"}
    or Path(name).suffix == ".lock"
]  # fmt: skip


def keys(value):
    """All keys of a JSON value."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from keys(item)


@pytest.mark.parametrize("path", LOCKED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_address_is_named(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        packages = json.loads(text)["packages"]
        assert "resolved" not in set(keys(packages))
        text = json.dumps([{k: v for k, v in p.items() if k != "funding"} for p in packages.values()])
    assert "http:" not in text
    assert "https:" not in text


def test_the_lock_files_are_there():
    names = {path.relative_to(ROOT).as_posix() for path in LOCKED}
    assert {"client-vscode/package-lock.json", "client-vscode/requirements.txt"} <= names
