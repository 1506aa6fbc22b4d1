"""`ast.parse` and its kin, for several threads.

CPython 3.11 counts the depth of its recursion for all threads together while it turns a syntax tree into objects, so
two threads that parse at the same time can end in `SystemError: AST constructor recursion depth mismatch`. Everybody in
this program parses through here, one at a time.
"""

from __future__ import annotations

import ast
import symtable
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TURN = threading.Lock()


def parse(source: str) -> ast.Module:
    """The syntax tree of a module, without warnings about its literals.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        The source does not parse.
    """
    with _alone():
        return ast.parse(source)


def symbols(source: str) -> symtable.SymbolTable:
    """The scopes of a module and the names in each.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        The source does not parse, or its declarations contradict each other.
    """
    with _alone():
        return symtable.symtable(source, "<candidate>", "exec")


def check(source: str) -> None:
    """Compile a module, for the errors that its syntax tree does not show: `return` outside a function and the like.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        The source does not compile.
    """
    with _alone():
        compile(source, "<candidate>", "exec", dont_inherit=True)


@contextmanager
def _alone() -> Iterator[None]:
    with _TURN, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
