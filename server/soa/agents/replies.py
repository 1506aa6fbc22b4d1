"""Reading what a model replied: fenced or bare, in prose, a whole module, indented, with or without docstring.

What cannot be read is refused with a reason in words that a model can act on.
"""

from __future__ import annotations

import ast
import re
from itertools import islice
from typing import TYPE_CHECKING

from attrs import frozen

from soa.agents.fences import bare, fenced, plain_text
from soa.agents.pieces import Block, FunctionNode, body_source, is_empty, is_function, is_overload, read_block

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from soa.contracts import Contract

LISTED = 8
"""Names that a reason lists at most."""
MOST_TEARS = 6
"""How many definitions of a reply that was cut off are tried as the one that is torn."""
_LONGEST_NAME = 60
_DEFINITION = re.compile(r"^([ \t]*)(?:@|(?:async[ \t]+)?def\b|class\b)", re.MULTILINE)

Found = tuple[Block, FunctionNode, "ast.ClassDef | None", tuple[str, ...]]


@frozen
class Refusal:
    """Why a reply cannot be used; goes back to the model."""

    reason: str


@frozen
class Answer:
    """The function that was asked for, found in a reply, with what stands beside it."""

    block: Block
    function: FunctionNode
    owner: ast.ClassDef | None
    """The class in the reply that holds the function."""
    beside: tuple[Block, ...]
    """All blocks of the reply, the function's own included, in which helpers and imports may stand."""

    @property
    def body(self) -> str:
        """The statements after the docstring, dedented."""
        return body_source(self.block, self.function)


def read_reply(text: str, contract: Contract, *, cut: bool = False) -> Answer | Refusal:
    """Find the function of a contract in a reply.

    Parameters
    ----------
    cut
        The reply ended because of a length limit: only code whose end can be seen is taken.
    """
    text = plain_text(text)
    if not text.strip() and not cut:
        return Refusal("The reply is empty.")
    try:
        return _read(text, contract, cut=cut)
    except RecursionError:
        return Refusal("The code in the reply is nested too deeply: write it in plain statements.")


def read_blocks(text: str) -> tuple[Block, ...]:
    """All Python in a reply (for a tester's)."""
    text = plain_text(text)
    everything = read_block(text)
    if isinstance(everything, Block):
        return (everything,)
    return _in_fences(text, whole=True)[0] or bare(text, whole=True)[0]


def _read(text: str, contract: Contract, *, cut: bool) -> Answer | Refusal:
    problem: SyntaxError | None = None
    seen: list[str] = []
    for blocks, error in _attempts(text, contract):
        found = _fitting([f for b in blocks for f in _functions(b, contract)], contract)
        if found:
            block, function, owner, _ = _closest(found, contract)
            answer = Answer(block, function, owner, blocks)
            if cut and not block.closed:
                return _before_tear(text, contract) or Refusal(_CUT_OFF)
            return _checked(answer, contract)
        problem = problem or error
        seen += [".".join((*path, node.name)) for b in blocks for node, _, path in definitions(b.tree.body)]
    if cut:
        return _before_tear(text, contract) or Refusal(_CUT_OFF)
    return Refusal(_why_nothing(problem, list(dict.fromkeys(seen)), contract))


_CUT_OFF = "The reply was cut off before its end: reply with the code only, and keep it short."


def _before_tear(text: str, contract: Contract) -> Answer | None:
    """The function in a reply that was cut off, if another definition begins after its end."""
    for shorter in islice(_torn(text), MOST_TEARS):
        found = _read(shorter, contract, cut=False)
        if isinstance(found, Answer) and (found.function.end_lineno or 0) < len(found.block.lines):
            return found
    return None


def _torn(text: str) -> Iterator[str]:
    """A reply up to its last definition, to the one before, ...; a placeholder stands where the rest was."""
    for match in reversed(list(_DEFINITION.finditer(text))):
        yield f"{text[: match.start()]}{match[1]}pass"


def _attempts(text: str, contract: Contract) -> Iterator[tuple[tuple[Block, ...], SyntaxError | None]]:
    """Ways to read a reply, the strictest first: all of it is code, the code is in fences, it stands between prose."""
    whole = "." not in contract.qualname
    everything = read_block(text, whole=whole)
    if isinstance(everything, Block):
        yield (everything,), None
    blocks, problem = _in_fences(text, whole=whole, name=contract.name)
    yield blocks, problem
    if problem is None:
        yield bare(text, whole=whole)


