"""A small project and a candidate for it, for the tests of the sandbox and of verification."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent, indent
from typing import TYPE_CHECKING

from soa.contracts import Address, Contract
from soa.sandbox import Limits, Sandbox
from soa.verify import Subject, Verifier, doctests
from soa.workspace import Workspace

if TYPE_CHECKING:
    from soa.evidence import Evidence, Test

LIMITS = Limits(wall_seconds=10.0)
BRIEF = Limits(wall_seconds=2.0, cpu_seconds=2)


def write(root: Path, name: str, text: str) -> Path:
    """Write a file of a project, dedented."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text))
    return path


def contract(docstring: str, signature: str = "def f(x):", qualname: str = "f") -> Contract:
    """A contract with nothing but what the sandbox looks at."""
    return Contract(qualname, (), signature, dedent(docstring).strip())


def function(contract: Contract, body: str) -> str:
    """A module's text with one function."""
    return f"{contract.render()}{indent(dedent(body).strip(), '    ')}\n"


async def judge(
    sandbox: Sandbox,
    root: Path,
    docstring: str,
    body: str,
    tests: tuple[Test, ...] | None = None,
    limits: Limits = LIMITS,
) -> Evidence:
    """Verify a body for `f` in `module.py`; by its own examples unless tests are given."""
    promise = contract(docstring)
    path = root / "module.py"
    if not path.exists():
        path.write_text(promise.render())
    subject = Subject(Address("module.py", "f"), promise, path)
    verifier = Verifier(sandbox, Workspace(root, Path(sys.executable)), limits)
    overlay = {path: function(promise, body)}
    return await verifier.verify(subject, doctests(promise) if tests is None else tests, overlay, {subject.address})
