"""From an answer to a candidate: the body, and of what stands beside it only what the body needs."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from soa.agents.names import candidate_source, free_names, quoted_names
from soa.agents.pieces import Block, definition_source, is_function, is_stub, parse
from soa.agents.replies import definitions
from soa.contracts import Candidate, Helper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from soa.agents.replies import Answer
    from soa.contracts import Contract

_WORD = re.compile(r"[^\W\d]\w*")
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


@frozen
class Known:
    """The names that a file already binds."""

    module: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    """Names bound in the class that holds the stub."""
    module_name: str = ""
    """Dotted name of the module itself; importing from it is dropped."""
    functions: Mapping[str, str] = field(factory=dict)
    """Source of each function, by qualified name: a reply may repeat them."""


@frozen
class Harvest:
    """A candidate with what was left out of the reply."""

    candidate: Candidate
    unused: tuple[str, ...] = ()
    """New stubs that nothing uses."""
    repeated: tuple[str, ...] = ()
    """New stubs whose names the file binds to something else."""


@frozen(eq=False)
class _Piece:
    """A definition beside the function, not yet known to be needed."""

    name: str
    node: Definition
    block: Block
    is_member: bool
    """It goes into the class that holds the stub."""
    is_draft: bool
    """It stands in a block that holds an earlier form of the function."""

    @property
    def is_stub(self) -> bool:
        return is_stub(self.node)

    @property
    def promised(self) -> frozenset[str]:
        """Words of a stub's docstring: it may name a helper, a constant or a class that its body will need."""
        docstring = ast.get_docstring(self.node) if is_function(self.node) and self.is_stub else None
        return frozenset(_WORD.findall(docstring or ""))

    @property
    def source(self) -> str:
        return definition_source(self.block, self.node)

    @property
    def helper(self) -> Helper:
        return Helper(self.name, self.source, "class" if self.is_member else "module")


@frozen
class _Uses:
    """What code refers to."""

    names: frozenset[str] = frozenset()
    """Looked up in the module."""
    attributes: frozenset[str] = frozenset()
    """Looked up on any object, by `.` or by `getattr`."""
    promised: frozenset[str] = frozenset()
    """Named by the docstring of a stub, whose body will look them up."""

    @property
    def all(self) -> frozenset[str]:
        """Whatever the code refers to, in whatever way."""
        return self.names | self.attributes | self.promised

    def reach(self, piece: _Piece) -> bool:
        """Whether the code refers to a definition."""
        return piece.name in self.names | self.promised or (piece.is_member and piece.name in self.attributes)


def harvest(answer: Answer, contract: Contract, known: Known) -> Harvest:
    """Collect the body, the helpers it reaches and the imports both use; the file's own names win over the reply's."""
    body = Candidate(answer.body)
    pieces = [p for p in _pieces(answer, contract) if p.name != contract.name]
    fresh = _latest(p for p in pieces if not _is_taken(p, known))
    needed, names = _reach(_uses(candidate_source(body, contract), answer.function.body), fresh)
    helpers = tuple(p.helper for p in fresh if p in needed)
    imports = tuple(dict.fromkeys(_imports(answer.beside, names, known, bool(helpers))))
    repeated = [p for p in pieces if p.is_stub and _is_taken(p, known) and not _is_repetition(p, contract, known)]
    return Harvest(
        evolve(body, helpers=helpers, imports=imports),
        tuple(p.name for p in fresh if p.is_stub and p not in needed and not p.is_draft),
        tuple(p.name for p in repeated if not p.is_draft),
    )


