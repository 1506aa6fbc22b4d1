"""Reading a file of tests: its test functions and what each of them names."""

from __future__ import annotations

import ast
import textwrap
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from attrs import field, frozen

from soa import syntax_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDERS = frozenset({"tests", "test", "testing"})
_SETUP = frozenset({"setUp", "setUpClass", "asyncSetUp", "setup_method", "setup_class"})
_BY_NAME = frozenset({"getattr", "setattr", "object", "usefixtures", "getfixturevalue"})
_LOADERS = frozenset({"import_module", "importorskip", "__import__"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


@frozen
class ProjectTest:
    """One test function."""

    name: str
    """Within its file, as pytest writes it: `TestPost::test_rejects`."""
    source: str
    mentions: frozenset[str]
    """The names in its body and its decorators."""
    reach: frozenset[str]
    """Those too of the helpers and fixtures it uses."""


@frozen
class TestFile:
    """What is known of a file of tests."""

    __test__ = False

    path: str
    """Relative to the workspace."""
    imports: frozenset[str] = frozenset()
    """Modules it imports from, and what it imports from them, as dotted names."""
    tests: tuple[ProjectTest, ...] = ()
    shared: dict[str, frozenset[str]] = field(factory=dict)
    """Mentions of the functions and classes that others can use: the fixtures of a `conftest.py`."""

    words: frozenset[str] = frozenset()
    """Everything that it mentions."""

    @property
    def is_conftest(self) -> bool:
        """Whether it serves the other files of its folder and below."""
        return self.path.rpartition("/")[2] == "conftest.py"


def is_test_path(relative: str) -> bool:
    """Whether a file holds tests, by its path relative to the workspace; `conftest.py` counts."""
    path = PurePosixPath(relative)
    named = path.name.startswith("test_") or path.stem.endswith("_test") or path.name in ("tests.py", "conftest.py")
    return named or not FOLDERS.isdisjoint(path.parts[:-1])


def read_test_file(path: str, text: str, package: str) -> TestFile:
    """Read the tests of a file; one that does not parse has none.

    Parameters
    ----------
    path
        Relative to the workspace.
    text
        Its text, with LF line ends.
    package
        Dotted name of the package that relative imports start from; empty if it is in none.
    """
    try:
        tree = syntax_tree.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return TestFile(path)
    return _FileReader(text, tree).read(path, package)


class _FileReader:
    """Reads the tests of one parsed file."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self.lines = text.split("\n")
        self.tree = tree
        self.body = list(_statements(tree))
        self.aliases: dict[str, str] = {}
        self.classes = {n.name: n for n in self.body if isinstance(n, ast.ClassDef)}

    def read(self, path: str, package: str) -> TestFile:
        imports = frozenset(self._imports(package))
        shared = dict(self._shared())
        always = frozenset[str]().union(*(shared[name] for name in self._automatic(self.body)))
        tests = [
            ProjectTest(name, self._source(node), mentions, mentions | always | setup | _through(mentions, shared))
            for name, node, setup in self._tests()
            for mentions in [self._mentions(node)]
        ]
        return TestFile(path, imports, tuple(tests), shared, self._mentions(self.tree))

    def _imports(self, package: str) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = _absolute(node, package)
                self.aliases.update((a.asname, a.name) for a in node.names if a.asname)
                yield base
                yield from (f"{base}.{alias.name}".strip(".") for alias in node.names)
            elif isinstance(node, ast.Call) and _name(node.func) in _LOADERS:
                yield from _strings(node)

    def _shared(self) -> Iterator[tuple[str, frozenset[str]]]:
        for node in self.body:
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                yield from ((t.id, self._mentions(node)) for t in targets if isinstance(t, ast.Name))
            elif isinstance(node, Function | ast.ClassDef) and not _is_test_name(node.name):
                yield node.name, self._mentions(node)

    def _tests(self) -> Iterator[tuple[str, Function, frozenset[str]]]:
        for node in self.body:
            if isinstance(node, Function) and node.name.startswith("test"):
                yield node.name, node, frozenset()
            elif isinstance(node, ast.ClassDef):
                yield from self._tests_of(node)

    def _tests_of(self, node: ast.ClassDef) -> Iterator[tuple[str, Function, frozenset[str]]]:
        if not self._is_collected(node):
            return
        methods = {m.name: m for base in reversed(self._lineage(node)) for m in base.body if isinstance(m, Function)}
        own = {name: self._mentions(m) for name, m in methods.items() if not name.startswith("test")}
        setup = frozenset[str]().union(*(own[n] for n in own if n in _SETUP or _is_automatic(methods[n])))
        for name, method in methods.items():
            if name.startswith("test"):
                yield f"{node.name}::{name}", method, setup | _through(self._mentions(method), own)
        for inner in node.body:
            if isinstance(inner, ast.ClassDef):
                yield from ((f"{node.name}::{name}", m, more) for name, m, more in self._tests_of(inner))

    def _is_collected(self, node: ast.ClassDef) -> bool:
        lineage = self._lineage(node)
        bases = {_name(base) for c in lineage for base in c.bases}
        if any("Test" in base for base in bases):
            return True
        built = any(isinstance(m, Function) and m.name in ("__init__", "__new__") for c in lineage for m in c.body)
        return node.name.startswith("Test") and not built

    def _lineage(self, node: ast.ClassDef, seen: frozenset[str] = frozenset()) -> list[ast.ClassDef]:
        bases = (self.classes[n] for n in map(_name, node.bases) if n in self.classes and n not in seen)
        return [node, *(c for base in bases for c in self._lineage(base, seen | {node.name, base.name}))]

    def _automatic(self, body: list[ast.stmt]) -> list[str]:
        functions = (n for n in body if isinstance(n, Function))
        return [f.name for f in functions if _is_automatic(f) or f.name in ("setup_module", "setUpModule")]

    def _mentions(self, node: ast.AST) -> frozenset[str]:
        words = frozenset(_words(node))
        return words | {self.aliases[w] for w in words if w in self.aliases}

    def _source(self, node: Function) -> str:
        first = min((node.lineno, *(d.lineno for d in node.decorator_list)))
        return textwrap.dedent("\n".join(self.lines[first - 1 : node.end_lineno]))


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements of a body, those under `if`, `try` and `with` too."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If | ast.Try | ast.With | ast.ExceptHandler):
            yield from _statements(child)
        elif isinstance(child, ast.stmt):
            yield child


def _through(mentions: frozenset[str], others: dict[str, frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*(others[name] for name in mentions if name in others))


def _words(node: ast.AST) -> Iterator[str]:
    for n in ast.walk(node):
        if isinstance(n, ast.Name):
            yield n.id
        elif isinstance(n, ast.Attribute):
            yield n.attr
        elif isinstance(n, ast.arg):
            yield n.arg
        elif isinstance(n, ast.alias):
            yield n.name.rpartition(".")[2]
        elif isinstance(n, ast.Constant) and isinstance(n.value, str) and "." in n.value[:200]:
            yield n.value.rpartition(".")[2]
        elif isinstance(n, ast.Call) and _name(n.func) in _BY_NAME:
            yield from _strings(n)


def _strings(call: ast.Call) -> Iterator[str]:
    return (a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".") if package else []
    kept = parts[: max(0, len(parts) - node.level + 1)]
    return ".".join((*kept, *([node.module] if node.module else [])))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_automatic(node: Function) -> bool:
    return any("autouse" in ast.unparse(d) for d in node.decorator_list if isinstance(d, ast.Call))


def _is_test_name(name: str) -> bool:
    return name.startswith(("test", "Test"))
