"""The byte invariant: a splice changes bodies of stubs, adds helpers and imports, and touches nothing else.

Deliberately knows nothing of how edits are made: it looks at the two texts and the edits between them.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from attrs import define, field

from soa.errors import SpliceError
from soa.source import layout, lexer, syntax

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soa.contracts import Candidate, Span, Stub
    from soa.source.edits import Edit

PlainFunction = ast.FunctionDef | ast.AsyncFunctionDef
STRING_OR_COMMENT = re.compile(rf"{lexer.STRING_BODY}|(?P<comment>\#)", re.DOTALL)


def check_splice(old: str, new: str, edits: Sequence[Edit], items: Sequence[tuple[Stub, Candidate]]) -> None:
    """Make sure that a splice keeps what it has to keep.

    Parameters
    ----------
    old, new
        The text before and after.
    edits
        What leads from one to the other.
    items
        The stubs of `old` that were to be filled, and with what.

    Raises
    ------
    SpliceError
        A byte outside bodies, helpers and imports changed, a stub's contract did, a stub is still one, or the file
        means something else than before.
    """
    check = _Check(old, new, tuple(edits), tuple(items))
    check.order()
    for edit in check.edits:
        check.place(edit)
    for stub, _ in check.items:
        check.definition(stub)
    check.meaning()


@define
class _Check:
    old: str
    new: str
    edits: tuple[Edit, ...]
    items: tuple[tuple[Stub, Candidate], ...]
    _code: str = field(init=False)
    _ends: list[int] = field(init=False)
    _shifts: list[int] = field(init=False)
    _beside: frozenset[Edit] = field(init=False)
    """The edits that are not about the body of a stub."""

    def __attrs_post_init__(self) -> None:
        self._code = layout.plain(self.old)
        self._ends = [edit.end for edit in self.edits]
        self._shifts = [0, *accumulate(len(edit.text) - (edit.end - edit.start) for edit in self.edits)]
        stubs = sorted((stub for stub, _ in self.items), key=lambda stub: stub.header.start)
        starts = [stub.header.start for stub in stubs]
        nearest = ((edit, bisect_right(starts, edit.start) - 1) for edit in self.edits)
        self._beside = frozenset(e for e, i in nearest if i < 0 or not _is_around(stubs[i], e, self._code))

    def moved(self, offset: int) -> int:
        """Where an offset of the old text is in the new one; what is inserted right there comes before it."""
        return offset + self._shifts[bisect_right(self._ends, offset)]

    def order(self) -> None:
        """Edits are in order and apart, and undoing them gives the old text."""
        parts, done = [], 0
        for edit, shift in zip(self.edits, self._shifts, strict=False):
            start, stop = edit.start + shift, edit.start + shift + len(edit.text)
            if not done <= start or edit.end < edit.start or self.new[start:stop] != edit.text:
                raise _broken("the edits do not lead to the new text")
            parts += [self.new[done:start], self.old[edit.start : edit.end]]
            done = stop
        if "".join([*parts, self.new[done:]]) != self.old:
            raise _broken("undoing the edits does not give the old text")

    def place(self, edit: Edit) -> None:
        """An edit replaces placeholders or white space of a stub, or inserts lines of what the candidates add."""
        removed = self.old[edit.start : edit.end]
        if edit not in self._beside:
            if not _is_placeholder_text(removed):
                raise _broken(f"it would remove `{removed.strip()}`")
        elif removed or self._code[layout.line_start(self._code, edit.start) : edit.start].strip("\f"):
            raise _broken("something is inserted in the middle of a line")
        elif not self._is_wanted(edit.text):
            raise _broken("something is inserted that is neither a helper nor an import")

    def _is_wanted(self, text: str) -> bool:
        """Whether lines hold nothing but helpers and imports of the candidates."""
        imports = {_one(source) for _, candidate in self.items for source in candidate.imports}
        helpers = {helper.name for _, candidate in self.items for helper in candidate.helpers}
        return all(ast.dump(node) in imports or _defined(node) in helpers for node in _statements(text))

    def definition(self, stub: Stub) -> None:
        """Decorators, header and docstring are the same, and the definition has a body."""
        for span in (stub.header, stub.docstring, _decorators(stub)):
            start = self.moved(span.start)
            if self.new[start : start + span.end - span.start] != self.old[span.start : span.end]:
                raise _broken(f"the contract of {stub.contract.qualname} would change")
        start, end = self.moved(stub.header.start), self.moved(stub.body.end)
        nodes = _statements(stub.indent + self.new[start:end])
        function = nodes[0] if len(nodes) == 1 else None
        if not isinstance(function, PlainFunction):
            raise _broken(f"the body of {stub.contract.qualname} is not Python, or leaves its function")
        if all(_is_placeholder(node) for node in function.body[1:]):
            raise _broken(f"{stub.contract.qualname} would still be a stub")

    def meaning(self) -> None:
        """Without bodies, helpers and imports, the new file parses to what the old one does."""
        before = syntax.parse(self._code)
        if before is None:
            return
        after = syntax.parse(layout.plain(self.new))
        if after is None:
            raise _broken("the file would no longer parse")
        old, new = layout.LINE_END.split(self.old), layout.LINE_END.split(self.new)
        comparison = _Comparison(old, new, {stub.line + 1 for stub, _ in self.items}, self._inserted())
        same_docstring = ast.get_docstring(before, clean=False) == ast.get_docstring(after, clean=False)
        if not same_docstring or not comparison.same_block(before.body, after.body):
            raise _broken("the rest of the file would mean something else")

    def _inserted(self) -> frozenset[int]:
        """The lines of the new text, from 1, that helpers and imports take."""
        code, lines, line, last = layout.plain(self.new), set[int](), 1, 0
        for edit, shift in zip(self.edits, self._shifts, strict=False):
            start = edit.start + shift
            line, last = line + code.count("\n", last, start), start
            if edit in self._beside:
                lines.update(range(line, line + len(layout.LINE_END.findall(edit.text))))
        return frozenset(lines)


@define
class _Comparison:
    """Compares syntax trees, but only where the lines differ."""

    old: list[str]
    new: list[str]
    stubs: set[int]
    inserted: frozenset[int]

    def same_block(self, old: Sequence[ast.stmt], new: Sequence[ast.stmt]) -> bool:
        """Whether statements are the same but for what was inserted."""
        kept = [node for node in new if _first_line(node) not in self.inserted]
        if len(old) != len(kept):
            return False
        return all(self._same_text(a, b) or self.same(a, b) for a, b in zip(old, kept, strict=True))

    def same(self, old: ast.AST, new: ast.AST) -> bool:
        """Whether nodes are the same but for bodies of stubs and what was inserted."""
        if type(old) is not type(new):
            return False
        names = set(old._fields)
        if isinstance(old, PlainFunction) and isinstance(new, PlainFunction) and old.lineno in self.stubs:
            names.remove("body")
            if not self.same_block(old.body[:1], new.body[:1]):
                return False
        return all(self._same_field(getattr(old, name, None), getattr(new, name, None)) for name in names)

    def _same_field(self, old: object, new: object) -> bool:
        if isinstance(old, list) and isinstance(new, list):
            if old and isinstance(old[0], ast.stmt):
                return self.same_block(old, new)
            return len(old) == len(new) and all(self._same_field(a, b) for a, b in zip(old, new, strict=True))
        if isinstance(old, ast.AST) and isinstance(new, ast.AST):
            return self.same(old, new)
        return type(old) is type(new) and old == new

    def _same_text(self, old: ast.stmt, new: ast.stmt) -> bool:
        before = self.old[_first_line(old) - 1 : old.end_lineno]
        return before == self.new[_first_line(new) - 1 : new.end_lineno]


def _broken(why: str) -> SpliceError:
    return SpliceError(f"The edit was refused: {why}.")


def _is_around(stub: Stub, edit: Edit, code: str) -> bool:
    """Whether an edit lies where a stub's body goes, or (on one line) between its header and its docstring."""
    end = layout.next_line(code, stub.body.end) if edit.start > stub.body.start else stub.body.end
    inside = stub.docstring.end <= edit.start and edit.end <= end
    return inside or (stub.one_line and stub.header.end <= edit.start and edit.end <= stub.docstring.start)


