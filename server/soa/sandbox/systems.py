"""What other systems than Linux lack, and what follows from that: nothing is claimed of them that was not tried.

Candidates are held by means of Linux alone: namespaces, Landlock, seccomp. A plain process needs signals, groups of
processes and inherited descriptors, as all systems have that follow POSIX, and Windows has not.
"""

from __future__ import annotations

from soa.errors import SandboxError

NAMES = {"darwin": "macOS", "win32": "Windows", "cygwin": "Windows"}
"""What systems are called, by `sys.platform`."""
WITH_WALLS = "linux"
ELSEWHERE = {
    "Windows": "Run soa in WSL (`wsl --install`; in VS Code, with its extension for WSL): there it has all it needs."
}
"""What to do instead, by a system's name."""
IN_LINUX = "Run soa in Linux: in a container, a virtual machine or on another host."


def check_walls(platform: str) -> None:
    """See whether a system, as `sys.platform` names it, has what a sandbox is made of.

    Raises
    ------
    SandboxError
        It has not.
    """
    if platform != WITH_WALLS:
        name = _name(platform)
        raise SandboxError(
            f"There is no sandbox on {name}: namespaces, Landlock and seccomp are Linux's.", _instead(name)
        )


def check_runs(platform: str) -> None:
    """See whether candidates can be run on a system at all, be it without a sandbox.

    Raises
    ------
    SandboxError
        They cannot.
    """
    name = _name(platform)
    if name == "Windows":
        raise SandboxError(
            "Nothing can be run on Windows: it lacks the signals and groups by which a candidate is ended.",
            _instead(name),
        )


def _name(platform: str) -> str:
    return NAMES.get(platform, platform)


def _instead(name: str) -> str:
    return ELSEWHERE.get(name, IN_LINUX)
