"""Definitions as an agent sees them: contracts without bodies."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soa.source.structure import Binding, Definition, Structure

SHORT_BODY = 14
"""A constructor of at most so many lines is shown with its body."""
OUTLINE_LINES = 8
"""Longest outline of a function in lines, and of a class in members."""
CUT = "[...]"
"""Ends a docstring that is shown in part."""
INDENT = "    "
VALUE_LINES = 8
"""Longest value of a constant or an attribute, in lines."""


@frozen
class Item:
    """One thing that a context shows."""

    text: str
    full: str = ""
    """At greater length, for where there is room."""
    line: int = 0
    """Where it stands: a section's items are shown in this order."""


def contract_view(function: Definition, *, full: bool = False) -> str:
    """Signature and docstring of a function; of a long docstring the first paragraph, unless in full."""
    doc = function.docstring if full else first_paragraph(function.docstring)
    if not doc:
        return f"{function.header} ..."
    return f"{function.header}\n{textwrap.indent(doc, INDENT)}"


def body_view(function: Definition) -> str:
    """A function's contract, shortened, with the body that it has."""
    parts = (
        function.header,
        *(textwrap.indent(t, INDENT) for t in (first_paragraph(function.docstring), function.body)),
    )
    return "\n".join(filter(None, parts))


def first_paragraph(docstring: str) -> str:
    """The source of a docstring, ended after its first paragraph; where that leaves something out, with `[...]`."""
    head, _, rest = docstring.partition("\n\n")
    quote = next((q for q in ('"""', "'''") if docstring.rstrip().endswith(q)), "")
    if not rest.strip().removesuffix(quote).strip():
        return docstring
    return f"{head.rstrip()} {CUT}{quote}"


def cut_lines(text: str, count: int) -> str:
    """The first lines of a text, with a line `...` if there are more."""
    lines = text.split("\n")
    return text if len(lines) <= count else "\n".join((*lines[:count], "..."))


def binding_view(binding: Binding) -> str:
    """An assignment; a long value is cut."""
    return cut_lines(binding.text, VALUE_LINES)


def class_items(
    definition: Definition, exclude: Sequence[Definition | None], named: frozenset[str], line: int, *, bodies: bool
) -> Iterator[Item]:
    """What a method may know of its class, most important first: header, attributes, constructor, methods' contracts.

    Parameters
    ----------
    definition
        The class.
    exclude
        The method itself, or the function or class that holds it; what else is shown elsewhere.
    named
        Names of methods that are wanted first.
    line
        Where the method stands: of the others, the near ones come first.
    bodies
        Whether a short constructor is shown with its body.
    """
    methods = [c for c in definition.children if c not in exclude]
    yield Item(_class_head(definition, definition.docstring), line=definition.line)
    constructor = next((m for m in methods if m.name == "__init__"), None)
    if constructor:
        yield _inner(constructor, _constructor(constructor, bodies=bodies))
    others = (m for m in methods if m is not constructor)
    for method in sorted(others, key=lambda m: (m.name not in named, abs(m.line - line))):
        yield _inner(method, member_view(method), member_view(method, full=True))


def _inner(definition: Definition, text: str, full: str = "") -> Item:
    return Item(textwrap.indent(text, INDENT), textwrap.indent(full, INDENT), definition.line)


def member_view(definition: Definition, *, full: bool = False) -> str:
    """A method's contract, or the head of a nested class."""
    if definition.kind == "function":
        return contract_view(definition, full=full)
    return _class_view(definition, definition.docstring if full else first_paragraph(definition.docstring), ())


def brief_view(definition: Definition) -> str:
    """A function's contract, shortened; a class with its attributes, without its methods."""
    if definition.kind == "function":
        return contract_view(definition)
    return _class_view(definition, first_paragraph(definition.docstring), ())


def definition_view(definition: Definition) -> str:
    """A function's contract in full; a class with its docstring, attributes and the contracts of its methods."""
    if definition.kind == "function":
        return contract_view(definition, full=True)
    return _class_view(definition, definition.docstring, definition.children)


def outline_view(definition: Definition) -> str:
    """A function's contract, shortened; a class with its attributes and the contracts of its first methods."""
    if definition.kind == "function":
        return cut_lines(contract_view(definition), OUTLINE_LINES)
    doc = cut_lines(first_paragraph(definition.docstring), OUTLINE_LINES // 2)
    return _class_view(definition, doc, definition.children[:OUTLINE_LINES])


def _class_view(definition: Definition, docstring: str, members: Sequence[Definition]) -> str:
    views = (_constructor(m, bodies=False) if m.name == "__init__" else member_view(m) for m in members)
    whole = "\n".join((_class_head(definition, docstring), *(textwrap.indent(v, INDENT) for v in views)))
    return f"{whole} ..." if whole == definition.header else whole


def module_view(structure: Structure) -> str:
    """A module's docstring, first paragraph, and its public definitions, shortened."""
    public = (member_view(d) for d in structure.definitions if not d.name.startswith("_"))
    return "\n".join(filter(None, (first_paragraph(structure.docstring), *public)))


def view_at(structure: Structure, name: str, line: int) -> str:
    """What an agent may see of the definition or constant of this name nearest to a line; empty without one."""
    found, pending = [], list(structure.definitions)
    while pending:
        definition = pending.pop()
        pending.extend(definition.children)
        found.extend([definition] if definition.name == name else [])
    if found:
        return definition_view(min(found, key=lambda d: abs(d.line - line)))
    return next((binding_view(c) for c in structure.constants if c.name == name), "")


def _class_head(definition: Definition, docstring: str) -> str:
    below = dict.fromkeys([docstring, *(binding_view(a) for a in definition.attributes)])
    body = "\n".join(filter(None, below))
    return "\n".join(filter(None, (definition.header, textwrap.indent(body, INDENT))))


def _constructor(method: Definition, *, bodies: bool) -> str:
    """A constructor's contract with the attributes that it makes; a short one as it is, where bodies are shown."""
    if bodies and method.text.count("\n") < SHORT_BODY:
        return method.text
    head = method.header if method.attributes and not method.docstring else contract_view(method)
    attributes = [f"{INDENT}# {_first_line(a.text)}" for a in method.attributes]
    return "\n".join((head, *attributes, *([f"{INDENT}..."] if head == method.header else [])))


def _first_line(text: str) -> str:
    first, _, rest = text.partition("\n")
    return f"{first} ..." if rest else first
