"""What stands in a text, without bodies: the material that contexts are made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from attrs import evolve, frozen

from soa.source.tree import make_parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_CONTAINERS = (
    "if_statement", "elif_clause", "else_clause", "try_statement", "except_clause", "except_group_clause",
    "finally_clause", "with_statement", "for_statement", "while_statement", "match_statement", "case_clause",
    "block", "ERROR",
)  # fmt: skip
_IMPORTS = ("import_statement", "import_from_statement", "future_import_statement")
_TOP_LEVEL = re.compile(
    r"^(?:@|(?:async|def|class|import|from|if|try)\b|[^\W\d]\w*\s*:|[^\W\d][\w.,()\[\]* ]*=)", re.MULTILINE
)

_CLASS = re.compile(r"(?P<header>(?:@.*\n)*(?P<line>class)\s+(?P<name>\w+).*:)[ \t]*(?:#.*)?\n")


@frozen
class Binding:
    """An assignment, of a module, a class or (`self.name`) an instance."""

    name: str
    text: str
    line: int


@frozen
class Import:
    """An import statement."""

    text: str
    names: tuple[str, ...]
    """What it binds; `*` for a star import."""
    module: str
    """The module it takes from, with its leading dots; for `import a.b`, `a.b` (the first of several)."""


@frozen
class Definition:
    """A function or a class, dedented."""

    kind: Literal["function", "class"]
    qualname: str
    header: str
    """Decorators and signature (or class line), to the colon."""
    docstring: str
    """Its source, quotes included; empty if there is none."""
    text: str
    """All of it."""
    line: int
    """Line of the `def` or `class`, counted from 0."""
    last_line: int
    attributes: tuple[Binding, ...] = ()
    """What a class assigns at its level; what an `__init__` assigns to `self`."""
    children: tuple[Definition, ...] = ()
    body: str = ""
    """The statements after the docstring, dedented."""

    @property
    def name(self) -> str:
        """The last part of the qualified name."""
        return self.qualname.rpartition(".")[2]


@frozen
class Structure:
    """The imports, constants and definitions of a text."""

    docstring: str = ""
    imports: tuple[Import, ...] = ()
    constants: tuple[Binding, ...] = ()
    definitions: tuple[Definition, ...] = ()

    def chain(self, qualname: str, line: int) -> tuple[Definition, ...]:
        """The definitions from the outermost to the one of this name nearest to a line; empty if there is none."""
        parents, _, name = qualname.rpartition(".")
        above = self.chain(parents, line) if parents else ()
        if parents and not above:
            return ()
        level = above[-1].children if above else self.definitions
        found = [d for d in level if d.name == name]
        return (*above, min(found, key=lambda d: _distance(d, line))) if found else ()


def read_structure(text: str) -> Structure:
    """Read the structure of a text; where it does not parse, of each top-level piece that does.

    A piece begins at each line that starts a statement in the first column, so an open bracket or an open string
    costs no more than the piece it stands in; of a class, no more than the member.
    """
    text = text.replace("\r\n", "\n")
    root = parse(text)
    if not root.has_error:
        return _Reader(0).read(root)
    pieces = [_read_piece(text[start:end], text.count("\n", 0, start)) for start, end in _pieces(text)]
    return Structure(
        next((p.docstring for p in pieces), ""),
        tuple(i for p in pieces for i in p.imports),
        tuple(c for p in pieces for c in p.constants),
        tuple(d for p in pieces for d in p.definitions),
    )


def parse(text: str) -> Node:
    """The root of the text's syntax tree; it has errors where the text does."""
    return make_parser().parse(text.encode("utf-8", "surrogatepass")).root_node


def source_of(node: Node) -> str:
    """The text of a node, its further lines dedented by the column of its first."""
    return _dedented(node.text or b"", node.start_point.column)


def statements(node: Node) -> Iterator[Node]:
    """The statements below a node, those inside of compound ones too, but not those of definitions."""
    for child in node.named_children:
        if child.type in _CONTAINERS:
            yield from statements(child)
        else:
            yield child


def _pieces(text: str) -> list[tuple[int, int]]:
    starts = [m.start() for m in _TOP_LEVEL.finditer(text)]
    decorators = {a for a in starts if text[a] == "@"}
    kept = [b for a, b in zip([None, *starts], starts, strict=False) if a not in decorators]
    return list(zip([0, *kept], [*kept, len(text)], strict=True))


def _read_piece(piece: str, line: int) -> Structure:
    root, head = parse(piece), _CLASS.match(piece)
    if not root.has_error or head is None:
        return _Reader(line).read(root)
    inner = read_structure(_body(piece[head.end() :]))
    name, below = head["name"], line + piece.count("\n", 0, head.end())
    found = Definition(
        kind="class",
        qualname=name,
        header=head["header"],
        docstring=inner.docstring,
        text=piece,
        line=line + piece.count("\n", 0, head.start("line")),
        last_line=line + piece.rstrip().count("\n"),
        attributes=tuple(evolve(c, line=c.line + below) for c in inner.constants),
        children=tuple(_moved(d, f"{name}.", below) for d in inner.definitions),
    )
    return Structure(definitions=(found,))


