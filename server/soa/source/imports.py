"""Import statements: what they bind, and whether they fit into a module."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from attrs import frozen

from soa.source import bindings, layout, scan, syntax, tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FUTURE, STANDARD, OTHER, LOCAL = range(4)


@frozen
class Import:
    """An import statement of one name."""

    source: str
    name: str
    """What it binds."""
    target: str
    """What that stands for, see `bindings.Binding.target`."""
    module: str
    """The module it names; begins with dots if it is relative."""
    is_from: bool

    @property
    def section(self) -> int:
        """Future, standard library, other packages or this package."""
        return section(self.module)

    @property
    def key(self) -> tuple[int, bool, str, str]:
        """The order among new imports."""
        return self.section, self.is_from, self.module.lower(), self.source


def section(module: str) -> int:
    """The section of the import block that a module belongs to."""
    if module == "__future__":
        return FUTURE
    if module.startswith("."):
        return LOCAL
    return STANDARD if module.partition(".")[0] in sys.stdlib_module_names else OTHER


def read_import(source: str) -> Import | None:
    """Read an import statement; None if it is none, or imports several names or all of them."""
    module = syntax.parse(source.strip())
    node = module.body[0] if module and len(module.body) == 1 else None
    if not isinstance(node, ast.Import | ast.ImportFrom) or len(node.names) != 1 or node.names[0].name == "*":
        return None
    alias = node.names[0]
    if isinstance(node, ast.ImportFrom):
        origin = "." * node.level + (node.module or "")
        return Import(source.strip(), alias.asname or alias.name, bindings.member(origin, alias.name), origin, True)
    top = alias.name.partition(".")[0]
    return Import(source.strip(), alias.asname or top, alias.name if alias.asname else top, alias.name, False)


def import_conflicts(text: str, imports: Sequence[str]) -> tuple[str, ...]:
    """Why import statements cannot be added to a module, one sentence each; none if they can."""
    return tuple(_conflicts(_bound(text), imports))


def missing_imports(text: str, imports: Sequence[str]) -> list[Import]:
    """Those among valid import statements whose binding the module does not have yet, each once."""
    bound = _bound(text)
    read = [found for source in imports if (found := read_import(source))]
    unique = {(i.name, i.target, i.module if not i.is_from else ""): i for i in read}
    return [i for i in unique.values() if not any(_provides(b, i) for b in bound.get(i.name, ()))]


Bound = dict[str, list[bindings.Binding]]


def _bound(text: str) -> Bound:
    """The names that a module binds."""
    page, root = layout.Page(text), tree.parse(text)
    found: Bound = {}
    for binding in bindings.bound_below(page, root):
        found.setdefault(binding.name, []).append(binding)
    if root.has_error:
        for block in scan.blocks(page):
            line = page.code.count("\n", 0, block.header)
            if block.parent is None:
                found.setdefault(block.name, []).append(bindings.Binding(block.name, line))
    return found


def _conflicts(bound: Bound, imports: Sequence[str]) -> Iterator[str]:
    new: dict[str, Import] = {}
    for source in imports:
        found = read_import(source)
        if found is None:
            yield f"`{source.strip()}` is not an import of a single name."
            continue
        other = new.setdefault(found.name, found)
        if other.target != found.target:
            yield f"`{other.source}` and `{found.source}` bind the same name."
        same = bound.get(found.name, [])
        if found.section != FUTURE and same and not any(binding.target == found.target for binding in same):
            yield f"`{found.source}` would replace `{found.name}`, which line {same[0].line + 1} already binds."


def _provides(binding: bindings.Binding, new: Import) -> bool:
    if not binding.runtime or binding.target != new.target:
        return False
    return new.is_from or "." not in new.module or new.target != new.name or binding.module == new.module