def names_used(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Names read, and attributes of any object, by their last part."""
    parts = [inner for node in nodes for inner in ast.walk(node)]
    return frozenset(n.id for n in parts if isinstance(n, ast.Name)) | _attributes(parts)


def _attributes(parts: Iterable[ast.AST]) -> frozenset[str]:
    found = set()
    for node in parts:
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            found.add(node.value)
    return frozenset(found)


def _uses(source: str, nodes: Iterable[ast.AST]) -> _Uses:
    """What a source refers to; every name that its nodes hold, if it does not compile by itself."""
    nodes = list(nodes)
    parts = [inner for node in nodes for inner in ast.walk(node)]
    try:
        names = free_names(source)
    except (SyntaxError, RecursionError):
        names = frozenset(n.id for n in parts if isinstance(n, ast.Name))
    return _Uses(names | quoted_names(nodes), _attributes(parts))


def _reach(start: _Uses, pieces: list[_Piece]) -> tuple[set[_Piece], frozenset[str]]:
    """The definitions that are needed, directly or by one another, and all names that they and the start look up."""
    needed: set[_Piece] = set()
    by_name: dict[str, list[_Piece]] = {}
    for piece in pieces:
        by_name.setdefault(piece.name, []).append(piece)
    names, todo = set(start.names), [start]
    while todo:
        uses = todo.pop()
        names |= uses.names
        found = [p for n in uses.all for p in by_name.get(n, ()) if uses.reach(p)]
        fresh = [p for p in found if p not in needed]
        needed.update(fresh)
        todo += [evolve(_uses(p.source, [p.node]), promised=p.promised) for p in fresh]
    return needed, frozenset(names)


def _is_taken(piece: _Piece, known: Known) -> bool:
    return piece.name in (known.members if piece.is_member else known.module)


def _latest(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Each definition in its last form, where that stands."""
    found: dict[tuple[str, bool], _Piece] = {}
    for piece in pieces:
        found.pop((piece.name, piece.is_member), None)
        found[piece.name, piece.is_member] = piece
    return list(found.values())


def _is_repetition(piece: _Piece, contract: Contract, known: Known) -> bool:
    """Whether a stub only repeats the contract that a function of the file has."""
    owner = contract.qualname.rpartition(".")[0]
    source = known.functions.get(f"{owner}.{piece.name}" if piece.is_member else piece.name, "")
    try:
        theirs = parse(source).body[0]
    except (SyntaxError, IndexError):
        return False
    return is_function(theirs) and is_function(piece.node) and _promise(theirs) == _promise(piece.node)


def _promise(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, str]:
    return ast.dump(node.args), ast.get_docstring(node) or ""


def _pieces(answer: Answer, contract: Contract) -> Iterator[_Piece]:
    owner = contract.qualname.rpartition(".")[0].rpartition(".")[2]
    receiver = contract.parameters[0].name if owner and contract.parameters else ""
    receivers = {"self", "cls", receiver, owner, "type(self)", "self.__class__"}
    called = _called_on(receivers, answer.beside) if owner else frozenset()
    for block in answer.beside:
        draft = block is not answer.block and any(
            node.name == contract.name for node, _, _ in definitions(block.tree.body)
        )
        for node in block.tree.body:
            if node is not answer.owner:
                yield from _piece(block, node, draft, is_member=_is_method(node, called, receiver))
        if answer.owner is not None and block is answer.block:
            for node in answer.owner.body:
                yield from _piece(block, node, draft, is_member=True)


def _called_on(receivers: set[str], blocks: Iterable[Block]) -> frozenset[str]:
    """Attributes of the object or the class itself that the reply reads."""
    nodes = (n for b in blocks for n in ast.walk(b.tree) if isinstance(n, ast.Attribute))
    return frozenset(n.attr for n in nodes if _is_short(n.value) and ast.unparse(n.value) in receivers)


def _is_short(node: ast.expr) -> bool:
    """Whether an expression is a name, `name.attribute` or `name(...)`; others are not worth their source."""
    inner = node.value if isinstance(node, ast.Attribute) else node.func if isinstance(node, ast.Call) else node
    return isinstance(inner, ast.Name)


def _is_method(node: ast.stmt, called: frozenset[str], receiver: str) -> bool:
    """Whether a dedented function beside a dedented method is meant as a method: it is called on the object."""
    if not is_function(node) or node.name not in called:
        return False
    parameters = [*node.args.posonlyargs, *node.args.args]
    first = parameters[0].arg if parameters else ""
    return bool(node.decorator_list) or first in ("self", "cls", receiver)


def _piece(block: Block, node: ast.stmt, draft: bool, *, is_member: bool) -> Iterator[_Piece]:
    name = _bound_name(node)
    if name and isinstance(node, Definition):
        yield _Piece(name, node, block, is_member, draft)


def _bound_name(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        return node.target.id
    return ""


def _imports(blocks: Iterable[Block], names: frozenset[str], known: Known, with_helpers: bool) -> Iterator[str]:
    for block in blocks:
        for node, guarded in _top_level(block.tree.body):
            if isinstance(node, ast.Import):
                wanted = [a for a in node.names if _is_wanted(a, names, known, guarded)]
                yield from (f"import {_alias(a)}" for a in wanted)
            elif isinstance(node, ast.ImportFrom):
                yield from _from_imports(node, names, known, guarded=guarded, with_helpers=with_helpers)


def _top_level(body: Iterable[ast.stmt]) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements of a module, and those below `if` and `try`, of which it is said that they are guarded."""
    for node in body:
        yield node, False
        if isinstance(node, ast.If | ast.Try):
            below = (n for part in (node.body, node.orelse) for n in part)
            yield from ((n, True) for n in below)


def _from_imports(
    node: ast.ImportFrom, names: frozenset[str], known: Known, *, guarded: bool, with_helpers: bool
) -> Iterator[str]:
    module = "." * node.level + (node.module or "")
    if module == "__future__":
        yield from (f"from __future__ import {a.name}" for a in node.names if with_helpers)
        return
    for alias in node.names:
        everything = alias.name == "*" and "*" not in known.module
        wanted = everything or _is_wanted(alias, names, known, guarded)
        if wanted and not _is_own(node, alias, known):
            yield f"from {module} import {_alias(alias)}"


def _is_wanted(alias: ast.alias, names: frozenset[str], known: Known, guarded: bool) -> bool:
    """Whether an import binds a name that is looked up; a guarded one only if the file does not bind it."""
    return _binding(alias) in names and not (guarded and _binding(alias) in known.module)


def _is_own(node: ast.ImportFrom, alias: ast.alias, known: Known) -> bool:
    """Whether a name is imported from the file itself, by its full name, relatively or, as it were, from beside it."""
    package, _, stem = known.module_name.rpartition(".")
    if not stem:
        return False
    if node.level == 0 and node.module == known.module_name:
        return True
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    if node.level and ".".join([*above, node.module or ""]).strip(".") == known.module_name:
        return True
    return _binding(alias) in known.module and (node.module or "").rpartition(".")[2] == stem


def _alias(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _binding(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]
