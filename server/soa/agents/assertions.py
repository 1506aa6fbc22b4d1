"""Reading a tester's reply: assertions and test functions, each as a test of its own."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, TypeGuard

from attrs import field, frozen

from soa.agents.harvest import names_used
from soa.agents.pieces import Block, is_function, parse, read_block
from soa.agents.replies import read_blocks
from soa.evidence import Test

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from soa.agents.pieces import FunctionNode
    from soa.contracts import Contract

MOST = 12
"""Generated tests that are kept; a reply with hundreds would only cost time."""
LONGEST_NAME = 60
_LINE = re.compile(
    r"^[ \t]*(?:(?:[-*+]|\d+[.)])[ \t]+)?`{0,2}(assert\b.*?|(?:import|from)\b.*?)`{0,2}[ \t]*$", re.MULTILINE
)
_RUNNERS = ("main", "print", "run", "testmod")

_RAISES = object()
"""What an example promises that shows a traceback."""


@frozen
class _Draft:
    """A test as it stands in a reply."""

    name: str
    node: ast.stmt
    setup: tuple[ast.stmt, ...] = field(repr=False)
    """The statements before it that bind what it uses, or use that too."""

    @property
    def nodes(self) -> tuple[ast.stmt, ...]:
        return (*self.setup, self.node)


def read_tests(reply: str, contract: Contract) -> tuple[Test, ...]:
    """The tests in a tester's reply that are about the contract and agree with the docstring's examples."""
    try:
        drafts = [d for block in _blocks(reply) for d in _drafts(block.tree.body, contract)]
        examples = _examples(contract)
        good = [d for d in drafts if _is_about(d, contract) and not _contradicts(d, examples)]
        sources = [(d.name, "\n".join(ast.unparse(n) for n in d.nodes)) for d in good[:MOST]]
    except RecursionError:
        return ()
    return tuple(Test("generated", name, source) for name, source in _unique(sources))


def _blocks(reply: str) -> tuple[Block, ...]:
    """The Python in a reply; where that holds no test, each line that is an assertion by itself."""
    blocks = read_blocks(reply)
    nodes = (n for b in blocks for n in ast.walk(b.tree))
    if any(isinstance(n, ast.Assert) or _is_raises(n) or _is_test_function(n) for n in nodes):
        return blocks
    lines = (m[1] for m in _LINE.finditer(reply))
    return tuple(b for line in lines if isinstance(b := read_block(line), Block))


def _unique(tests: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Each source once, each under a name of its own."""
    sources: set[str] = set()
    names: set[str] = set()
    for name, source in tests:
        if source not in sources:
            unique = name if name not in names else f"{name} ({len(names) + 1})"
            names.add(unique)
            sources.add(source)
            yield unique, source


def _drafts(body: Iterable[ast.stmt], contract: Contract) -> Iterator[_Draft]:
    """Each assertion and each test function, with what it needs of the statements before it."""
    root = contract.qualname.partition(".")[0]
    setup: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.Assert | ast.With | ast.Try | ast.For) and _asserts(node):
            name = ast.unparse(node.test if isinstance(node, ast.Assert) else node).partition("\n")[0]
            yield _Draft(name[:LONGEST_NAME], node, _needed(node, setup))
        elif _is_test_function(node):
            if _runs_alone(node):
                yield _Draft(node.name, node, _needed(node, setup))
        elif not (root in _binds(node) or _is_runner(node)):
            setup.append(node)


def _asserts(node: ast.stmt) -> bool:
    """Whether a statement tests anything: it holds an assertion, or waits for an error."""
    return any(isinstance(n, ast.Assert | ast.Raise) or _is_raises(n) for n in ast.walk(node))


def _is_raises(node: ast.AST) -> bool:
    return isinstance(node, ast.withitem) and "aises" in ast.unparse(node.context_expr)


def _is_test_function(node: ast.AST) -> TypeGuard[FunctionNode]:
    return is_function(node) and node.name.startswith("test")


def _runs_alone(node: FunctionNode) -> bool:
    """Whether a test function needs no arguments: there are no fixtures."""
    a = node.args
    required = len(a.posonlyargs) + len(a.args) - len(a.defaults) + sum(d is None for d in a.kw_defaults)
    return not required


def _is_runner(node: ast.stmt) -> bool:
    """Whether a statement runs tests or shows something."""
    if isinstance(node, ast.If):
        return "__name__" in ast.unparse(node.test)
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Constant):
        return True
    return isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in _RUNNERS


