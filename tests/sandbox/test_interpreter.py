"""Asking interpreters."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import pytest

from soa.errors import SandboxError
from soa.sandbox.interpreter import probe


def program(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


async def test_our_own_interpreter():
    found = await probe(Path(sys.executable))
    assert found.version == sys.version_info[:3]
    assert str(found.prefixes[0]) == sys.prefix
    names = zipfile.ZipFile(io.BytesIO(found.harness)).namelist()
    assert {"soa_harness/main.pyc", "soa_harness/__init__.pyc"} <= set(names)
    assert not found.links[-1].is_symlink()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("echo hello", "does not answer like a Python interpreter"),
        (
            """echo '{"version": [3, 8, 1], "prefixes": [], "path": [], "harness": {}}' >/proc/self/fd/$5""",
            "is Python 3.8",
        ),
        ("exit 3", "does not answer"),
    ],
)
async def test_programs_that_will_not_do(tmp_path, text, said):
    with pytest.raises(SandboxError, match=said) as caught:
        await probe(program(tmp_path / "python", text))
    assert "--python" in caught.value.advice


async def test_a_file_that_is_no_program(tmp_path):
    path = tmp_path / "python"
    path.touch()
    with pytest.raises(SandboxError, match="cannot be started"):
        await probe(path)
