"""The names that a function can use where it stands."""

from __future__ import annotations

import re

from soa.source import layout, tree
from soa.source.definitions import find_blocks, module_names

OPEN_ENDED = re.compile(
    r"^[ \t]*from[ \t]+[\w.]+[ \t]+import[ \t]*\*|\bglobals\(\)|\bsys\.modules\[__name__\]|\._convert_\(",
    re.MULTILINE,
)
"""What can bind any name: a star import, a module that writes its names itself."""
GLOBAL = re.compile(r"^[ \t]+global[ \t]+([^\n#;]+)", re.MULTILINE)
IDENTIFIER = re.compile(r"[^\W\d]\w*")


def visible_names(text: str, qualname: str) -> frozenset[str]:
    """The names of the module and of the functions around a function; `*` among them if anything may be bound.

    Of a function around it every identifier counts, bound or not; of a class its type parameters.
    """
    names = set(module_names(text))
    names.update(n for found in GLOBAL.findall(text) for n in IDENTIFIER.findall(found))
    if OPEN_ENDED.search(text):
        names.add("*")
    if "." in qualname:
        names.update(_around(text, qualname))
    return frozenset(names)


def _around(text: str, qualname: str) -> set[str]:
    page = layout.Page(text)
    names: set[str] = set()
    for block in find_blocks(page, tree.parse(text)):
        if qualname.startswith(f"{block.qualname}."):
            end = block.end if block.kind == "function" else page.code.find(":\n", block.header)
            names.update(IDENTIFIER.findall(page.code, block.header, end))
    return names
