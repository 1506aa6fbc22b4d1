"""The arrows between the parts point down only, and each outside thing has one place: read from the imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import frozen

import soa

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(soa.__file__).parent
LONGEST_MODULE = 350

LAYERS = (
    {"__main__"},
    {"cli"},
    {"demo", "lsp"},
    {"session"},
    {"engine"},
    {"changes"},
    {"agents"},
    {"verify", "store"},
    {"source", "model", "sandbox"},
    {"resolve"},
    {"crew"},
    {"events"},
    {"settings", "workspace", "contracts"},
    {"evidence"},
    {"errors", "secrets", "tokens", "syntax_tree", "spawning", "wording"},
)
"""From the top down. A part imports parts that stand below it, never one beside or above it."""

ONE_PLACE = {
    "openai": "model/openai.py",
    "jedi": "source/",
    "tree_sitter": "source/",
    "tree_sitter_python": "source/",
    "pygls": "lsp/",
    "lsprotocol": "lsp/",
    "subprocess": "sandbox/",
    "pty": "sandbox/",
    "sqlite3": "store",
    "click": "cli/",
    "rich": "cli/",
}
"""Which outside module may be imported where: a prefix of the path inside the package."""

FORETELLING = {"soa.agents.briefs", "soa.agents.forecast", "soa.agents.sizing"}
"""All that the server process needs of the agents: prompts as templates, and sums over a contract."""

CALLS = {
    "print": "cli/",
    "exec": "sandbox/",
    "eval": "sandbox/",
    "fork": "sandbox/",
    "system": "sandbox/",
    "popen": "sandbox/",
    "posix_spawn": "sandbox/",
    "create_subprocess_exec": "sandbox/",
    "create_subprocess_shell": "sandbox/",
    "subprocess_exec": "sandbox/",
    "subprocess_shell": "sandbox/",
}
"""Which function may be called where: a model's code runs only in the sandbox, stdout belongs to the protocol."""


@frozen
class Module:
    """One of our source files, parsed."""

    path: str
    """Relative to the package, with forward slashes."""
    tree: ast.Module
    lines: int

    @property
    def part(self) -> str:
        return Path(self.path).parts[0].removesuffix(".py")

    @property
    def package(self) -> str:
        return ".".join(("soa", *Path(self.path).parent.parts))

    def imports(self, tree: ast.AST | None = None) -> Iterator[str]:
        """Full names of all that is imported, also inside functions and for type checkers only."""
        for node in ast.walk(tree or self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self.package.split(".")[: len(self.package.split(".")) - node.level + 1] if node.level else []
                origin = ".".join((*base, *([node.module] if node.module else [])))
                yield from (f"{origin}.{alias.name}" for alias in node.names)

    def imported_parts(self) -> set[str]:
        names = (name.split(".") for name in self.imports() if name.startswith("soa."))
        return {parts[1] for parts in names if (PACKAGE / parts[1]).exists() or (PACKAGE / f"{parts[1]}.py").exists()}

    def calls(self) -> set[str]:
        called = (node.func for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        return {f.id if isinstance(f, ast.Name) else f.attr for f in called if isinstance(f, ast.Name | ast.Attribute)}


def modules() -> list[Module]:
    paths = sorted(p for p in PACKAGE.rglob("*.py") if "project" not in p.relative_to(PACKAGE).parts)
    texts = ((path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8")) for path in paths)
    return [Module(path, ast.parse(text), len(text.splitlines())) for path, text in texts]


def rank(part: str) -> int:
    found = [i for i, layer in enumerate(LAYERS) if part in layer]
    assert found, f"say in LAYERS where soa.{part} stands"
    return found[0]


every_module = pytest.mark.parametrize("module", modules(), ids=lambda m: m.path)


@every_module
def test_arrows_point_down(module):
    if module.part == "__init__":
        assert not module.imported_parts()
        return
    others = module.imported_parts() - {module.part}
    assert not {other for other in others if rank(other) <= rank(module.part)}


@every_module
def test_each_outside_module_has_one_place(module):
    tops = {name.split(".")[0] for name in module.imports()}
    wrong = {t for t in tops if t in ONE_PLACE and not module.path.startswith(ONE_PLACE[t])}
    assert not wrong


@every_module
def test_each_dangerous_call_has_one_place(module):
    assert not {c for c in module.calls() if c in CALLS and not module.path.startswith(CALLS[c])}


@every_module
def test_modules_stay_small(module):
    assert module.lines < LONGEST_MODULE


def test_openai_is_imported_lazily():
    for module in modules():
        at_import = [node for node in module.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not [n for node in at_import for n in module.imports(node) if n.split(".")[0] == "openai"]


def test_the_server_process_loads_nothing_heavy():
    """What runs are carried out with is the engine process's; of the agents the server knows what a hover foretells."""
    files = [f"soa.{m.path.removesuffix('.py').replace('/', '.')}" for m in modules() if m.part in ("lsp", "session")]
    command = f"import sys, {', '.join(files)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not {"openai", "jedi", "rich", "click", "httpx", "sqlite3"} & loaded
    assert {name for name in loaded if name.startswith("soa.agents.")} == FORETELLING
    assert not {"soa.engine.runs", "soa.engine.local", "soa.sandbox", "soa.verify", "soa.store"} & loaded


def test_what_runs_inside_the_sandbox_needs_the_standard_library_only():
    inside = [m for m in modules() if m.path.startswith("sandbox/harness")]
    assert inside
    for module in inside:
        names = {n for n in module.imports() if not n.startswith("soa.sandbox.harness")}
        outside = {n.split(".")[0] for n in names} - sys.stdlib_module_names
        assert outside <= {"pytest", "_pytest", "soa_harness"}, module.path


def test_a_module_that_breaks_the_arrows_is_seen():
    tree = ast.parse(
        "def f():\n    from ..model import openai\n    import jedi\n    from soa import cli, __version__\n"
    )
    module = Module("source/stubs.py", tree, 4)
    assert module.imported_parts() == {"model", "cli"}
    assert "jedi" in set(module.imports())
