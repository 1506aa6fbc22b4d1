"""The harness runs in interpreters older than ours, with nothing installed."""

from __future__ import annotations

import ast
import sys

import pytest

from soa.sandbox.interpreter import HARNESS, OLDEST

FILES = sorted(HARNESS.glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_it_is_written_for_the_oldest_interpreter(path):
    tree = ast.parse(path.read_text(), feature_version=OLDEST)
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    imported |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and not n.level}
    allowed = sys.stdlib_module_names | ({"pytest"} if path.name == "pytests.py" else set())
    assert {name.partition(".")[0] for name in imported} <= allowed