def _binds(node: ast.stmt) -> frozenset[str]:
    """The names that a statement binds where it stands."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return frozenset((node.name,))
    if isinstance(node, ast.Import | ast.ImportFrom):
        return frozenset(a.asname or a.name.partition(".")[0] for a in node.names)
    return frozenset(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _needed(node: ast.stmt, setup: list[ast.stmt]) -> tuple[ast.stmt, ...]:
    """Of the statements before a test those that bind what it uses, or change it."""
    wanted = set(names_used([node]))
    kept: list[ast.stmt] = []
    for statement in reversed(setup):
        bound = _binds(statement)
        changes = not bound and isinstance(statement, ast.Expr | ast.AugAssign | ast.Assign | ast.Delete)
        if bound & wanted or (changes and names_used([statement]) & wanted):
            kept.append(statement)
            wanted |= names_used([statement])
    return tuple(reversed(kept))


def _is_about(draft: _Draft, contract: Contract) -> bool:
    """Whether a test uses the function, by its name or, for a method, through its class; not one of its own making."""
    parts = set(contract.qualname.split("."))
    root = contract.qualname.partition(".")[0]
    rebound = any(root in _binds(n) for top in draft.nodes for n in ast.walk(top) if isinstance(n, ast.stmt))
    return bool(parts & names_used(draft.nodes)) and not rebound


def _examples(contract: Contract) -> dict[str, object]:
    """Literal results that the docstring promises, by the normal form of the call.

    Left out is what depends on an example before it, and what is only shown in outline.
    """
    known: dict[str, object] = {}
    doubtful: set[str] = set()
    bound: set[str] = set()
    for example in contract.examples:
        try:
            statement = parse(example.source).body[0]
        except (SyntaxError, IndexError):
            continue
        bound |= _binds(statement)
        outline = "..." in example.want and not example.exception
        if isinstance(statement, ast.Expr) and not outline and not names_used([statement]) & bound:
            call = ast.unparse(statement.value)
            value = _RAISES if example.exception else _literal(example.want or "None")
            doubtful |= {call} if value is _literal or known.get(call, value) != value else set()
            known[call] = value
    return {call: value for call, value in known.items() if call not in doubtful}


def _literal(source: str | ast.expr) -> object:
    """The value of a literal; this function itself if it is none."""
    try:
        node = parse(source.strip()).body[0] if isinstance(source, str) else source
        return ast.literal_eval(node.value if isinstance(node, ast.Expr) else node)
    except (ValueError, TypeError, SyntaxError, IndexError, MemoryError):
        return _literal


def _contradicts(draft: _Draft, examples: dict[str, object]) -> bool:
    """Whether a test promises another result for a call than an example of the docstring does."""
    return any(_denies(n, examples) for n in ast.walk(draft.node))


def _denies(node: ast.AST, examples: dict[str, object]) -> bool:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        sides = (node.left, node.comparators[0]), (node.comparators[0], node.left)
        return any(_compares_wrongly(call, node.ops[0], other, examples) for call, other in sides)
    if isinstance(node, ast.Assert):
        return _holds_wrongly(node.test, examples)
    if isinstance(node, ast.With) and any(_is_raises(i) for i in node.items):
        calls = [ast.unparse(s.value) for s in node.body if isinstance(s, ast.Expr | ast.Assign)]
        return any(examples.get(c, _RAISES) is not _RAISES for c in calls)
    return False


def _compares_wrongly(call: ast.expr, operator: ast.cmpop, other: ast.expr, examples: dict[str, object]) -> bool:
    if not isinstance(operator, ast.Eq | ast.Is | ast.NotEq | ast.IsNot) or not isinstance(call, ast.Call):
        return False
    promised, claimed = examples.get(ast.unparse(call), _literal), _literal(other)
    if promised is _literal or claimed is _literal:
        return False
    return (promised == claimed) != isinstance(operator, ast.Eq | ast.Is)


def _holds_wrongly(test: ast.expr, examples: dict[str, object]) -> bool:
    negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    call = test.operand if isinstance(test, ast.UnaryOp) and negated else test
    promised = examples.get(ast.unparse(call), _literal) if isinstance(call, ast.Call) else _literal
    return promised is not _literal and (promised is _RAISES or bool(promised) == negated)