def _body(text: str) -> str:
    """Text dedented as its first line that is not blank."""
    indent = re.match(r"(?:[ \t]*\n)*([ \t]*)", text)
    return re.sub(rf"^{indent[1]}", "", text, flags=re.MULTILINE) if indent else text


def _moved(definition: Definition, prefix: str, lines: int) -> Definition:
    return evolve(
        definition,
        qualname=prefix + definition.qualname,
        line=definition.line + lines,
        last_line=definition.last_line + lines,
        attributes=tuple(evolve(a, line=a.line + lines) for a in definition.attributes),
        children=tuple(_moved(c, prefix, lines) for c in definition.children),
    )


def _dedented(data: bytes, column: int) -> str:
    first, *rest = data.decode("utf-8", "surrogatepass").split("\n")
    return "\n".join((first, *(line[min(column, len(line) - len(line.lstrip())) :] for line in rest)))


def _distance(definition: Definition, line: int) -> int:
    return 0 if definition.line <= line <= definition.last_line else abs(definition.line - line)


class _Reader:
    def __init__(self, first_line: int) -> None:
        self.first_line = first_line

    def read(self, root: Node) -> Structure:
        nodes = tuple(statements(root))
        return Structure(
            docstring=_docstring(nodes),
            imports=tuple(_import(n) for n in nodes if n.type in _IMPORTS),
            constants=tuple(self.bindings(nodes)),
            definitions=tuple(self.definitions(nodes, "")),
        )

    def definitions(self, nodes: tuple[Node, ...], prefix: str) -> Iterator[Definition]:
        for node in nodes:
            inner = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
            if inner and inner.type in ("function_definition", "class_definition"):
                yield self.definition(node, inner, prefix)

    def definition(self, outer: Node, node: Node, prefix: str) -> Definition:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        qualname = prefix + (source_of(name) if name else "")
        below = tuple(statements(body)) if body else ()
        kind: Literal["function", "class"] = "class" if node.type == "class_definition" else "function"
        return Definition(
            kind=kind,
            qualname=qualname,
            header=_header(outer, node),
            docstring=_docstring(below),
            text=source_of(outer),
            line=node.start_point.row + self.first_line,
            last_line=node.end_point.row + self.first_line,
            attributes=self.attributes(kind, qualname, below),
            children=tuple(self.definitions(below, f"{qualname}.")),
            body=_body_source(body, docstring=bool(_docstring(below))) if body and kind == "function" else "",
        )

    def attributes(self, kind: str, qualname: str, nodes: tuple[Node, ...]) -> tuple[Binding, ...]:
        constructor = qualname.endswith("__init__")
        return tuple(self.bindings(nodes, instance=constructor)) if constructor or kind == "class" else ()

    def bindings(self, nodes: tuple[Node, ...], *, instance: bool = False) -> Iterator[Binding]:
        for node in nodes:
            found = node.named_children[0] if node.type == "expression_statement" and node.named_children else node
            left = found.child_by_field_name("left")
            if found.type in ("assignment", "type_alias_statement") and left:
                names = [name for name in _targets(left) if instance == name.startswith("self.")]
                yield from (Binding(n, source_of(node), node.start_point.row + self.first_line) for n in names)


def _targets(left: Node) -> Iterator[str]:
    if left.type in ("pattern_list", "tuple_pattern", "list_pattern"):
        for child in left.named_children:
            yield from _targets(child)
    else:
        yield source_of(left)


def _header(outer: Node, node: Node) -> str:
    colon = next((c for c in node.children if c.type == ":"), None)
    text = outer.text or b""
    size = colon.end_byte - outer.start_byte if colon else text.find(b"\n")
    return _dedented(text[:size] if size > 0 else text, outer.start_point.column)


def _body_source(body: Node, *, docstring: bool) -> str:
    statements = [c for c in body.named_children if c.type != "comment"][docstring:]
    if not statements:
        return ""
    first = statements[0]
    return _dedented((body.text or b"")[first.start_byte - body.start_byte :], first.start_point.column)


def _docstring(nodes: tuple[Node, ...]) -> str:
    first = next((n for n in nodes if n.type != "comment"), None)
    if first is None or first.type != "expression_statement" or not first.named_children:
        return ""
    string = first.named_children[0]
    return source_of(string) if string.type in ("string", "concatenated_string") else ""


def _import(node: Node) -> Import:
    if node.type == "future_import_statement":
        return Import(source_of(node), tuple(map(source_of, node.children_by_field_name("name"))), "__future__")
    module = node.child_by_field_name("module_name")
    bound = node.children_by_field_name("name")
    names = tuple(_bound_name(c, whole=module is not None) for c in bound)
    if any(c.type == "wildcard_import" for c in node.children):
        names = ("*",)
    return Import(source_of(node), names, source_of(module or bound[0]).partition(" ")[0] if module or bound else "")


def _bound_name(node: Node, *, whole: bool) -> str:
    alias = node.child_by_field_name("alias")
    if alias:
        return source_of(alias)
    return source_of(node) if whole else source_of(node).partition(".")[0]
