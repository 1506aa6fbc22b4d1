"""A project, a home full of secrets, and who sits in it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
from attrs import field, frozen

import soa
from soa.sandbox.harness import syscalls
from soa.settings import SandboxChoice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

AIM = Path(__file__).with_name("aim.py")
HOLDING = tuple(kind for kind in get_args(SandboxChoice) if kind not in ("auto", "process", "off"))
"""The kinds of sandbox that promise to hold whatever runs in them."""
FIELD = "/var/tmp"
"""Where camps are: not below `/tmp`, which is each run's own."""
PLAIN = Path("/usr/bin/python3")
"""An interpreter that every user may run."""
LOCATED = {"PYTHONPATH": f"{Path(soa.__file__).parents[1]}:{Path(pytest.__file__).parents[1]}"}
"""Where that one finds us, and what we need."""
FIRST_USER = 700_000
"""Where the uids of plain users are: each siege has one of its own, so that it sees no process of another's."""
SECRETS = (
    ".ssh/id_ed25519", ".aws/credentials", ".netrc", ".config/soa/key", ".bash_history", "Documents/plan.txt",
    ".local/share/keyrings/login.keyring",
)  # fmt: skip
PROJECT_SECRETS = (".env", ".env.local", ".git/config")
SPACES = ("net", "pid", "ipc", "mnt", "user", "uts", "cgroup")


@frozen
class Camp:
    """Who runs the command, and where."""

    ground: Path
    """The folder that holds all of it."""
    user: int
    canary: str = field(factory=lambda: f"canary-{secrets.token_hex(8)}", repr=False)
    """What stands in each secret."""
    mark: str = field(factory=lambda: f"soa{secrets.token_hex(4)}")
    """Begins the names of all that candidates make."""

    @property
    def home(self) -> Path:
        """The user's home."""
        return self.ground / "home"

    @property
    def project(self) -> Path:
        """The project, somewhere below the home as projects are."""
        return self.home / "projects" / "victim"

    @property
    def beside(self) -> Path:
        """A folder outside of home and project that the user may write to."""
        return self.ground / "beside"

    @property
    def temporary(self) -> Path:
        """Where the command makes its temporary files."""
        return self.ground / "tmp"

    @property
    def python(self) -> Path:
        """The interpreter of the command, for this user."""
        return Path(sys.executable) if self.user == os.getuid() else PLAIN

    @property
    def environment(self) -> dict[str, str]:
        """What the command gets: keys among it."""
        return {
            **LOCATED,
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "XDG_DATA_HOME": str(self.ground / "data"),
            "XDG_CACHE_HOME": str(self.ground / "cache"),
            "OPENAI_API_KEY": self.canary,
            "DATABASE_PASSWORD": self.canary,
            "SOA_TIMEOUT": "60",
        }

    def write(self, files: Mapping[str, str]) -> None:
        """Put files into the project, as the user's own."""
        for name, text in files.items():
            path = self.project / name
            self._folder(path.parent)
            path.write_text(text, encoding="utf-8")
            os.chown(path, self.user, self.user)

    def link(self, name: str, target: Path | str) -> None:
        """Put a symbolic link into the project."""
        path = self.project / name
        self._folder(path.parent)
        path.symlink_to(target)
        os.chown(path, self.user, self.user, follow_symlinks=False)

    def tell(self, facts: Mapping[str, Any]) -> None:
        """Let candidates know where to aim."""
        spaces = {name: str(Path(f"/proc/self/ns/{name}").readlink()) for name in SPACES}
        machine = os.uname().machine
        known = {
            "home": str(self.home),
            "project": str(self.project),
            "beside": str(self.beside),
            "secrets": [str(self.home / name) for name in SECRETS],
            "project_secrets": [str(self.project / name) for name in PROJECT_SECRETS],
            "mark": self.mark,
            "spaces": spaces,
            "calls": {name: syscalls.number(name, machine) for name in syscalls.NUMBERS},
        }
        self.write({"aim.py": AIM.read_text(encoding="utf-8"), "facts.json": json.dumps({**known, **facts})})

    def _folder(self, path: Path) -> None:
        if not path.is_relative_to(self.ground) or path.exists():
            return
        self._folder(path.parent)
        path.mkdir(mode=0o755)
        os.chown(path, self.user, self.user)

    def pitch(self) -> None:
        """Lay it all out."""
        for folder in (self.project, self.beside, self.temporary, self.ground / "data", self.ground / "cache"):
            self._folder(folder)
        self.write({"pyproject.toml": "", "kept.txt": "kept\n"})
        self.write(dict.fromkeys(PROJECT_SECRETS, f"key = {self.canary}\n"))
        self.write({os.path.relpath(self.home / name, self.project): f"key = {self.canary}\n" for name in SECRETS})
        self.write({os.path.relpath(self.beside / "secret.txt", self.project): f"key = {self.canary}\n"})


def camps(user: int) -> Iterator[Camp]:
    """One camp that is gone afterwards, as a fixture yields it."""
    name = tempfile.mkdtemp(prefix="siege-", dir=FIELD)
    try:
        camp = Camp(Path(name), user)
        os.chown(name, user, user)
        Path(name).chmod(0o755)
        camp.pitch()
        yield camp
    finally:
        subprocess.run(["rm", "-rf", name], check=True)  # it may be deeper than Python can go


def plain_user() -> int:
    """A uid that nobody else has; skips where we cannot become it, or where it could not run the command."""
    if os.getuid() != 0:
        pytest.skip("we are a plain user already")
    user = FIRST_USER + os.getpid() % 100_000
    tried = subprocess.run(
        [PLAIN, "-c", "import soa.cli, tree_sitter, pytest"],
        env=LOCATED, user=user, group=user, extra_groups=[], cwd="/", capture_output=True, check=False,
    )  # fmt: skip
    if tried.returncode:
        pytest.skip(f"a plain user cannot run the command here: {tried.stderr.decode()[-300:]}")
    return user
