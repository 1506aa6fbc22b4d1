"""The sections of a context that come from the stub's own file."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from attrs import frozen

from soa.source.views import binding_view, class_items, contract_view, cut_lines, definition_view, first_paragraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from soa.contracts import Stub
    from soa.source.structure import Definition, Structure

SMALL_CONSTANT = 160
"""Characters of a constant that is shown though nothing names it."""
AROUND = 30
"""Lines shown before and after a nested stub of the function around it."""
SIBLINGS = 200
"""How many definitions of the same file are considered at most: the nearest."""

DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


@frozen
class Draft:
    """A section before it is cut to size."""

    title: str
    items: tuple[str, ...]
    """Most valuable first; each is kept whole if it fits."""
    share: float
    """Part of the limit that it may have before the others had theirs."""


@frozen
class Place:
    """Where a stub stands in its file."""

    structure: Structure
    stub: Stub
    enclosing: tuple[Definition, ...]
    """The classes and functions around it, from the outside in."""
    own: Definition | None
    """The stub itself; None where its surroundings do not parse."""

    @classmethod
    def of(cls, structure: Structure, stub: Stub) -> Place:
        """Find a stub in the structure of its text."""
        chain = structure.chain(stub.contract.qualname, stub.line)
        parents = stub.contract.qualname.rpartition(".")[0]
        enclosing = chain[:-1] or (structure.chain(parents, stub.line) if parents else ())
        return cls(structure, stub, enclosing, chain[-1] if chain else None)

    @property
    def owner(self) -> Definition | None:
        """The innermost class around it."""
        return next((d for d in reversed(self.enclosing) if d.kind == "class"), None)

    @property
    def function(self) -> Definition | None:
        """The function directly around it."""
        return self.enclosing[-1] if self.enclosing and self.enclosing[-1].kind == "function" else None

    def signature_names(self) -> frozenset[str]:
        """Dotted names in the signature, the decorators and the header of the class."""
        contract, owner = self.stub.contract, self.owner
        return _names((contract.signature, *contract.decorators, *([owner.header] if owner else [])))

    def docstring_names(self) -> frozenset[str]:
        """Dotted names in the docstring; its plain words too."""
        return _names((self.stub.contract.docstring,))

    def attribute_names(self) -> frozenset[str]:
        """Dotted names in what the class says of its attributes."""
        owner = self.owner
        if owner is None:
            return frozenset()
        constructors = (c for c in owner.children if c.name == "__init__")
        return _names((*(a.text for a in owner.attributes), *(c.header for c in constructors)))


def enclosing_class(place: Place) -> Draft:
    """The class around a method: header, docstring, attributes, constructor, contracts of the other methods."""
    owner = place.owner
    if owner is None:
        return Draft("", (), 0.0)
    inner = next((d for d in place.enclosing if d in owner.children), place.own)
    named = frozenset(n.rpartition(".")[2] for n in place.docstring_names())
    return Draft(f"class {owner.qualname}", tuple(class_items(owner, inner, named, place.stub.line)), 0.35)


def enclosing_function(place: Place) -> Draft:
    """The function around a nested stub, as far as it is near."""
    function = place.function
    if function is None:
        return Draft("", (), 0.0)
    lines = function.text.split("\n")
    row = place.stub.line - (function.last_line - len(lines) + 1)
    first, last = max(0, row - AROUND), row + AROUND
    head = [] if first == 0 else [*function.header.split("\n"), "    ..."]
    tail = ["..."] if last < len(lines) else []
    text = "\n".join((*head, *lines[first:last], *tail))
    return Draft(f"the function around it, {function.qualname}", (text,), 0.3)


def imports(place: Place) -> Draft:
    """The file's import statements."""
    return Draft("imports of the file", ("\n".join(i.text for i in place.structure.imports),), 0.15)


def named_siblings(place: Place) -> Draft:
    """What the same file defines and the contract names, in full."""
    return Draft("named in the contract, from the same file", tuple(dict.fromkeys(_named_views(place))), 0.3)


def other_siblings(place: Place) -> Draft:
    """Contracts of the other functions and classes of the file, the nearest first."""
    named = _names_of_contract(place)
    rest = [d for d in _siblings(place) if d.name not in named]
    rest.sort(key=lambda d: abs(d.line - place.stub.line))
    return Draft("also in the file", tuple(_brief(d) for d in rest[:SIBLINGS]), 0.2)


def constants(place: Place) -> Draft:
    """The file's small constants."""
    named = _names_of_contract(place)
    small = (c for c in place.structure.constants if c.name not in named and len(c.text) <= SMALL_CONSTANT)
    texts = dict.fromkeys(c.text for c in small if not c.name.startswith("__"))
    return Draft("constants of the file", ("\n".join(texts),), 0.1)


def module_docstring(place: Place) -> Draft:
    """What the file says of itself, first paragraph."""
    return Draft("the file's docstring", (first_paragraph(place.structure.docstring),), 0.05)


def _named_views(place: Place) -> Iterator[str]:
    named = _names_of_contract(place)
    yield from (binding_view(c) for c in place.structure.constants if c.name in named)
    yield from (definition_view(d) for d in _siblings(place) if d.name in named)


def _names_of_contract(place: Place) -> frozenset[str]:
    return frozenset(n.partition(".")[0] for n in place.signature_names() | place.docstring_names())


def _siblings(place: Place) -> list[Definition]:
    """The file's own definitions but the stub and what encloses it."""
    outermost = place.enclosing[0] if place.enclosing else place.own
    return [d for d in place.structure.definitions if d is not outermost]


def _brief(definition: Definition) -> str:
    if definition.kind == "function":
        return cut_lines(contract_view(definition), 8)
    doc = first_paragraph(definition.docstring)
    methods = [f"{m.header} ..." for m in definition.children][:8]
    body = "\n".join(filter(None, (cut_lines(doc, 4), *methods)))
    return f"{definition.header}\n{textwrap.indent(body or '...', '    ')}"


def _names(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(name for text in texts for name in DOTTED.findall(text))
