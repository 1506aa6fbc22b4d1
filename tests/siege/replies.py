"""Hostile candidates, read from files that nobody imports."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import indent

from attrs import frozen

FOLDER = Path(__file__).parents[1] / "hostile" / "candidates"


@frozen
class Candidate:
    """One function that means harm."""

    name: str
    tries: str
    """What it tries: its docstring."""
    text: str
    """Its source, as the model replies it."""

    @property
    def stub(self) -> str:
        """What stands in the project: held is who gets nowhere."""
        return f'def {self.name}():\n    """{self.tries}\n\n    >>> {self.name}()\n    \'held\'\n    """\n'


def candidates(theme: str) -> tuple[Candidate, ...]:
    """All that stand in a file, by its name without `.py`, in their order."""
    source = (FOLDER / f"{theme}.py").read_text(encoding="utf-8")
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return tuple(_candidate(source, node) for node in functions)


def _candidate(source: str, node: ast.FunctionDef) -> Candidate:
    told = ast.get_docstring(node)
    assert told, node.name
    return Candidate(node.name, told, ast.get_source_segment(source, node) or "")


def fenced(text: str) -> str:
    """A reply as models write it."""
    return f"Here it is:\n\n```python\n{text}\n```\n"


def module(functions: tuple[Candidate, ...], head: str = "") -> str:
    """A module of stubs."""
    return "\n\n".join(['"""Functions to be written."""\n', *([head] if head else []), *(f.stub for f in functions)])


def shifted(text: str) -> str:
    """A text one step to the right."""
    return indent(text, "    ")
