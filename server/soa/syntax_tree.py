"""`ast.parse` for several threads.

CPython 3.11 counts the depth of its recursion for all threads together while it turns a syntax tree into objects, so
two threads that parse at the same time can end in `SystemError: AST constructor recursion depth mismatch`. Everybody in
this program parses through here, one at a time.
"""

from __future__ import annotations

import ast
import threading
import warnings

_TURN = threading.Lock()


def parse(source: str) -> ast.Module:
    """The syntax tree of a module, without warnings about its literals.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        The source does not parse.
    """
    with _TURN, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)