def _is_placeholder_text(text: str) -> bool:
    """Whether nothing but placeholders, separators and white space would go; no comment."""
    if any(match["comment"] for match in STRING_OR_COMMENT.finditer(text)):
        return False
    bare = "\n".join(line.strip(" \t\f;") for line in re.sub(r"\\\r?\n", " ", text).splitlines())
    tree = syntax.parse(bare.strip())
    return tree is not None and all(_is_placeholder(node) for node in tree.body)


def _is_placeholder(node: ast.stmt) -> bool:
    if isinstance(node, ast.Raise) and node.cause is None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    is_ellipsis = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...
    return is_ellipsis or isinstance(node, ast.Pass)


def _statements(text: str) -> list[ast.stmt]:
    """The statements of whole lines at any indentation; raises if they do not parse."""
    lines = layout.with_line_feeds(text).strip("\n")
    tree = syntax.parse(f"if 1:\n{lines}\n" if lines[:1].isspace() else lines)
    if tree is None:
        return [ast.Pass()]
    return tree.body[0].body if lines[:1].isspace() and isinstance(tree.body[0], ast.If) else tree.body


def _one(source: str) -> str:
    tree = syntax.parse(source.strip())
    return ast.dump(tree.body[0]) if tree and tree.body else ""


def _defined(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name
    targets: Iterable[ast.expr] = node.targets if isinstance(node, ast.Assign) else ()
    targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
    return next((target.id for target in targets if isinstance(target, ast.Name)), "")


def _decorators(stub: Stub) -> Span:
    return type(stub.header)(stub.definition.start, stub.header.start)


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return decorators[0].lineno if decorators else node.lineno
