"""The launcher that the VS Code extension carries, as the extension starts it."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = "http://127.0.0.1:9/simple"
"""A package index that cannot be reached."""


@frozen
class Launcher:
    """One interpreter, one launcher, one storage."""

    python: Path
    script: Path
    storage: Path
    index: str = NOWHERE
    environ: dict[str, str] = field(factory=dict)

    @property
    def soa(self) -> tuple[str, ...]:
        """How `soa` is started."""
        return str(self.python), "-I", str(self.script), "--natives", str(self.storage)

    @property
    def surroundings(self) -> dict[str, str]:
        """The environment: pip knows the index and nothing of the machine's own."""
        ours = {"PIP_INDEX_URL": self.index, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1", **self.environ}
        return {**{name: value for name, value in os.environ.items() if not name.startswith("PIP_")}, **ours}

    def start(self, *arguments: str, folder: Path | None = None) -> subprocess.Popen[str]:
        """Start the launcher."""
        command = [str(self.python), "-I", str(self.script), *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, env=self.surroundings, cwd=folder, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
        )

    def run(self, *arguments: str, folder: Path | None = None) -> tuple[int, str, str]:
        """Run the launcher to its end: status, output, errors."""
        with self.start(*arguments, folder=folder) as process:
            out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def check(self, folder: Path | None = None) -> dict[str, Any]:
        """What it says is missing."""
        status, out, err = self.run("--natives", str(self.storage), "check", folder=folder)
        assert (status, err) == (0, "")
        return json.loads(out)

    def install(self) -> tuple[int, list[dict[str, str]]]:
        """Install: status and progress."""
        status, out, err = self.run("install", str(self.storage))
        assert "Traceback" not in err
        return status, [json.loads(line) for line in out.splitlines()]

    def stored(self) -> list[str]:
        """What is in the storage."""
        return sorted(path.name for path in self.storage.iterdir())