def _in_fences(text: str, *, whole: bool, name: str = "") -> tuple[tuple[Block, ...], SyntaxError | None]:
    """The Python in fences, and what is wrong with the first piece that should hold the named function."""
    blocks: list[Block] = []
    problem: SyntaxError | None = None
    for piece in fenced(text):
        block = read_block(piece.source, whole=whole, closed=piece.closed)
        if isinstance(block, Block):
            blocks += [block] if block.tree.body else []
        elif f"def {name}" in piece.source:
            problem = problem or block
    return tuple(blocks), problem


def definitions(
    body: Iterable[ast.stmt],
) -> Iterator[tuple[FunctionNode, ast.ClassDef | None, tuple[str, ...]]]:
    """The functions below statements in document order, with the class around each and the names around it."""
    todo: list[tuple[ast.AST, ast.ClassDef | None, tuple[str, ...]]] = [(n, None, ()) for n in reversed(list(body))]
    while todo:
        node, owner, path = todo.pop()
        inside = owner
        if is_function(node):
            yield node, owner, path
            inside, path = None, (*path, node.name)
        elif isinstance(node, ast.ClassDef):
            inside, path = node, (*path, node.name)
        below = [c for c in ast.iter_child_nodes(node) if isinstance(c, ast.stmt | ast.ExceptHandler | ast.match_case)]
        todo += [(c, inside, path) for c in reversed(below)]


def _functions(block: Block, contract: Contract) -> Iterator[Found]:
    """The functions of a block that have the name asked for."""
    for node, owner, path in definitions(block.tree.body):
        if node.name == contract.name and not is_overload(node):
            yield block, node, owner, path


def _fitting(found: list[Found], contract: Contract) -> list[Found]:
    """Those that stand alone or in what the contract stands in; else the only one, if a class was made up for it."""
    parents = tuple(contract.qualname.split(".")[:-1])
    fitting = [f for f in found if not f[3] or f[3] == parents[-len(f[3]) :]]
    made_up = len(found) == 1 and found[0][2] is not None and len(found[0][3]) == 1
    return fitting or (found if made_up else [])


def _closest(found: list[Found], contract: Contract) -> Found:
    """The definition that fits best; among equals the last, since models draft first and conclude last."""
    wanted = tuple(p.name for p in contract.parameters)
    decorators = {d.replace(" ", "") for d in contract.decorators}

    def fit(item: tuple[int, Found]) -> tuple[int, bool, bool, bool, bool, int]:
        order, (_, node, _, path) = item
        own = {ast.unparse(d).replace(" ", "") for d in node.decorator_list}
        return (
            len(path),
            parameter_names(node) == wanted,
            own in (decorators, set()),
            not is_empty(node),
            own == decorators,
            order,
        )

    return max(enumerate(found), key=fit)[1]


def parameter_names(node: FunctionNode) -> tuple[str, ...]:
    """Names of all parameters in order of the signature."""
    a = node.args
    star = [a.vararg] if a.vararg else []
    double = [a.kwarg] if a.kwarg else []
    return tuple(p.arg for p in (*a.posonlyargs, *a.args, *star, *a.kwonlyargs, *double))


def _checked(answer: Answer, contract: Contract) -> Answer | Refusal:
    node = answer.function
    wanted, got = tuple(p.name for p in contract.parameters), parameter_names(node)
    if wanted != got:
        return Refusal(
            f"`{contract.name}` must take the parameters ({', '.join(wanted)}), the reply's takes ({_listed(got)})."
        )
    if isinstance(node, ast.AsyncFunctionDef) != contract.is_async:
        kind = "an async function" if contract.is_async else "a plain function, not an async one"
        return Refusal(f"`{contract.name}` must be {kind}.")
    if is_empty(node):
        return Refusal(f"The body of `{contract.name}` is still empty: write it out.")
    return answer


def _why_nothing(problem: SyntaxError | None, names: list[str], contract: Contract) -> str:
    if problem is not None:
        return f"The code in the reply does not parse: {_words(problem)}"
    if names:
        return f"The reply defines {_listed([f'`{n}`' for n in names])}, but not `{contract.qualname}`."
    return f"The reply holds no Python function: reply with `{contract.name}` in one fenced python block."


def _words(error: SyntaxError) -> str:
    text = (error.text or "").strip()
    line = f" (line {error.lineno}: {text[:80]})" if error.lineno and text else ""
    return f"{error.msg[:200]}{line}."


def _listed(names: Iterable[str]) -> str:
    shown = [n if len(n) <= _LONGEST_NAME else f"{n[:_LONGEST_NAME]}..." for n in names]
    return ", ".join([*shown[:LISTED], *(["..."] if len(shown) > LISTED else [])])
