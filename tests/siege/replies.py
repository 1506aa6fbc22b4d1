"""Hostile candidates, read from files that nobody imports."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FOLDER = Path(__file__).parents[1] / "hostile" / "candidates"


@frozen
class Candidate:
    """One function that means harm."""

    name: str
    tries: str
    """What it tries: its docstring."""
    text: str
    """Its source, as the model replies it."""

    def named(self, name: str) -> Candidate:
        """The same under another name."""
        return evolve(self, name=name, text=self.text.replace(f"def {self.name}(", f"def {name}("))

    def stub(self, wanted: str) -> str:
        """What stands in the project, with an example that wants a value; without any if that is empty."""
        example = f"\n\n    >>> {self.name}()\n    {wanted}" if wanted else ""
        return f'def {self.name}():\n    """{self.tries}{example}\n    """\n'


def candidates(theme: str) -> tuple[Candidate, ...]:
    """All that stand in a file, by its name without `.py`, in their order; what begins with `_` helps them."""
    source = (FOLDER / f"{theme}.py").read_text(encoding="utf-8")
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    texts = {node.name: ast.get_source_segment(source, node) or "" for node in nodes}
    return tuple(
        Candidate(node.name, ast.get_docstring(node) or "", "\n\n\n".join(_with_helpers(node.name, texts)))
        for node in nodes
        if not node.name.startswith("_")
    )


def _with_helpers(name: str, texts: Mapping[str, str]) -> list[str]:
    """The text of a function and those of all that it uses, each once."""
    used, waiting = {}, [name]
    while waiting:
        one = waiting.pop(0)
        used[one] = texts[one]
        waiting += [n for n in texts if n.startswith("_") and n not in used and re.search(rf"\b{n}\b", texts[one])]
    return list(used.values())


def fenced(text: str) -> str:
    """A reply as models write it."""
    return f"Here it is:\n\n```python\n{text}\n```\n"


def module(functions: Iterable[Candidate], wanted: str = "'held'") -> str:
    """A module of stubs: held is who gets nowhere."""
    return "\n\n".join(['"""Functions to be written."""\n', *(function.stub(wanted) for function in functions)])
