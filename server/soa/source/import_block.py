"""Where new imports go in a module, without touching what stands there.

Sections are those of isort: future, standard library, other packages, this package. A new import joins its section
(the group that already imports from the same package, if there is one), in order if that group is in order.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from soa.source import layout, scan, syntax
from soa.source.imports import FUTURE, section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soa.source.imports import Import

STRING_START = re.compile(r"[rRuU]?[\"']|\(")
IMPORT = re.compile(r"(?:import|from)\b")
MAY_STAND_BETWEEN = re.compile(r"(?:if|try|except|else|elif|finally|with)\b|__\w+__[ \t]*[:=]|[%!?]")
"""Among them the magics of a notebook's cell."""
DEFINITION = re.compile(r"@|(?:async[ \t]+)?def\b|class\b")
BLANK_LINES = re.compile(r"(?:[ \t\f]*\r?\n)*")
COMMENTS = re.compile(r"\f?(?:#[^\n]*(?:\n|\Z))*")
OPENING = re.compile(r"\f?(?:(?:#!|%%|#.*?coding[:=])[^\n]*\n){0,2}")


@frozen
class Insertion:
    """New lines at the beginning of a line."""

    offset: int
    imports: tuple[Import, ...]
    blank_before: bool
    blank_after: int
    """Blank lines to add after the imports."""

    def render(self, line_end: str) -> str:
        """The lines, with sections kept apart."""
        lines = [""] if self.blank_before else []
        for i, one in enumerate(self.imports):
            if i and self.imports[i - 1].section != one.section:
                lines.append("")
            lines.append(one.source)
        return "".join(line + line_end for line in (*lines, *[""] * self.blank_after))


@frozen
class _Line:
    """An import statement that stands there."""

    start: int
    end: int
    """Where the next line begins."""
    module: str
    is_from: bool
    group: int
    """Counts the runs of imports that blank lines or other code keep apart."""
    bare: bool
    """No comment stands right above it."""

    @property
    def section(self) -> int:
        return section(self.module)

    @property
    def before(self) -> int:
        """Where something goes that comes before it, but not between it and its comment."""
        return self.start if self.bare else self.end


@define
class _Head:
    """The beginning of a module, up to the first code that is not about imports."""

    start: int
    """Where imports go if there are none: after comments and docstring."""
    lines: list[_Line] = field(factory=list)
    next_code: int = -1
    """Where code begins after `start`; -1 if none does."""


def place_imports(page: layout.Page, new: Sequence[Import], *, broken: bool) -> list[Insertion]:
    """Where new imports go; `broken` tells whether the text has an error somewhere."""
    head = _read_head(page.code, broken)
    slots: dict[int, list[Import]] = {}
    for one in sorted(new, key=lambda i: i.key):
        slots.setdefault(_slot(head, one), []).append(one)
    return [_insertion(page.code, head, offset, tuple(found)) for offset, found in sorted(slots.items())]


def _read_head(code: str, broken: bool) -> _Head:
    head, group, last, is_first = _Head(_after_header_comments(code)), 0, 0, True
    for start, end in scan.code_lines(code, broken=broken):
        flush = not code[layout.line_start(code, start) : start].strip("\f")
        if is_first and STRING_START.match(code, start):
            head.start = layout.next_line(code, end)
        elif head.next_code < 0 and start >= head.start:
            head.next_code = start
        if flush and IMPORT.match(code, start):
            group += code.count("\n", last, start) > 1
            head.lines += _read_line(code, start, end, group)
        elif flush and not MAY_STAND_BETWEEN.match(code, start) and head.next_code >= 0:
            break
        else:
            group += 1
        last, is_first = end, False
    return head


def _read_line(code: str, start: int, end: int, group: int) -> list[_Line]:
    module = syntax.parse(code[start:end])
    node = module.body[0] if module else None
    bare = not code[layout.line_start(code, max(0, start - 1)) : start].lstrip().startswith("#")
    stop = layout.next_line(code, end)
    if isinstance(node, ast.ImportFrom):
        return [_Line(start, stop, "." * node.level + (node.module or ""), True, group, bare)]
    if isinstance(node, ast.Import):
        return [_Line(start, stop, node.names[0].name, False, group, bare)]
    return []


def _after_header_comments(code: str) -> int:
    """Where the comments end that open a file. Comments attached to code belong to it, except shebang and cookie.

    The magic that opens a notebook's cell stays first, too.
    """
    match = COMMENTS.match(code)
    end = match.end() if match else 0
    if end == len(code) or code.startswith(("\n", "\r\n"), end):
        return end
    special = OPENING.match(code)
    return special.end() if special else 0


def _slot(head: _Head, new: Import) -> int:
    """The offset at which a new import goes."""
    same = _same_group(head.lines, new)
    if same:
        return _sorted_slot(same, new)
    earlier = [line for line in head.lines if line.section < new.section]
    if earlier:
        return earlier[-1].end
    return head.lines[0].before if head.lines and new.section != FUTURE else head.start


def _same_group(lines: Sequence[_Line], new: Import) -> list[_Line]:
    """The imports that a new one joins: those around the same package, else the first of its section."""
    same = [line for line in lines if line.section == new.section]
    package = new.module.partition(".")[0]
    related = [line for line in same if line.module.partition(".")[0] == package]
    group = related[-1].group if related else same[0].group if same else -1
    return [line for line in same if line.group == group]


def _sorted_slot(lines: Sequence[_Line], new: Import) -> int:
    """Between sorted lines in order, else after the last."""
    for by_module in (False, True):
        keys = [_order(line.is_from, line.module, by_module) for line in lines]
        if keys == sorted(keys):
            key = _order(new.is_from, new.module, by_module)
            smaller = [line for line, other in zip(lines, keys, strict=True) if other <= key]
            return smaller[-1].end if smaller else lines[0].before
    return lines[-1].end


def _order(is_from: bool, module: str, by_module: bool) -> tuple[bool, str, bool]:
    """Plain imports before `from` imports, or both mixed by module."""
    return (False, module.lower(), is_from) if by_module else (is_from, module.lower(), False)


def _insertion(code: str, head: _Head, offset: int, new: tuple[Import, ...]) -> Insertion:
    before = next((line for line in reversed(head.lines) if line.end == offset), None)
    after = next((line for line in head.lines if line.start == offset), None)
    if before is None and (after is None or new[0].section == FUTURE):
        return Insertion(offset, new, bool(code[:offset].strip()), _missing_blank_lines(code, head))
    blank_before = before is not None and before.section != new[0].section
    if after:
        return Insertion(offset, new, blank_before, int(after.section != new[-1].section))
    follows_blank = not code[offset : layout.next_line(code, offset)].strip()
    return Insertion(offset, new, blank_before, int(blank_before and not follows_blank))


def _missing_blank_lines(code: str, head: _Head) -> int:
    """Blank lines that have to follow where nothing stood before."""
    if head.next_code < 0:
        return 0
    gap = BLANK_LINES.match(code, head.start)
    present = code.count("\n", head.start, gap.end()) if gap else 0
    wanted = 2 if DEFINITION.match(code, head.next_code) else 1
    return max(0, wanted - present)
