"""The sections of a context that come from the stub's own file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from soa.source.callers import caller_view, callers_of, code_of, is_empty
from soa.source.views import (
    Item,
    binding_view,
    brief_view,
    class_items,
    definition_view,
    first_paragraph,
    outline_view,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soa.contracts import Stub
    from soa.source.structure import Binding, Definition, Structure

SMALL_CONSTANT = 160
"""Characters of a constant that is shown though nothing names it."""
AROUND = 30
"""Lines shown before and after a nested stub of the function around it."""
SIBLINGS = 40
"""How many definitions of the same file are considered at most: the nearest."""

DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_LITERAL = re.compile(r"""(?<!\w)(['"])[^'"\n]*\1(?!\w)""")
_QUOTED = re.compile(r"(`+)([^`\n]+)\1")
_LOOKS_LIKE_CODE = re.compile(r"_|\.|[a-z][A-Z]|^[A-Z]\w*[a-z]|^[A-Z][A-Z\d]+$")


@frozen
class Draft:
    """A section before it is cut to size."""

    title: str
    items: tuple[Item, ...]
    """Most valuable first; each is kept whole if it fits."""
    share: float
    """Part of the limit that it may have before the others had theirs."""

    @classmethod
    def of(cls, title: str, texts: Iterable[str], share: float) -> Draft:
        """A draft of texts that are shown in the order they have."""
        return cls(title, tuple(Item(t) for t in dict.fromkeys(texts)), share)


@frozen
class Place:
    """Where a stub stands in its file."""

    structure: Structure
    stub: Stub
    enclosing: tuple[Definition, ...]
    """The classes and functions around it, from the outside in."""
    own: Definition | None
    """The stub itself; None where its surroundings do not parse."""
    mother: Definition | None = None
    """For a helper, the function whose skeleton made it."""
    callers: tuple[Definition, ...] = ()
    """The functions of the file whose bodies call it, as far as bodies may be seen: for a helper, its mother."""
    bodies: bool = True
    """Whether bodies of other functions may be seen."""

    @classmethod
    def of(cls, structure: Structure, stub: Stub, mother: str = "", *, bodies: bool = True) -> Place:
        """Find a stub in the structure of its text, and the function whose helper it is, if a name is given."""
        chain = structure.chain(stub.contract.qualname, stub.line)
        parents = stub.contract.qualname.rpartition(".")[0]
        enclosing = chain[:-1] or (structure.chain(parents, stub.line) if parents else ())
        above = structure.chain(mother, stub.line)[-1:] if mother else ()
        nested = bool(enclosing) and enclosing[-1].kind == "function"
        found = () if above or nested or not bodies else callers_of(stub.contract, structure, stub.line)
        callers = above if above and bodies else found
        return cls(structure, stub, enclosing, chain[-1] if chain else None, next(iter(above), None), callers, bodies)

    @property
    def owner(self) -> Definition | None:
        """The innermost class around it."""
        return next((d for d in reversed(self.enclosing) if d.kind == "class"), None)

    @property
    def function(self) -> Definition | None:
        """The function directly around it."""
        return self.enclosing[-1] if self.enclosing and self.enclosing[-1].kind == "function" else None

    @property
    def is_helper(self) -> bool:
        """Whether it is there for its callers only: a mother made it for them, or its name says so."""
        name = self.stub.contract.name
        return self.mother is not None or (bool(self.callers) and name.startswith("_") and not name.endswith("__"))

    def signature_names(self) -> frozenset[str]:
        """Dotted names in the signature, the decorators and the header of the class."""
        contract, owner = self.stub.contract, self.owner
        return _names((contract.signature, *contract.decorators, *([owner.header] if owner else [])))

    def docstring_names(self) -> frozenset[str]:
        """Dotted names in the docstring that are meant as code: in its examples, or in its prose by their look."""
        return self.example_names() | self.prose_names()

    def example_names(self) -> frozenset[str]:
        """Dotted names in the docstring's examples."""
        return _code_names(e.source for e in self.stub.contract.examples)

    def prose_names(self) -> frozenset[str]:
        """Dotted names in the docstring's prose that look like code."""
        return _names_in_prose(_without_examples(self.stub.contract.docstring))

    def caller_names(self) -> frozenset[str]:
        """Dotted names in the bodies that call it, and the classes they belong to."""
        return _code_names(c.body for c in self.callers) | {c.qualname.partition(".")[0] for c in self.callers}

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
    named = frozenset(n.rpartition(".")[2] for n in place.docstring_names() | place.caller_names())
    items = class_items(owner, (inner, place.mother, *place.callers), named, place.stub.line, bodies=place.bodies)
    return Draft(f"class {owner.qualname}", tuple(items), 0.35)


def callers(place: Place) -> Draft:
    """The functions of the file that call the stub, with their bodies; for a helper, the one it was made for."""
    name = place.stub.contract.name
    items = tuple(Item(caller_view(c, name), line=c.line) for c in place.callers)
    title = "the functions that call it" if len(items) > 1 else "the function that calls it"
    if place.mother and not re.search(rf"\b{re.escape(name)}\b", place.mother.body):
        title = "the function that it is a helper of"
    return Draft(title, items, 0.3)


def enclosing_function(place: Place) -> Draft:
    """The function around a nested stub, as far as it is near."""
    function = place.function
    if function is None or not place.bodies:
        return Draft("", (), 0.0)
    lines = function.text.split("\n")
    row = place.stub.line - (function.last_line - len(lines) + 1)
    first, last = max(0, row - AROUND), row + AROUND
    head = [] if first == 0 else [*function.header.split("\n"), "    ..."]
    tail = ["..."] if last < len(lines) else []
    text = "\n".join((*head, *lines[first:last], *tail))
    return Draft.of(f"the function around it, {function.qualname}", (text,), 0.3)


def imports(place: Place) -> Draft:
    """The file's import statements."""
    return Draft.of("imports of the file", ("\n".join(i.text for i in place.structure.imports),), 0.15)


def named_siblings(place: Place) -> Draft:
    """What the same file defines and the contract or a caller names, in the order of the file.

    What only the examples or a caller name is shown in brief, but for a caller's other helpers.
    """
    named, whole = _names_around(place), _names_in_full(place) | _other_helpers(place)
    found = [Item(binding_view(c), line=c.line) for c in place.structure.constants if c.name in named]
    for d in _siblings(place):
        if d.name in named:
            found.append(Item(definition_view(d) if d.name in whole else brief_view(d), line=d.line))
    users = "header, docstring, examples or caller" if place.callers else "header, docstring or examples"
    return Draft(f"used in the {users}, from this file", tuple({i.text: i for i in found}.values()), 0.3)


def other_siblings(place: Place) -> Draft:
    """Outlines of the other functions and classes of the file, the nearest first; helpers and testers need none.

    Who is called in the file works on what its callers have: it needs no other classes.
    """
    if place.is_helper or not place.bodies:
        return Draft("", (), 0.0)
    named = _names_around(place)
    rest = [d for d in _siblings(place) if d.name not in named and (d.kind == "function" or not place.callers)]
    rest.sort(key=lambda d: abs(d.line - place.stub.line))
    return Draft("also in the file", tuple(Item(outline_view(d), line=d.line) for d in rest[:SIBLINGS]), 0.2)


def constants(place: Place) -> Draft:
    """The file's small constants; who is called in the file needs those only that are named."""
    named = _names_around(place)
    small = (c for c in place.structure.constants if c.name not in named and len(c.text) <= SMALL_CONSTANT)
    texts = dict.fromkeys(c.text for c in small if not (place.callers or c.name.startswith("__")))
    return Draft.of("constants of the file", ("\n".join(texts),), 0.1)


def module_docstring(place: Place) -> Draft:
    """What the file says of itself, first paragraph."""
    return Draft.of("the file's docstring", (first_paragraph(place.structure.docstring),), 0.05)


def _names_around(place: Place) -> frozenset[str]:
    """Names in the contract, in the callers and in the attributes of the class, and those in classes so named."""
    return _with_attributes(place, _names_in_full(place) | _heads(place.example_names() | place.caller_names()))


def _names_in_full(place: Place) -> frozenset[str]:
    """The names among these whose definitions are shown at length; to a tester, those in the examples too."""
    groups = place.signature_names() | place.prose_names() | place.attribute_names()
    mother = {place.mother.qualname.partition(".")[0]} if place.mother else frozenset[str]()
    return _with_attributes(place, _heads(groups | mother | (frozenset() if place.bodies else place.example_names())))


def _other_helpers(place: Place) -> frozenset[str]:
    """The functions that a caller calls and that are written at the same time: their contracts must go together."""
    called = _heads(place.caller_names())
    functions = (d for d in place.structure.definitions if d.kind == "function" and d.name in called)
    return frozenset(d.name for d in functions if place.mother or is_empty(d))


def _heads(names: Iterable[str]) -> frozenset[str]:
    return frozenset(n.partition(".")[0] for n in names)


def _with_attributes(place: Place, named: frozenset[str]) -> frozenset[str]:
    """Names, and those in the attributes of classes so named."""
    classes = [d for d in place.structure.definitions if d.kind == "class" and d.name in named]
    return named | _names(a.text for d in classes for a in (*d.attributes, *_constructed(d)))


def _constructed(definition: Definition) -> tuple[Binding, ...]:
    return next((c.attributes for c in definition.children if c.name == "__init__"), ())


def _siblings(place: Place) -> list[Definition]:
    """The file's own definitions but the stub, what encloses it, and the callers, which are shown by themselves."""
    outermost = place.enclosing[0] if place.enclosing else place.own
    return [d for d in place.structure.definitions if d not in (outermost, *place.callers)]


def _without_examples(docstring: str) -> str:
    """The prose of a docstring."""
    paragraphs = re.split(r"\n[ \t]*\n", docstring)
    return "\n\n".join(p[: m.start()] if (m := re.search(r"^[ \t]*>>>", p, re.MULTILINE)) else p for p in paragraphs)


def _names_in_prose(prose: str) -> frozenset[str]:
    """Names in backticks, names that are called, and names that no word of a language looks like."""
    quoted = _names(m[2] for m in _QUOTED.finditer(prose))
    bare = _LITERAL.sub(" ", prose)
    called = (m for m in DOTTED.finditer(bare) if bare.startswith("(", m.end()) or _LOOKS_LIKE_CODE.search(m[0]))
    return quoted | frozenset(m[0] for m in called)


def _code_names(sources: Iterable[str]) -> frozenset[str]:
    """Dotted names in code, without those in its strings and comments."""
    return _names(map(code_of, sources))


def _names(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(name for text in texts for name in DOTTED.findall(text))
