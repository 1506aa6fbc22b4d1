"""What names a candidate relies on: those it never binds, and what it expects of imported modules."""

from __future__ import annotations

import ast
import builtins
import re
from typing import TYPE_CHECKING

from attrs import frozen

from soa import syntax_tree
from soa.agents.guards import tested_names, unguarded
from soa.agents.pieces import parse, understood

if TYPE_CHECKING:
    import symtable
    from collections.abc import Iterable, Iterator, Mapping

    from soa.contracts import Candidate, Contract

KNOWN_SUBMODULES = {"os.path": "os.path"}
"""Modules that are there once the module above them is imported, and are used that way."""
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.MatchAs, ast.MatchStar, ast.ExceptHandler)
_TYPE_PARAMETERS = re.compile(r"\b(?:def|class)\s+\w+\s*\[([^\]]*)\]")


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
    return parse(candidate_source(candidate, contract))


def candidate_source(candidate: Candidate, contract: Contract) -> str:
    """The source of `candidate_tree`. What a nested function declares as `nonlocal` is bound around it."""
    imports = sorted(candidate.imports, key=lambda i: not i.startswith("from __future__"))
    function = [_header(contract), *_indented(candidate.body or "pass")]
    free = _nonlocals(candidate.body)
    if free:
        around = ["def _():", f"    {' = '.join(free)} = None"]
        function = [*around, *_indented("\n".join(function))]
    return "\n".join([*imports, *(h.source for h in candidate.helpers), *function]) + "\n"


def _header(contract: Contract) -> str:
    star, arguments = False, []
    for p in contract.parameters:
        if p.kind == "keyword" and not star:
            arguments.append("*")
        star = star or p.kind in ("keyword", "variadic")
        prefix = {"variadic": "*", "keywords": "**"}.get(p.kind, "")
        arguments.append(prefix + p.name + ("" if prefix else "=None"))
    return f"{'async ' if contract.is_async else ''}def {contract.name}({', '.join(arguments)}):"


def _indented(source: str) -> list[str]:
    return [f"    {line}" if line.strip() else line for line in source.split("\n")]


def _nonlocals(body: str) -> list[str]:
    """Names declared `nonlocal` by the function itself."""
    if "nonlocal" not in body:
        return []
    todo: list[ast.AST] = list(parse("async def _():\n" + "\n".join(_indented(body))).body[0].body)  # type: ignore[attr-defined]
    found: list[str] = []
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Nonlocal):
            found += node.names
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            todo += ast.iter_child_nodes(node)
    return sorted(set(found))


def free_names(source: str) -> frozenset[str]:
    """Names that a module's source reads as globals though it does not bind them; builtins are among them.

    Raises
    ------
    SyntaxError
        It does not compile.
    """
    table = _table(source)
    return frozenset(_read(table)) - frozenset(_bound(table)) - _type_parameters(source)


def undefined_names(candidate: Candidate, contract: Contract, known: frozenset[str]) -> tuple[str, ...]:
    """Names that a candidate reads as globals though nothing binds them, outside code guarded by a test or a `try`.

    `known` are the names the file binds; a `*` among them stands for a star import, after which any name may be bound.
    """
    if "*" in known:
        return ()
    source = candidate_source(candidate, contract)
    bound = known | set(dir(builtins)) | _type_parameters(contract.signature)
    loose = {name for name in free_names(source) - bound if not name.startswith("__")}
    tree = parse(source)
    seen = {n.id for n in unguarded(tree) if isinstance(n, ast.Name)}
    return tuple(sorted((loose & seen) - tested_names(tree)))


def _table(source: str) -> symtable.SymbolTable:
    return syntax_tree.symbols(understood(source))


def _read(table: symtable.SymbolTable) -> Iterator[str]:
    """Names that are looked up in the module's namespace.

    `is_local` is asked too since `symtable` takes every function called `top` for the module.
    """
    for part in _tables(table):
        for symbol in part.get_symbols():
            if symbol.is_referenced() and (part is table or (symbol.is_global() and not symbol.is_local())):
                yield symbol.get_name()


def _bound(table: symtable.SymbolTable) -> Iterator[str]:
    """Names of the module's namespace that something binds, be it a function that declares them global."""
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            yield symbol.get_name()
    for part in _tables(table):
        yield from (s.get_name() for s in part.get_symbols() if s.is_declared_global() and s.is_assigned())


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    todo = [table]
    while todo:
        part = todo.pop()
        yield part
        todo += part.get_children()


def _type_parameters(source: str) -> frozenset[str]:
    """Names in type parameter lists, bounds among them."""
    lists = _TYPE_PARAMETERS.findall(source)
    return frozenset(re.findall(r"[^\W\d]\w*", " ".join(lists)))


def modules_used(tree: ast.Module, imported: Mapping[str, Module]) -> tuple[Module, ...]:
    """What a candidate needs of modules: each import, and each attribute of an imported module that it reads.

    `imported` is what the file itself imports, by name. Names that the candidate also binds in another way are left
    out, and so is guarded code: it is written for modules that may be missing.
    """
    tests = frozenset(name for name, module in imported.items() if not module.attribute)
    nodes = list(unguarded(tree, tests))
    names = {**imported, **{k: m for n in nodes for k, m in bindings_of(n).items()}}
    stored = frozenset(_stored(tree))
    needs = [m for n in nodes for m in bindings_of(n).values()]
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            path = _dotted(node.value)
            module = None if path.partition(".")[0] in stored else _module(path, names)
            needs += [Module(module, node.attr)] if module else []
    return tuple(dict.fromkeys(needs))


def _module(path: str, names: Mapping[str, Module]) -> str:
    """The module that a dotted name stands for; empty if that is not certain."""
    found = names.get(path)
    if found is not None:
        return "" if found.attribute else found.name
    root, _, rest = path.partition(".")
    top = names.get(root)
    return KNOWN_SUBMODULES.get(f"{top.name}.{rest}", "") if top is not None and not top.attribute else ""


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _stored(tree: ast.Module) -> Iterator[str]:
    """Names that something other than an import binds, in any scope."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, _NAMED):
            yield node.name or ""
        elif isinstance(node, ast.MatchMapping):
            yield node.rest or ""


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


def quoted_names(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Names inside annotations that are written as strings."""
    found: set[str] = set()
    for annotation in (a for n in nodes for inner in ast.walk(n) for a in _annotations(inner)):
        for part in ast.walk(annotation):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                found.update(re.findall(r"[^\W\d]\w*", part.value))
    return frozenset(found)


def _annotations(node: ast.AST) -> Iterator[ast.expr]:
    named = (getattr(node, "annotation", None), getattr(node, "returns", None))
    yield from (a for a in named if isinstance(a, ast.expr))


def called_names(tree: ast.AST, owner: str) -> frozenset[str]:
    """Qualified names that code may mean by what it calls: `f()`, `C()`, and `self.m()` in class `owner`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            found |= {node.func.id, f"{node.func.id}.__init__"}
        elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            receiver = owner if node.func.value.id in ("self", "cls") else node.func.value.id
            found.add(f"{receiver}.{node.func.attr}")
    return frozenset(found)
