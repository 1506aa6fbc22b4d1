"""The functions of a file that call a stub of the same file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import evolve

from soa.source.views import body_view, contract_view

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from soa.contracts import Contract
    from soa.source.structure import Definition, Structure

CALLERS = 3
"""Functions that are shown at most: the nearest."""
LONGEST = 40
"""Lines of a caller's body that are shown whole; of a longer one, so many around the first call."""

_STRING = re.compile(r"""(\"{3}|'{3}|"|')(?:\\.|(?!\1).)*\1|#[^\n]*""", re.DOTALL)
_EXAMPLE = re.compile(r"^[ \t]*(?:>>>|\.\.\.).*", re.MULTILINE)
_EMPTY = re.compile(r"(?:\.\.\.|pass|raise NotImplementedError\b.*)?", re.DOTALL)


def code_of(source: str) -> str:
    """Source with its strings and comments blanked out; every character keeps its place."""
    return _STRING.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source)


def is_empty(function: Definition) -> bool:
    """Whether a function's body is still to be written."""
    return _EMPTY.fullmatch(function.body.strip()) is not None


def callers_of(contract: Contract, structure: Structure, line: int) -> tuple[Definition, ...]:
    """The functions that call a function of the module, or the methods that call a method of their class.

    Those with a body come first, then those without whose docstrings name a private function; the nearest to `line`
    before the others.
    """
    owner, _, name = contract.qualname.rpartition(".")
    functions = (d for d in _functions(structure.definitions) if d.qualname != contract.qualname)
    around = (d for d in functions if not owner or d.qualname.rpartition(".")[0] == owner)
    found = (d for d in around if (_promises(d, name) if is_empty(d) else _calls(d, name, method=bool(owner))))
    return tuple(sorted(found, key=lambda d: (is_empty(d), abs(d.line - line)))[:CALLERS])


def _calls(function: Definition, name: str, *, method: bool) -> bool:
    before = r"\." if method else r"(?<![\w.])"
    use = re.compile(rf"{before}{re.escape(name)}\b")
    return name in function.body and use.search(code_of(function.body)) is not None


def _promises(function: Definition, name: str) -> bool:
    """Whether a docstring says that a private function will be called."""
    prose = _EXAMPLE.sub("", function.docstring)
    return name.startswith("_") and re.search(rf"(?<!\w){re.escape(name)}\b", prose) is not None


def _functions(definitions: Iterable[Definition]) -> Iterator[Definition]:
    """Functions of a module and of its classes; those inside of functions are shown with them."""
    for definition in definitions:
        if definition.kind == "function":
            yield definition
        else:
            yield from _functions(definition.children)


def caller_view(function: Definition, name: str) -> str:
    """A function's contract, shortened, with its body; of a long body what is around the first use of a name.

    One that has no body yet is shown by its whole contract.
    """
    if is_empty(function):
        return contract_view(function, full=True)
    lines = function.body.split("\n")
    if len(lines) <= LONGEST:
        return body_view(function)
    use = re.search(rf"\b{re.escape(name)}\b", code_of(function.body))
    row = function.body.count("\n", 0, use.start()) if use else 0
    first = max(0, min(row - LONGEST // 2, len(lines) - LONGEST))
    last = first + LONGEST
    shown = (*(["..."] if first else []), *lines[first:last], *(["..."] if last < len(lines) else []))
    return body_view(evolve(function, body="\n".join(shown)))
