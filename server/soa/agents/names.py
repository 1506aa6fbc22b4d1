"""What names a candidate relies on: those it never binds, and what it expects of imported modules."""

from __future__ import annotations

import ast
import builtins
import symtable
import textwrap
from typing import TYPE_CHECKING

from attrs import frozen

from soa import syntax_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soa.contracts import Candidate, Contract

_GUARDS = {"sys", "os", "platform", "hasattr", "getattr", "TYPE_CHECKING", "version_info", "globals", "locals"}


@frozen
class Module:
    """What an imported name stands for: a module, or an attribute of one."""

    name: str
    attribute: str = ""


def candidate_tree(candidate: Candidate, contract: Contract) -> ast.Module:
    """The candidate as a module: imports, helpers, and the function under a plain header.

    Raises
    ------
    SyntaxError
        The pieces do not parse.
    """
    return syntax_tree.parse(_candidate_source(candidate, contract))


def _candidate_source(candidate: Candidate, contract: Contract) -> str:
    parts = [*candidate.imports, *(h.source for h in candidate.helpers)]
    star, arguments = False, []
    for p in contract.parameters:
        if p.kind == "keyword" and not star:
            arguments.append("*")
        star = star or p.kind in ("keyword", "variadic")
        prefix = {"variadic": "*", "keywords": "**"}.get(p.kind, "")
        arguments.append(prefix + p.name + ("" if prefix else "=None"))
    header = f"{'async ' if contract.is_async else ''}def {contract.name}({', '.join(arguments)}):"
    return "\n".join([*parts, header, textwrap.indent(candidate.body or "pass", "    ")]) + "\n"


def undefined_names(candidate: Candidate, contract: Contract, known: frozenset[str]) -> tuple[str, ...]:
    """Names that a candidate reads as globals though nothing binds them, outside code guarded by a test or a `try`."""
    source = _candidate_source(candidate, contract)
    table = symtable.symtable(source, "candidate", "exec")
    bound = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
    known_names = bound | known | set(dir(builtins)) | {"__class__", "reveal_type"}
    unguarded = {n.id for n in _unguarded(syntax_tree.parse(source)) if isinstance(n, ast.Name)}
    loose = {name for name in _globals(table) if name not in known_names and not name.startswith("__")}
    return tuple(sorted(loose & unguarded))


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals(child)


def modules_used(tree: ast.Module, imported: Mapping[str, Module]) -> tuple[Module, ...]:
    """What a candidate needs of modules: each import, and each attribute of an imported module that it reads.

    `imported` is what the file itself imports, by name. Code guarded by a `try` or by a test of the platform is
    left out: it is written for modules that may be missing.
    """
    nodes = list(_unguarded(tree))
    needs = [m for n in nodes for m in bindings_of(n).values()]
    names = {**imported, **{k: m for n in nodes for k, m in bindings_of(n).items()}}
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    stored |= {a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)}
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id not in stored:
            module = names.get(node.value.id)
            if module is not None and not module.attribute:
                needs.append(Module(module.name, node.attr))
    return tuple(dict.fromkeys(needs))


def bindings_of(node: ast.AST) -> dict[str, Module]:
    """The names that an import statement binds; empty for other nodes."""
    if isinstance(node, ast.Import):
        return {
            a.asname or a.name.partition(".")[0]: Module(a.name if a.asname else a.name.partition(".")[0])
            for a in node.names
        } | {a.name: Module(a.name) for a in node.names if "." in a.name and not a.asname}
    if isinstance(node, ast.ImportFrom) and node.module != "__future__":
        module = "." * node.level + (node.module or "")
        return {a.asname or a.name: Module(module, a.name if a.name != "*" else "") for a in node.names}
    return {}


def _unguarded(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if isinstance(node, ast.Try) and node.handlers:
        parts: list[ast.AST] = [*node.orelse, *node.finalbody]
    elif isinstance(node, ast.If | ast.IfExp) and _is_guard(node.test):
        parts = []
    else:
        parts = list(ast.iter_child_nodes(node))
    for part in parts:
        yield from _unguarded(part)


def _is_guard(test: ast.expr) -> bool:
    """Whether a condition asks about the platform or a version rather than about values."""
    for node in ast.walk(test):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in _GUARDS or (name.isupper() and len(name) > 1):
            return True
    return False
