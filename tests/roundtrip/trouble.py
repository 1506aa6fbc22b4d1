"""What goes wrong between a model and a program: failing calls, and first answers that are wrong."""

from __future__ import annotations

import ast
import itertools
from typing import TYPE_CHECKING

from loopback import Cut, Status, rate_limited
from roundtrip.truth import flush

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loopback import ChatRequest, Fault
    from roundtrip.truth import Truth


class Trouble:
    """One call in five fails, in turn in each way; one first answer in three is wrong where a test can tell."""

    def __init__(self, truth: Truth, testable: frozenset[str]) -> None:
        self.truth = truth
        self.testable = testable
        """Targets for which a wrong answer is noticed by the library's own tests."""
        self.wrong = 0
        self.failed = 0
        self._calls = itertools.count(1)
        self._faults = self._every_fault()
        self._firsts = itertools.count(1)
        self._seen: set[str] = set()

    def __call__(self, request: ChatRequest) -> str | Fault:
        if next(self._calls) % 5 == 0:
            self.failed += 1
            return next(self._faults)
        if request.step != "tests" and request.target not in self._seen:
            self._seen.add(request.target)
            if request.target in self.testable and next(self._firsts) % 3 == 0:
                self.wrong += 1
                return self._wrong(request)
        return self.truth(request)

    def _wrong(self, request: ChatRequest) -> str:
        source, node = self.truth.find(request)
        tree = ast.parse(flush(source, node))
        tree.body[0].body[1:] = ast.parse("raise LookupError('wrong on purpose')").body
        return f"```python\n{ast.unparse(tree)}\n```"

    def _every_fault(self) -> Iterator[str | Fault]:
        return itertools.cycle(
            (
                rate_limited("0.01"), Status(500), Cut(), "", "I would rather talk about the weather.",
                "```python\ndef broken(:\n    return\n```",
            )
        )  # fmt: skip
