"""Taking the bodies out of a library, and running its tests."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef
OUTCOME = re.compile(r"^(\S+::.*?) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b", re.MULTILINE)


def documented(tree: ast.Module) -> list[tuple[str, Function]]:
    """The outermost functions that have a docstring and a body on lines of its own, with their qualified names."""
    found = []

    def visit(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, Function):
                if _has_body(node):
                    found.append((prefix + node.name, node))
            elif isinstance(node, ast.ClassDef):
                visit(node.body, f"{prefix}{node.name}.")
            else:
                for part in ("body", "handlers", "orelse", "finalbody"):
                    visit(getattr(node, part, []), prefix)

    visit(tree.body, "")
    return found


def _has_body(node: Function) -> bool:
    return bool(ast.get_docstring(node)) and len(node.body) > 1 and node.body[1].lineno > node.body[0].end_lineno


def strip(source: str) -> str:
    """Remove every line after a docstring to the end of its function."""
    lines = source.splitlines(keepends=True)
    for _, node in reversed(documented(ast.parse(source))):
        del lines[node.body[0].end_lineno : node.end_lineno]
    return "".join(lines)


@dataclass
class Library:
    """A copy of a library in a project folder."""

    root: Path
    package: str
    true_sources: dict[str, str] = field(default_factory=dict)
    """The original text of each stubbed file, by its path relative to the project."""

    @classmethod
    def stubbed(cls, package: str, folder: Path, *, only: str = "*.py") -> Library:
        """Copy an installed package and strip its modules, tests aside."""
        spec = importlib.util.find_spec(package)
        shutil.copytree(Path(spec.origin).parent, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "pyproject.toml").write_text(f'[project]\nname = "{package}"\nversion = "0"\n')
        library = cls(folder, package)
        for path in sorted((folder / package).rglob(only)):
            relative = path.relative_to(folder).as_posix()
            source = path.read_bytes().decode()
            if "/test" not in relative and strip(source) != source:
                library.true_sources[relative] = source
                path.write_bytes(strip(source).encode())
        return library

    def read(self, relative: str) -> str:
        """The text of a file as it is now."""
        return (self.root / relative).read_bytes().decode()

    def outcomes(self) -> dict[str, str]:
        """How each of the library's own tests ends now; those by hypothesis, which end by chance, are left out."""
        command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-p", "no:asyncio", "-W", "ignore"]
        run = subprocess.run(
            [*command, "--rootdir", self.root, "--tb=no", "-k", "not Hypothesis", self.package],
            cwd=self.root, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return dict(OUTCOME.findall(run.stdout))

    def restore(self) -> None:
        """Put the true bodies back."""
        for relative, source in self.true_sources.items():
            (self.root / relative).write_bytes(source.encode())

    def strip_again(self) -> None:
        """Take the bodies out again."""
        for relative in self.true_sources:
            (self.root / relative).write_bytes(strip(self.read(relative)).encode())
