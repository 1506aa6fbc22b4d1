"""Where tests come from: the docstring's examples, the project's own tests, a tester who sees only the contract."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from soa import syntax_tree
from soa.agents.briefs import Brief
from soa.agents.ending import Ending
from soa.agents.replies import read_blocks
from soa.contracts import Contract, Status, Test
from soa.verify import doctests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soa.agents.colony import Colony, Member

MOST = 12
"""Generated tests that are kept; a reply with hundreds would only cost time."""
TRIES = 2


async def collect_tests(colony: Colony, member: Member) -> tuple[Test, ...]:
    """The tests for an entry, in order of authority; asks a tester where the setting and the lack of others say so."""
    entry = member.entry
    examples = doctests(entry.contract)
    project = await colony.surroundings.project_tests(entry)
    choice = colony.settings.generate_tests
    if choice == "always" or (choice == "missing" and not (examples or project)):
        return (*examples, *project, *await generate_tests(colony, member))
    return (*examples, *project)


async def generate_tests(colony: Colony, parent: Member) -> tuple[Test, ...]:
    """Ask a tester for tests of an entry's contract; none if no usable ones come back."""
    entry = parent.entry
    member = colony.enlist("tester", entry, parent)
    tests: tuple[Test, ...] = ()
    for _ in range(TRIES):
        reply = await colony.ask(member, Brief("tester", "tests", entry.contract, entry.address.path))
        tests = read_tests(reply.text, entry.contract)
        if tests:
            break
    status = Status.VERIFIED if tests else Status.FAILED
    colony.dismiss(member, Ending(status, f"{len(tests)} tests" if tests else "no usable test came back"))
    return tests


def read_tests(reply: str, contract: Contract) -> tuple[Test, ...]:
    """The tests in a tester's reply that agree with the docstring's examples."""
    blocks, _ = read_blocks(reply)
    if not blocks and "assert" in reply:
        blocks, _ = read_blocks(f"```python\n{_assertions_only(reply)}\n```")
    known = _examples(contract)
    tests: dict[str, Test] = {}
    for block in blocks:
        for name, source, node in _split(block.tree):
            if not _contradicts(node, known) and contract.name.strip("_") in source + contract.qualname:
                unique = name if name not in tests else f"{name}_{len(tests) + 1}"
                tests[unique] = Test("generated", unique, source)
    return tuple(tests.values())[:MOST]


def _assertions_only(reply: str) -> str:
    return "\n".join(line.strip() for line in reply.splitlines() if line.lstrip().startswith(("assert ", "import ")))


def _split(tree: ast.Module) -> Iterator[tuple[str, str, ast.stmt]]:
    """Each assertion and each test function by itself, with the statements before it that it may need."""
    setup: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.Assert):
            yield ast.unparse(node.test)[:60], _source([*setup, node]), node
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield node.name, _source([*setup, node]), node
        elif isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.FunctionDef | ast.ClassDef):
            setup.append(node)
        elif isinstance(node, ast.With | ast.Try | ast.For):
            yield ast.unparse(node).splitlines()[0][:60], _source([*setup, node]), node


def _source(nodes: list[ast.stmt]) -> str:
    return "\n".join(ast.unparse(n) for n in nodes)


def _examples(contract: Contract) -> dict[str, object]:
    """Literal results that the docstring promises, by the normal form of the call."""
    known: dict[str, object] = {}
    for example in contract.examples:
        try:
            call = ast.unparse(_expression(example.source))
            known[call] = (
                Exception if example.exception else ast.literal_eval(_expression(example.want.strip() or "None"))
            )
        except (SyntaxError, ValueError):
            continue
    return known


def _contradicts(node: ast.stmt, known: dict[str, object]) -> bool:
    """Whether an assertion promises another result for a call than an example of the docstring does."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Compare) and len(inner.ops) == 1 and isinstance(inner.ops[0], ast.Eq | ast.Is):
            call = ast.unparse(inner.left)
            try:
                claimed = ast.literal_eval(inner.comparators[0])
            except ValueError:
                continue
            if call in known and known[call] != claimed:
                return True
    return False


def _expression(source: str) -> ast.expr:
    """The single expression that a text is.

    Raises
    ------
    ValueError, SyntaxError
        It is something else.
    """
    statements = syntax_tree.parse(source.strip()).body
    if len(statements) != 1 or not isinstance(statements[0], ast.Expr):
        raise ValueError("not an expression")
    return statements[0].value
