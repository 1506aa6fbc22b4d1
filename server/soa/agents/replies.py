"""Reading what a model replied: fenced or bare, in prose, a whole module, indented, with or without docstring.

What cannot be read is refused with a reason in words that a model can act on.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from attrs import frozen

from soa.agents.pieces import FunctionNode, body_source, dedent_block, is_empty, parse_block

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from soa.contracts import Contract

_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_CODE_START = re.compile(r"^[ \t]*(?:async\s+def|def|class|@\w|import|from\s+[\w.]+\s+import)\b", re.MULTILINE)


@frozen
class Refusal:
    """Why a reply cannot be used; goes back to the model."""

    reason: str


@frozen
class Block:
    """A piece of a reply that parses."""

    source: str
    tree: ast.Module


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
        return body_source(self.block.source, self.function)


def read_reply(text: str, contract: Contract, *, cut: bool = False) -> Answer | Refusal:
    """Find the function of a contract in a reply."""
    text = _THINKING.sub("", text.replace("\r\n", "\n")).strip("\n")
    if not text.strip():
        return Refusal("The reply is empty.")
    blocks, problem = _parse_all(text)
    found = [(b, f, owner) for b in blocks for f, owner in _functions(b.tree, contract)]
    if found:
        block, function, owner = _closest(found, contract)
        return _checked(Answer(block, function, owner, blocks), contract)
    return Refusal(_why_nothing(blocks, problem, contract, cut=cut))


def read_blocks(text: str) -> tuple[tuple[Block, ...], str]:
    """All Python in a reply, and what is wrong with the rest (for a tester's reply)."""
    return _parse_all(_THINKING.sub("", text.replace("\r\n", "\n")).strip("\n"))


def prose_of(text: str) -> str:
    """A reply without its code."""
    return _FENCE.sub("", _THINKING.sub("", text)).strip()


def _parse_all(text: str) -> tuple[tuple[Block, ...], str]:
    blocks, problem = [], ""
    for piece in _pieces(text):
        tree, source, error = parse_block(dedent_block(piece))
        if tree is None:
            problem = problem or error
        elif tree.body:
            blocks.append(Block(source, tree))
    return tuple(blocks), problem


def _pieces(text: str) -> Iterator[str]:
    fenced = [m.group(2) for m in _FENCE.finditer(text)]
    if fenced:
        yield from fenced
        return
    start = _CODE_START.search(text)
    if start is None:
        return
    yield _without_trailing_prose(text[start.start() :])


def _without_trailing_prose(text: str) -> str:
    """Cut a bare reply where prose follows the code: before the unindented line that spoils what parses without it."""
    tree, _, _ = parse_block(dedent_block(text))
    if tree is not None:
        return text
    lines = dedent_block(text).splitlines()
    for end in range(len(lines) - 1, 0, -1):
        flush = lines[end][:1].strip() and not _CODE_START.match(lines[end])
        if flush and parse_block("\n".join(lines[:end]))[0] is not None:
            return "\n".join(lines[:end])
    return text


def _functions(tree: ast.Module, contract: Contract) -> Iterator[tuple[FunctionNode, ast.ClassDef | None]]:
    for node, owner in _walk(tree.body, None):
        if node.name == contract.name and not _is_overload(node):
            yield node, owner


def _walk(body: Iterable[ast.stmt], owner: ast.ClassDef | None) -> Iterator[tuple[FunctionNode, ast.ClassDef | None]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, owner
            yield from _walk(node.body, None)
        elif isinstance(node, ast.ClassDef):
            yield from _walk(node.body, node)
        else:
            for part in ("body", "orelse", "finalbody"):
                yield from _walk(getattr(node, part, ()), owner)


def _is_overload(node: FunctionNode) -> bool:
    return any(ast.unparse(d).endswith("overload") for d in node.decorator_list)


Found = tuple[Block, FunctionNode, "ast.ClassDef | None"]


def _closest(found: list[Found], contract: Contract) -> Found:
    """The definition that fits best; among equals the last, since models draft first and conclude last."""
    owner_name = contract.qualname.split(".")[-2] if "." in contract.qualname else ""
    wanted = tuple(p.name for p in contract.parameters)
    decorators = {d.replace(" ", "") for d in contract.decorators}

    def fit(item: tuple[int, Found]) -> tuple[bool, bool, bool, bool, int]:
        order, (_, node, owner) = item
        own = {ast.unparse(d).replace(" ", "") for d in node.decorator_list}
        return (
            (owner.name if owner else "") == owner_name,
            own == decorators,
            parameter_names(node) == wanted,
            not is_empty(node),
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
            f"`{contract.name}` must take the parameters ({', '.join(wanted)}), the reply's takes ({', '.join(got)})."
        )
    if isinstance(node, ast.AsyncFunctionDef) != contract.is_async:
        kind = "an async function" if contract.is_async else "a plain function, not an async one"
        return Refusal(f"`{contract.name}` must be {kind}.")
    if is_empty(node):
        return Refusal(f"The body of `{contract.name}` is still empty: write it out.")
    return answer


def _why_nothing(blocks: tuple[Block, ...], problem: str, contract: Contract, *, cut: bool) -> str:
    if cut:
        return "The reply was cut off before its end: reply with the code only, and keep it short."
    if problem:
        return f"The code in the reply does not parse: {problem}"
    names = [n.name for b in blocks for n, _ in _walk(b.tree.body, None)]
    if names:
        return f"The reply defines {', '.join(f'`{n}`' for n in names[:5])}, but not `{contract.name}`."
    return f"The reply holds no Python function: reply with `{contract.name}` in one fenced python block."
