"""An endpoint's answers: the true function for each request, in another form each time."""

from __future__ import annotations

import ast
import textwrap
import zlib
from typing import TYPE_CHECKING

from roundtrip.library import Function, documented

if TYPE_CHECKING:
    from collections.abc import Callable

    from loopback import ChatRequest

NO_TESTS = "The contract leaves too much open for a test that is certainly right."


class Truth:
    """Answers each request with the true function.

    Parameters
    ----------
    sources
        The original text of each file, by its path relative to the workspace.
    """

    def __init__(self, sources: dict[str, str]) -> None:
        self.sources = sources
        self.functions: dict[str, list[tuple[str, Function]]] = {}
        for path, source in sources.items():
            for name, node in documented(ast.parse(source)):
                self.functions.setdefault(f"{path}::{name}", []).append((source, node))

    def find(self, request: ChatRequest) -> tuple[str, Function] | None:
        """The true function, told from others of its name by the header that the prompt shows."""
        found = self.functions.get(request.target, [])
        _, _, contract = request.messages[-1]["content"].partition("```python")
        prompt = "".join(contract.partition("```")[0].split())
        return next((f for f in found if "".join(header(*f).split()) in prompt), found[0] if found else None)

    def __call__(self, request: ChatRequest) -> str:
        if request.step == "tests":
            return NO_TESTS
        found = self.find(request)
        if found is None:
            return "There is nothing to write here."
        form = FORMS[zlib.crc32(request.target.encode()) % len(FORMS)]
        return form(*found)


def header(source: str, node: Function) -> str:
    """The source from `def` to the docstring, decorators left out."""
    first = node.body[0]
    lines = source.splitlines()[node.lineno - 1 : first.lineno]
    lines[-1] = lines[-1][: first.col_offset]
    return "\n".join(lines).strip()


def block(source: str, node: Function, *, decorators: bool = False) -> str:
    """The function's lines as they stand in the file, indentation included."""
    start = min([node.lineno, *(d.lineno for d in node.decorator_list)]) if decorators else node.lineno
    return "\n".join(source.splitlines()[start - 1 : node.end_lineno])


def flush(source: str, node: Function) -> str:
    """The function's lines, moved to the left, strings left alone."""
    return ast.unparse(ast.parse(textwrap.dedent(block(source, node)))) if node.col_offset else block(source, node)


def _fenced(source: str, node: Function) -> str:
    return f"```python\n{block(source, node)}\n```"


def _bare(source: str, node: Function) -> str:
    return block(source, node) + "\n"


def _prose(source: str, node: Function) -> str:
    return (
        f"Here is `{node.name}`, written out:\n\n```python\n{flush(source, node)}\n```\n\n"
        "It follows the docstring. For example, calling it twice is fine.\n"
    )


def _module(source: str, _: Function) -> str:
    return f"I give the whole module.\n```py\n{source}\n```"


def _decorated(source: str, node: Function) -> str:
    return f"~~~python\n{block(source, node, decorators=True)}\n~~~"


def _ragged(source: str, node: Function) -> str:
    return f"```\n{ast.get_source_segment(source, node)}\n```"


def _undocumented(source: str, node: Function) -> str:
    tree = ast.parse(flush(source, node))
    del tree.body[0].body[0]
    return f"```python\n{ast.unparse(tree)}\n```"


def _reworded(source: str, node: Function) -> str:
    tree = ast.parse(flush(source, node))
    tree.body[0].body[0] = ast.Expr(ast.Constant("Do as it says\n\n    >>> 1 + 1\n    3\n    "))
    return f"<think>Easy: def {node.name}...</think>\n```python\n{ast.unparse(ast.fix_missing_locations(tree))}\n```"


def _annotated(source: str, node: Function) -> str:
    tree = ast.parse(flush(source, node))
    for argument in tree.body[0].args.args:
        if argument.annotation is None and argument.arg not in ("self", "cls"):
            argument.annotation = ast.Name("object")
    return f"```python\n{ast.unparse(ast.fix_missing_locations(tree))}\n```"


def _in_class(source: str, node: Function) -> str:
    if not node.col_offset:
        return _fenced(source, node)
    return "```python\nclass Whatever:\n" + textwrap.indent(flush(source, node), "    ") + "\n```"


FORMS: tuple[Callable[[str, Function], str], ...] = (
    _fenced, _bare, _prose, _module, _decorated, _ragged, _undocumented, _reworded, _annotated, _in_class,
)  # fmt: skip
