"""The gate between an answer and its tests: what can be refused without running anything."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from soa import syntax_tree
from soa.agents.names import Module, candidate_source, candidate_tree, modules_used, undefined_names
from soa.agents.pieces import is_empty, is_function, is_stub, parse, statements, understood
from soa.source.stubs import find_stubs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from soa.agents.harvest import Known
    from soa.contracts import Candidate, Contract, Helper

FIRST = 4
"""Reasons that go back to the model at once; more would hide the first."""
DEEPEST = 200
"""Levels of a syntax tree; what is deeper cannot be worked with."""


def problems(candidate: Candidate, contract: Contract, known: Known) -> tuple[str, ...]:
    """Why a candidate cannot be taken beside what its file already has."""
    try:
        broken = _does_not_compile(candidate, contract)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        broken = getattr(error, "msg", "") or str(error)
    if broken:
        return (f"The code does not compile: {broken}.",)
    found = list(_undefined(candidate, contract, known))
    found += [f"`{name}` has no body: write it out." for name in _empty_parts(candidate)]
    found += _repeats(candidate.helpers, contract, known.functions)
    found += [f"`{i}`: import the names you need instead of `*`." for i in candidate.imports if i.endswith("import *")]
    return tuple(found[:FIRST])


def _undefined(candidate: Candidate, contract: Contract, known: Known) -> Iterator[str]:
    """Names that nothing binds; members of the class are known by name only in the headers of other members."""
    in_headers = any(h.scope == "class" for h in candidate.helpers)
    for name in undefined_names(candidate, contract, known.module):
        if name not in known.members:
            yield f"The name `{name}` is not defined anywhere: import or define it."
        elif not in_headers:
            yield f"`{name}` is a member of the class: use it on the object, not by its name alone."


def _does_not_compile(candidate: Candidate, contract: Contract) -> str:
    if _depth(candidate_tree(candidate, contract)) > DEEPEST:
        return "it is nested too deeply"
    syntax_tree.check(understood(candidate_source(candidate, contract)))
    return ""


def _depth(tree: ast.AST) -> int:
    level, depth = [tree], 0
    while level:
        level, depth = [c for n in level for c in ast.iter_child_nodes(n)], depth + 1
    return depth


def leftover_stubs(candidate: Candidate) -> tuple[str, ...]:
    """Names of helpers without a body."""
    return tuple(h.name for h in candidate.helpers if is_stub_source(h))


def is_stub_source(helper: Helper) -> bool:
    """Whether a helper is a function whose body is still missing."""
    return is_stub(parse(helper.source).body[0])


def _empty_parts(candidate: Candidate) -> Iterator[str]:
    """Stubs inside the body or inside helpers, whose bodies nobody would write."""
    yield from (s.contract.qualname for s in find_stubs(candidate.body))
    for helper in candidate.helpers:
        yield from (q for s in find_stubs(helper.source) if (q := s.contract.qualname) != helper.name)


def module_needs(candidate: Candidate, contract: Contract, imported: Mapping[str, Module]) -> tuple[Module, ...]:
    """What the project's interpreter must have for a candidate to work."""
    return modules_used(candidate_tree(candidate, contract), imported)


def _repeats(helpers: Iterable[Helper], contract: Contract, existing: Mapping[str, str]) -> list[str]:
    """Helpers that do, statement for statement, what a function does that could be called instead."""
    mine = {h: shape for h in helpers if (shape := _shape(h.source))}
    if not mine:
        return []
    callable_here = {name: source for name, source in existing.items() if _is_within_reach(name, contract)}
    shapes = {shape: name for name, source in callable_here.items() if (shape := _shape(source))}
    return [
        f"The helper `{h.name}` repeats `{shapes[shape]}`, which exists: call that instead."
        for h, shape in mine.items()
        if shape in shapes
    ]


def _is_within_reach(name: str, contract: Contract) -> bool:
    """Whether a function can be called from where the contract stands: of the module, or of the same class."""
    owner = name.rpartition(".")[0]
    return name != contract.qualname and owner in ("", contract.qualname.rpartition(".")[0])


def _shape(source: str) -> str:
    """A function's statements, with its parameters numbered; empty for anything else."""
    try:
        node = parse(source).body[0]
    except (SyntaxError, IndexError):
        return ""
    if not is_function(node) or is_empty(node):
        return ""
    a = node.args
    arguments = [*a.posonlyargs, *a.args, *([a.vararg] if a.vararg else []), *a.kwonlyargs]
    numbers = {p.arg: f"<{n}>" for n, p in enumerate([*arguments, *([a.kwarg] if a.kwarg else [])])}
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            inner.id = numbers.get(inner.id, inner.id)
    defaults = [*a.defaults, *(d for d in a.kw_defaults if d is not None)]
    kinds = (len(a.posonlyargs) + len(a.args), bool(a.vararg), len(a.kwonlyargs), bool(a.kwarg))
    return f"{kinds}" + "".join(ast.dump(s) for s in [*defaults, *statements(node)])
