"""Files of a project that somebody might run unasked: text, for the sandbox only."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from siege.camp import Camp

TRAP = """\
def _spring(facts_file, name):
    import json, os, socket

    try:
        with open(facts_file) as file:
            facts = json.loads(file.read())
    except Exception:
        return
    for folder in (facts["beside"], facts["home"], facts["project"]):
        try:
            open(folder + "/" + facts["mark"] + "-" + name, "w").close()
        except OSError:
            pass
    for place in (("127.0.0.1", facts["tcp"]), facts["named"], chr(0) + facts["abstract"]):
        try:
            made = socket.socket(socket.AF_INET if isinstance(place, tuple) else socket.AF_UNIX)
            made.connect(place)
        except OSError:
            pass


_spring({facts!r}, {name!r})
"""
"""Leaves a file and calls the witnesses; where it cannot, nothing happens."""
CUSTOMS = ("sitecustomize.py", "usercustomize.py", "conftest.py", "setup.py", "noxfile.py", "tests/conftest.py")
SHADOWS = (
    "doctest.py",
    "csv.py",
    "tomllib.py",
    "sqlite3.py",
    "click.py",
    "soa/__init__.py",
    "soa_harness.py",
)
"""Modules of the project that bear the names of others'."""
GIT = "[core]\n\tfsmonitor = touch {place}-git\n\thooksPath = .\n\tpager = touch {place}-git\n"


def trap(camp: Camp, name: str) -> str:
    """The text of a trap that tells its name."""
    return TRAP.format(facts=str(camp.project / "facts.json"), name=name.replace("/", "-"))


def customs(camp: Camp) -> dict[str, str]:
    """What Python, pytest, git and we ourselves look for in a project."""
    texts = {name: trap(camp, name) for name in CUSTOMS}
    settings = '[tool.pytest.ini_options]\naddopts = "-p trapped"\n[tool.soa]\nsandbox = "process"\npython = "./evil"\n'
    place = camp.beside / camp.mark
    return {
        **texts,
        "trapped.py": trap(camp, "plugin"),
        "pyproject.toml": settings,
        "evil": f"#!/bin/sh\ntouch {place}-evil\n",
        ".git/config": GIT.format(place=place) + f"# {camp.canary}\n",
    }


def shadows(camp: Camp) -> dict[str, str]:
    """Modules under others' names."""
    return {name: trap(camp, name) for name in SHADOWS}


def environment(camp: Camp) -> dict[str, str]:
    """A virtual environment inside of the project, with all that an interpreter runs when it starts."""
    packages = f".venv/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    return {
        ".venv/pyvenv.cfg": f"home = {camp.python.resolve().parent}\ninclude-system-site-packages = false\n",
        f"{packages}/trapped.pth": f"import pth_trap\n{camp.home / '.ssh'}\n{camp.home / '.netrc'}\n",
        f"{packages}/pth_trap.py": trap(camp, "pth"),
        f"{packages}/sitecustomize.py": trap(camp, "sitecustomize"),
        f"{packages}/usercustomize.py": trap(camp, "usercustomize"),
    }
