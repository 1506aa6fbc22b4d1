"""Definitions as an agent sees them: contracts without bodies."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soa.source.structure import Binding, Definition, Structure

SHORT_BODY = 14
"""A constructor of at most so many lines is shown with its body."""
VALUE_LINES = 8
"""Longest value of a constant or an attribute, in lines."""


def contract_view(function: Definition, *, full: bool = False) -> str:
    """Signature and docstring of a function; of a long docstring the first paragraph, unless in full."""
    doc = function.docstring if full else first_paragraph(function.docstring)
    if not doc:
        return f"{function.header} ..."
    return f"{function.header}\n{textwrap.indent(doc, '    ')}"


def first_paragraph(docstring: str) -> str:
    """The source of a docstring, ended after its first paragraph."""
    head, _, rest = docstring.partition("\n\n")
    if not rest.strip():
        return docstring
    quote = docstring.rstrip()[-3:] if docstring.rstrip().endswith(('"""', "'''")) else ""
    return head.rstrip() + quote


def cut_lines(text: str, count: int) -> str:
    """The first lines of a text, with a line `...` if there are more."""
    lines = text.split("\n")
    return text if len(lines) <= count else "\n".join((*lines[:count], "..."))


def binding_view(binding: Binding) -> str:
    """An assignment; a long value is cut."""
    return cut_lines(binding.text, VALUE_LINES)


def class_items(definition: Definition, exclude: Definition | None, named: frozenset[str], line: int) -> Iterator[str]:
    """What a method may know of its class, most important first: header, attributes, constructor, methods' contracts.

    Parameters
    ----------
    definition
        The class.
    exclude
        The method itself, or the function or class that holds it.
    named
        Names of methods whose docstrings are wanted in full.
    line
        Where the method stands: of the others, the near ones come first.
    """
    methods = [c for c in definition.children if c is not exclude]
    yield _class_head(definition, definition.docstring)
    constructor = next((m for m in methods if m.name == "__init__"), None)
    if constructor:
        yield textwrap.indent(_constructor(constructor), "    ")
    others = (m for m in methods if m is not constructor)
    for method in sorted(others, key=lambda m: (m.name not in named, abs(m.line - line))):
        yield textwrap.indent(member_view(method, full=method.name in named), "    ")


def member_view(definition: Definition, *, full: bool = False) -> str:
    """A method's contract, or the head of a nested class."""
    if definition.kind == "function":
        return contract_view(definition, full=full)
    return _class_head(definition, first_paragraph(definition.docstring))


def definition_view(definition: Definition) -> str:
    """A function's contract in full; a class with its docstring, attributes and the signatures of its methods."""
    if definition.kind == "function":
        return contract_view(definition, full=True)
    constructor = next((m for m in definition.children if m.name == "__init__"), None)
    attributes = [f"    # {a.text}" for a in (constructor.attributes if constructor else ()) if "\n" not in a.text]
    members = (textwrap.indent(f"{m.header} ...", "    ") for m in definition.children)
    return "\n".join((_class_head(definition, definition.docstring), *attributes, *members))


def module_view(structure: Structure) -> str:
    """A module's docstring, first paragraph, and the headers of its public definitions."""
    public = (d for d in structure.definitions if not d.name.startswith("_"))
    return "\n".join(filter(None, (first_paragraph(structure.docstring), *(f"{d.header} ..." for d in public))))


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
    return "\n".join(filter(None, (definition.header, textwrap.indent(body, "    "))))


def _constructor(method: Definition) -> str:
    if method.text.count("\n") < SHORT_BODY:
        return method.text
    attributes = "\n".join(cut_lines(a.text, 2) for a in method.attributes)
    return "\n".join(filter(None, (contract_view(method), textwrap.indent(attributes, "    "), "    ...")))
