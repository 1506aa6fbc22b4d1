"""From an answer to a candidate: the body, and of what stands beside it only what the body needs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import field, frozen

from soa.agents.pieces import dedent_code, is_empty, is_function, string_lines
from soa.contracts import Candidate, Helper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from soa.agents.replies import Answer, Block
    from soa.contracts import Contract

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


@frozen
class Known:
    """The names that a file already binds."""

    module: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    """Names bound in the class that holds the stub."""
    module_name: str = ""
    """Dotted name of the module itself; importing from it is dropped."""


@frozen
class Harvest:
    """A candidate with what was left out of the reply."""

    candidate: Candidate
    unused: tuple[str, ...] = ()
    """New stubs that nothing uses."""
    repeated: tuple[str, ...] = ()
    """New stubs whose names the file already binds."""


@frozen
class _Piece:
    """A definition beside the function, not yet known to be needed."""

    node: Definition
    helper: Helper
    uses: frozenset[str] = field(eq=False)

    @property
    def is_stub(self) -> bool:
        return is_function(self.node) and is_empty(self.node)


def harvest(answer: Answer, contract: Contract, known: Known) -> Harvest:
    """Collect the body, the helpers it reaches and the imports both use; the file's own names win over the reply's."""
    pieces = tuple(_pieces(answer, contract))
    fresh = {p.helper.name: p for p in pieces if p.helper.name not in _taken(p, known)}
    needed = _reachable(names_used(answer.function.body), fresh)
    helpers = tuple(p.helper for name, p in fresh.items() if name in needed)
    uses = names_used(answer.function.body).union(*(fresh[n].uses for n in needed))
    imports = tuple(dict.fromkeys(_imports(answer.beside, uses, known, bool(helpers))))
    return Harvest(
        Candidate(answer.body, helpers, imports),
        tuple(n for n, p in fresh.items() if n not in needed and p.is_stub),
        tuple(p.helper.name for p in pieces if p.is_stub and p.helper.name in _taken(p, known)),
    )


def names_used(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Names read, and attributes of any object, by their last part."""
    found = set()
    for node in nodes:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name):
                found.add(inner.id)
            elif isinstance(inner, ast.Attribute):
                found.add(inner.attr)
            elif isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner.value.isidentifier():
                found.add(inner.value)
    return frozenset(found)


def _taken(piece: _Piece, known: Known) -> frozenset[str]:
    return known.members if piece.helper.scope == "class" else known.module


def _reachable(start: frozenset[str], pieces: dict[str, _Piece]) -> set[str]:
    seen: set[str] = set()
    todo = [n for n in pieces if n in start]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += [n for n in pieces if n in pieces[name].uses and n not in seen]
    return seen


def _pieces(answer: Answer, contract: Contract) -> Iterator[_Piece]:
    method = "." in contract.qualname
    for block in answer.beside:
        for node in block.tree.body:
            if node is answer.function or node is answer.owner:
                continue
            yield from _piece(block, node, "class" if method and _is_member(node, answer) else "module")
        if answer.owner is not None and block is answer.block:
            for node in answer.owner.body:
                if node is not answer.function:
                    yield from _piece(block, node, "class")


def _is_member(node: ast.stmt, answer: Answer) -> bool:
    """Whether a dedented function beside a dedented method is meant as a method: it is called on an object."""
    if not is_function(node):
        return False
    receivers = {"self", "cls"} | ({answer.owner.name} if answer.owner else set())
    called = any(
        isinstance(n, ast.Attribute)
        and n.attr == node.name
        and isinstance(n.value, ast.Name)
        and n.value.id in receivers
        for n in ast.walk(answer.block.tree)
    )
    parameters = [*node.args.posonlyargs, *node.args.args]
    return called and (bool(node.decorator_list) or (bool(parameters) and parameters[0].arg in ("self", "cls")))


def _piece(block: Block, node: ast.stmt, scope: str) -> Iterator[_Piece]:
    name = _bound_name(node)
    if not name or not isinstance(node, Definition):
        return
    helper = Helper(name, _source(block.source, node), "class" if scope == "class" else "module")
    yield _Piece(node, helper, names_used([node]) - {name})


def _bound_name(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        return node.target.id
    return ""


def _source(source: str, node: ast.stmt) -> str:
    decorators = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(d.lineno for d in decorators)]) - 1
    lines = source.split("\n")[start : node.end_lineno]
    if not node.col_offset:
        return "\n".join(lines)
    return (
        dedent_code("\n".join(lines)) if string_lines(source) else "\n".join(line[node.col_offset :] for line in lines)
    )


def _imports(blocks: tuple[Block, ...], uses: frozenset[str], known: Known, with_helpers: bool) -> Iterator[str]:
    for block in blocks:
        for node in block.tree.body:
            if isinstance(node, ast.Import):
                yield from (f"import {_alias(a)}" for a in node.names if _binding(a) in uses)
            elif isinstance(node, ast.ImportFrom):
                yield from _from_imports(node, uses, known, with_helpers)


def _from_imports(node: ast.ImportFrom, uses: frozenset[str], known: Known, with_helpers: bool) -> Iterator[str]:
    module = "." * node.level + (node.module or "")
    if module == "__future__":
        yield from (f"from __future__ import {a.name}" for a in node.names if with_helpers)
    elif not _is_own(node, known):
        yield from (f"from {module} import {_alias(a)}" for a in node.names if _binding(a) in uses or a.name == "*")


def _is_own(node: ast.ImportFrom, known: Known) -> bool:
    own, stem = known.module_name, known.module_name.rpartition(".")[2]
    all_known = all(_binding(a) in known.module for a in node.names)
    return all_known and (node.module == own or (node.module or "").rpartition(".")[2] == stem)


def _alias(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _binding(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]
