"""What candidates add beside their stubs: helpers and imports, collected over all stubs of a text."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import define, field

from soa.errors import SpliceError
from soa.source import layout, places, syntax
from soa.source.bodies import indent_unit, render
from soa.source.definitions import class_names, find_blocks, module_names
from soa.source.edits import Edit
from soa.source.import_block import place_imports
from soa.source.imports import import_conflicts, missing_imports

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tree_sitter import Node

    from soa.contracts import Candidate, Helper, Stub
    from soa.source.outline import Block


@define
class _Addition:
    """Helpers for one place."""

    place: places.Place
    unit: str
    is_module: bool
    helpers: list[Helper] = field(factory=list)

    @property
    def blank_lines(self) -> int:
        """Blank lines between definitions there."""
        return 2 if self.is_module else 1


def helper_conflicts(text: str, helpers: Sequence[Helper], owner: str = "") -> tuple[str, ...]:
    """Why helpers cannot be added, one sentence each; `owner` is the qualified name of the stub's class."""
    return tuple(_conflicts(text, helpers, owner))


def _conflicts(text: str, helpers: Sequence[Helper], owner: str) -> Iterator[str]:
    taken = {"module": module_names(text), "class": class_names(text, owner) if owner else frozenset()}
    for helper in helpers:
        if helper.scope == "class" and not owner:
            yield f"`{helper.name}` is to be a method, but the stub is in no class."
        elif helper.name in taken[helper.scope]:
            yield f"`{helper.name}` is the name of something else {'in the class' if owner else 'in the module'}."
        if not _defines(helper):
            yield f"The helper `{helper.name}` is not one definition of that name."


def _defines(helper: Helper) -> bool:
    module = syntax.parse(helper.source)
    node = module.body[0] if module and len(module.body) == 1 else None
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == helper.name
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return len(targets) == 1 and isinstance(targets[0], ast.Name) and targets[0].id == helper.name


def insert(page: layout.Page, root: Node, items: Sequence[tuple[Stub, Candidate]]) -> list[Edit]:
    """The edits that add the helpers and imports of candidates, at most one for each offset.

    Raises
    ------
    SpliceError
        A name is bound already, or two candidates bind it differently.
    """
    imports = list(dict.fromkeys(i for _, candidate in items for i in candidate.imports))
    helpers = {h.name for _, candidate in items for h in candidate.helpers if h.scope == "module"}
    new = missing_imports(page.text, imports) if imports else []
    reasons = list(import_conflicts(page.text, imports)) if imports else []
    reasons += [f"`{i.source}` and a helper bind the same name." for i in new if i.name in helpers]
    if reasons:
        raise SpliceError(" ".join(reasons))
    line_end = layout.line_end_at(page.text, 0)
    texts: dict[int, str] = {}
    for insertion in place_imports(page, new, broken=root.has_error) if new else ():
        texts[insertion.offset] = insertion.render(line_end)
    for addition in _additions(page, root, items):
        offset = addition.place.offset
        texts[offset] = texts.get(offset, "") + _render(page, addition, _right_above(page, texts, offset))
    return [Edit(offset, offset, text) for offset, text in texts.items()]


def _additions(page: layout.Page, root: Node, items: Sequence[tuple[Stub, Candidate]]) -> list[_Addition]:
    if not any(candidate.helpers for _, candidate in items):
        return []
    blocks = {block.header: block for block in find_blocks(page, root)}
    found: dict[int, _Addition] = {}
    sources: dict[tuple[str, str], str] = {}
    for stub, candidate in sorted(items, key=lambda item: item[0].header.start):
        owner = _owner(blocks.get(stub.header.start))
        _refuse(helper_conflicts(page.text, candidate.helpers, owner.qualname if owner else ""))
        for helper in candidate.helpers:
            key = (owner.qualname if owner and helper.scope == "class" else "", helper.name)
            if sources.get(key, helper.source) != helper.source:
                raise SpliceError(f"Two different helpers are called `{helper.name}`.")
            inside = owner if helper.scope == "class" else None
            place = places.before(page, stub.header.start, inside, broken=root.has_error)
            addition = found.setdefault(place.offset, _Addition(place, indent_unit(stub), inside is None))
            if key not in sources:
                addition.helpers.append(helper)
            sources[key] = helper.source
    return list(found.values())


def _owner(block: Block | None) -> Block | None:
    """The class that a helper method of a stub goes into."""
    return next((b for b in block.ancestors if b.kind == "class"), None) if block else None


def _refuse(reasons: Sequence[str]) -> None:
    if reasons:
        raise SpliceError(" ".join(reasons))


def _right_above(page: layout.Page, texts: Mapping[int, str], offset: int) -> str:
    """What is inserted above an offset with nothing but blank lines between, and those."""
    gaps = ((text, page.text[start:offset]) for start, text in texts.items() if start <= offset)
    return next((text + gap for text, gap in gaps if not gap.strip()), "")


def _render(page: layout.Page, addition: _Addition, above: str) -> str:
    """Helpers with the blank lines around them; `above` is what `_right_above` says."""
    place = addition.place
    line_end = layout.line_end_at(page.text, place.offset)
    present = _blank_lines_at_end(above) if above else place.blank_before
    missing = 0 if place.opens and not above else max(0, addition.blank_lines - present)
    after = line_end * (addition.blank_lines + 1)
    parts = [
        render(h.source, place.indent, addition.unit, line_end, docstrings=not addition.is_module)
        for h in addition.helpers
    ]
    return line_end * missing + "".join(part + after for part in parts)


def _blank_lines_at_end(text: str) -> int:
    plain = layout.with_line_feeds(text)
    return len(plain) - len(plain.rstrip("\n")) - 1
