"""Running a program of the tests as a plain user, where we are none ourselves."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import attrs
import pytest

import soa

PLAIN = "/usr/bin/python3"
"""An interpreter that every user may run."""


def run_as_nobody(program: str, *arguments: str, seconds: float | None = 200) -> Any:
    """Run a program of the tests as a user without rights; return what it printed, read as JSON. Skip if we cannot."""
    if os.getuid() != 0:
        pytest.skip("we are a plain user already")
    if not Path(PLAIN).exists() or subprocess.run([PLAIN, "-c", "import enum; enum.StrEnum"], check=False).returncode:
        pytest.skip(f"{PLAIN} is missing or too old")
    path = [str(Path(m.__file__).parents[1]) for m in (attrs, soa)] + [str(Path(program).parent)]
    done = subprocess.run(
        [PLAIN, program, *arguments],
        env={"PYTHONPATH": ":".join(path), "SOA_CANARY": "secret", "PATH": os.environ["PATH"], "HOME": "/nonexistent"},
        user="nobody",
        group="nogroup",
        extra_groups=[],
        cwd="/",
        capture_output=True,
        check=False,
        timeout=seconds,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
