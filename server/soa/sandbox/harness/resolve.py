"""Whether modules and their attributes exist in the project's interpreter."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from typing import TYPE_CHECKING, Any

from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

_PLACE = "in the project's interpreter"


def unresolved(needs: list[dict[str, Any]]) -> list[str]:
    """Say of each need that cannot be met why, in one sentence."""
    return list(dict.fromkeys(s for s in map(_sentence, needs) if s))


def _sentence(need: dict[str, Any]) -> str:
    try:
        name = importlib.util.resolve_name(need["module"], need["package"] or None)
    except ImportError:
        return f"the relative import {need['module']!r} leads out of its package"
    missing = _missing_module(name)
    if missing or not need["attribute"]:
        return missing
    return _missing_attribute(name, need["attribute"])


def _missing_module(name: str) -> str:
    """Look for a module from its top package down, importing packages only."""
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        current = ".".join(parts[:count])
        try:
            found = current in sys.modules or importlib.util.find_spec(current) is not None
        except ModuleNotFoundError:
            found = False
        except Exception:
            return ""
        if not found:
            close = _nearest(parts[count - 1], _modules(parts[: count - 1]))
            return f"there is no module named {current!r} {_PLACE}{close}"
    return ""


def _modules(package: list[str]) -> Iterable[str]:
    """Names of the modules in a package, or of all that can be imported."""
    if package:
        path = getattr(sys.modules.get(".".join(package)), "__path__", [])
        return [m.name for m in pkgutil.iter_modules(path)]
    return [*getattr(sys, "stdlib_module_names", sys.builtin_module_names), *(m.name for m in pkgutil.iter_modules())]


def _missing_attribute(module: str, attribute: str) -> str:
    try:
        value: Any = importlib.import_module(module)
    except BaseException:
        return ""
    path = module
    for name in attribute.split("."):
        if not hasattr(value, name) and not _is_submodule(value, name):
            kind = "module " if path == module else ""
            return f"{kind}{path!r} has no attribute {name!r}{_nearest(name, dir(value))}"
        value = getattr(value, name, None)
        path = f"{path}.{name}"
    return ""


def _is_submodule(value: ModuleType, name: str) -> bool:
    if not hasattr(value, "__path__"):
        return False
    try:
        importlib.import_module(f"{value.__name__}.{name}")
    except ModuleNotFoundError as error:
        return error.name != f"{value.__name__}.{name}"
    except BaseException:
        return True
    return True


def _nearest(name: str, known: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.7)
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
