"""How large a task is, judged from its contract alone, and why.

The estimate counts what a reader would count: the steps and sentences of the docstring, the parameters, the errors
it promises, the examples. A docstring that lists eight steps and three errors is more than one agent should hold;
two sentences and an example are not.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import frozen

from soa.wording import plural

if TYPE_CHECKING:
    from soa.contracts import Contract
    from soa.settings import Settings

SENTENCE = 1.5
STEP = 2.0
PARAMETER = 0.5
ERROR = 1.5
EXAMPLE = 0.5
MOST_EXAMPLES = 6
"""Examples beyond these make a contract clearer, not larger."""

_BULLET = re.compile(r"^\s*(?:[-*+•]|\d+[.)]|\([a-z0-9]\)) +\S", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.;!?](?=\s|$)")
_ERROR = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt|Iteration)\b")
_PROMPT = re.compile(r"^\s*(?:>>>|\.\.\.)", re.MULTILINE)


@frozen
class Estimate:
    """A size with the counts it was made of."""

    steps: int
    sentences: int
    parameters: int
    errors: int
    examples: int

    @property
    def total(self) -> float:
        """The size: above the setting `size_limit` a task goes to a mother."""
        return (
            STEP * self.steps
            + SENTENCE * self.sentences
            + PARAMETER * self.parameters
            + ERROR * self.errors
            + EXAMPLE * min(self.examples, MOST_EXAMPLES)
        )

    def explain(self) -> str:
        """The estimate in one line for people."""
        counts = (
            (self.steps, "step"),
            (self.sentences, "sentence"),
            (self.parameters, "parameter"),
            (self.errors, "error"),
            (self.examples, "example"),
        )
        parts = [plural(n, word) for n, word in counts if n]
        return f"size {self.total:g}: {', '.join(parts) or 'nothing to count'}"


def estimate(contract: Contract) -> Estimate:
    """Estimate the size of a contract."""
    prose = _without_examples(contract.docstring)
    steps = len(_BULLET.findall(prose))
    ended = sum(bool(_SENTENCE_END.search(item)) for item in _items(prose))
    sentences = max(len(_SENTENCE_END.findall(prose)) - ended, int(bool(prose.strip())))
    names = [p.name for p in contract.parameters if p.name not in ("self", "cls")]
    return Estimate(steps, sentences, len(names), len(set(_ERROR.findall(prose))), len(contract.examples))


def needs_mother(contract: Contract, depth: int, settings: Settings) -> bool:
    """Whether a contract at a depth is too large for one agent and may be delegated."""
    return depth < settings.depth and estimate(contract).total > settings.size_limit


def _items(prose: str) -> list[str]:
    """The steps, each with all its lines; its first sentence is the step itself."""
    starts = [m.start() for m in _BULLET.finditer(prose)]
    return [prose[start:end].partition("\n\n")[0] for start, end in pairwise([*starts, len(prose)])]


def _without_examples(docstring: str) -> str:
    """Drop each example with its expected output, which ends at a blank line."""
    kept, inside = [], False
    for line in docstring.splitlines():
        inside = bool(_PROMPT.match(line)) or (inside and bool(line.strip()))
        if not inside:
            kept.append(line)
    return "\n".join(kept) + "\n"
