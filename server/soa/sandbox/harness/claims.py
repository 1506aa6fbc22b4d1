"""Values that decide themselves what they are equal to.

If a test compares a value to a literal, and the value's class has an `__eq__` in the code under test, then the code
judges itself. One that is equal to something nobody has ever seen is equal to anything: that test failed. Otherwise it
says nothing: the class may well mean what it says, but nobody can know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .origins import Suspect

MOST = 1000
"""Values looked at in what one test compared."""
_ancestors = type.__dict__["__mro__"].__get__
_CONTAINERS = (list, tuple, set, frozenset, dict)


def claims(compared: list[object], suspect: Suspect) -> tuple[str, bool]:
    """Say which of the values that were found equal to literals claims so itself, and whether it is known to lie."""
    for value in _inside(compared):
        kind = type(value)
        if _judges_itself(kind, suspect):
            name = type.__dict__["__qualname__"].__get__(kind)
            if value == object():
                return f"a {name} that says it is equal to anything", True
            return f"it cannot be told: {name}, a class of the code under test, says itself what it is equal to", False
    return "", False


def _judges_itself(kind: type, suspect: Suspect) -> bool:
    for name in ("__eq__", "__ne__"):
        found: Any = next((c.__dict__[name] for c in _ancestors(kind) if name in c.__dict__), None)
        code = getattr(found, "__code__", None)
        if code is not None and suspect(code.co_filename):
            return True
    return False


def _inside(values: list[object]) -> Iterator[object]:
    """Yield values and what lies in plain containers."""
    waiting, count = list(values), 0
    while waiting and count < MOST:
        value = waiting.pop()
        count += 1
        yield value
        if type(value) is dict:
            waiting += [*value.keys(), *value.values()]
        elif type(value) in _CONTAINERS:
            waiting += value  # type: ignore[arg-type]
