"""The gate between an answer and its tests: what can be refused without running anything."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from soa import syntax_tree
from soa.agents.names import Module, candidate_tree, modules_used, undefined_names
from soa.agents.pieces import docstring_node, is_empty, is_function

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from soa.agents.harvest import Known
    from soa.contracts import Candidate, Contract, Helper

FIRST = 4
"""Reasons that go back to the model at once; more would hide the first."""


def problems(candidate: Candidate, contract: Contract, known: Known, existing: Mapping[str, str]) -> tuple[str, ...]:
    """Why a candidate cannot be taken.

    Parameters
    ----------
    existing
        Source of each function that the file already has, by qualified name.
    """
    try:
        candidate_tree(candidate, contract)
        loose = undefined_names(candidate, contract, known.module | known.members)
    except (SyntaxError, ValueError) as error:
        return (f"The code does not compile: {error}.",)
    found = [f"The name `{name}` is not defined anywhere: import or define it." for name in loose]
    found += _repeats(candidate.helpers, existing)
    found += [f"`{i}`: import the names you need instead of `*`." for i in candidate.imports if i.endswith("import *")]
    return tuple(found[:FIRST])


def leftover_stubs(candidate: Candidate) -> tuple[str, ...]:
    """Names of helpers without a body."""
    return tuple(h.name for h in candidate.helpers if is_stub_source(h))


def is_stub_source(helper: Helper) -> bool:
    """Whether a helper is a function whose body is still missing."""
    node = syntax_tree.parse(helper.source).body[0]
    return is_function(node) and is_empty(node)


def module_needs(candidate: Candidate, contract: Contract, imported: Mapping[str, Module]) -> tuple[Module, ...]:
    """What the project's interpreter must have for a candidate to work."""
    return modules_used(candidate_tree(candidate, contract), imported)


def _repeats(helpers: Iterable[Helper], existing: Mapping[str, str]) -> list[str]:
    """Helpers that do, statement for statement, what a function of the file already does."""
    shapes = {shape: name for name, source in existing.items() if (shape := _shape(source))}
    return [
        f"The helper `{h.name}` repeats `{shapes[shape]}`, which exists: call that instead."
        for h in helpers
        if (shape := _shape(h.source)) in shapes
    ]


def _shape(source: str) -> str:
    """A function's parameters and statements, without its name, decorators and docstring; empty for anything else."""
    try:
        node = syntax_tree.parse(source).body[0]
    except (SyntaxError, IndexError):
        return ""
    if not is_function(node) or is_empty(node):
        return ""
    body = node.body[1:] if docstring_node(node) else node.body
    return ast.dump(node.args) + "".join(ast.dump(s) for s in body)
