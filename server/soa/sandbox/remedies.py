"""What to do where a kind of sandbox does not hold on Linux, by what the system tells of itself."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from soa.sandbox.harness.syscalls import MACHINES

if TYPE_CHECKING:
    from collections.abc import Iterator

SYSTEM = Path("/")
NEEDED = (6, 2)
"""The version of Linux from which on Landlock has all that the kind `landlock` takes (its ABI 3)."""
CONTAINERS = (".dockerenv", "run/.containerenv")
SWITCHES = (
    (
        "proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
        "AppArmor keeps bubblewrap from making namespaces, as on Ubuntu since 23.10. Give bubblewrap a profile that "
        "allows them (it stands in the README, below Troubleshooting), or allow them to all programs: "
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    (
        "proc/sys/kernel/unprivileged_userns_clone", "0",
        "The kernel lets only root make namespaces. Allow them: sudo sysctl -w kernel.unprivileged_userns_clone=1",
    ),
    (
        "proc/sys/user/max_user_namespaces", "0",
        "The kernel allows no user namespaces. Allow some: sudo sysctl -w user.max_user_namespaces=15000",
    ),
)  # fmt: skip
"""Files of the kernel's settings, the value that forbids namespaces, and what to do about it."""


def advice(reason: str) -> str:
    """What to do about the reason for which a sandbox did not start; empty if that is not known."""
    if "bwrap: " in reason:
        return for_namespaces()
    return for_landlock() if reason.startswith("Landlock ") else ""


def for_namespaces(root: Path = SYSTEM) -> str:
    """Why bubblewrap may fail here, and what to do; empty if nothing is known. `root`: where the system's files are."""
    found = next((advice for path, value, advice in SWITCHES if _read(root / path) == value), "")
    if found or not _in_container(root):
        return found
    return (
        "This is a container, which may forbid namespaces. Docker allows them with --security-opt seccomp=unconfined "
        "--security-opt apparmor=unconfined --security-opt systempaths=unconfined"
    )


def for_landlock(root: Path = SYSTEM, machine: str = "") -> str:
    """Why there may be no Landlock that can be used, and what to do. `machine`: this one's, if nothing else is said."""
    return " ".join(_for_landlock(root, machine or os.uname().machine))


def _for_landlock(root: Path, machine: str) -> Iterator[str]:
    release = _read(root / "proc/sys/kernel/osrelease")
    modules = _read(root / "sys/kernel/security/lsm")
    numbers = re.match(r"(\d+)\.(\d+)", release)
    if machine not in MACHINES:
        yield f"It is used on {' and '.join(MACHINES)} only; this is {machine}."
    elif numbers and (int(numbers[1]), int(numbers[2])) < NEEDED:
        yield f"It takes Linux {NEEDED[0]}.{NEEDED[1]} or newer; this is {release}."
    elif modules and "landlock" not in modules.split(","):
        yield f"It is switched off in this kernel. Start it with lsm=landlock,{modules} on its command line."
    elif _in_container(root):
        yield "This is a container, which may forbid it. Docker allows it with --security-opt seccomp=unconfined"
    else:
        yield f"It takes Linux {NEEDED[0]}.{NEEDED[1]} or newer, with Landlock and seccomp."


def _in_container(root: Path) -> bool:
    return any((root / mark).exists() for mark in CONTAINERS)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
