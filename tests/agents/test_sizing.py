"""The size of a contract, counted as a reader would, and explained."""

from __future__ import annotations

import pytest

from contracting import contract_of
from soa.agents.sizing import Estimate, estimate
from soa.settings import Settings


def size(docstring: str, parameters: str = "") -> Estimate:
    return estimate(contract_of(f'def f({parameters}):\n    """{docstring}\n    """\n'))


@pytest.mark.parametrize(
    ("docstring", "steps", "sentences"),
    [
        ("Add two numbers", 0, 1),
        ("Add two numbers. Nothing else.", 0, 2),
        ("Does it work? Yes! It does; mostly.", 0, 4),
        ("Version 1.2.3 of file.txt at example.org", 0, 1),
        ("Steps:\n\n    - read\n    - write\n    * print\n    1. first\n    2) second\n    (a) third", 6, 1),
        ("First. Second. Third.\n\n    - read\n    - write", 2, 3),
        ("First.\n\n    - Read it. Twice.\n      And again.\n    - Write it.\n\n    Last.", 2, 4),
        ("Add.\n\n    Parameters\n    ----------\n    a : int\n        The first.", 0, 2),
    ],
)
def test_steps_and_sentences(docstring, steps, sentences):
    found = size(docstring)
    assert (found.steps, found.sentences) == (steps, sentences)


def test_parameters_without_the_object_itself():
    assert size("Do.", "self, a, *b, c=1, **d").parameters == 4
    assert size("Do.", "cls").parameters == 0


def test_errors_are_counted_once_each():
    assert size("Raise ValueError or KeyError; ValueError too. SystemExit, StopIteration, a Warning.").errors == 4


def test_examples_count_but_not_without_end_and_not_as_prose():
    few = size("Do it.\n\n    >>> f()\n    1. A sentence. Another one.\n    - a step\n\n    >>> f()\n    2")
    assert (few.examples, few.sentences, few.steps) == (2, 1, 0)
    many = size("Do it.\n" + "\n    >>> f()\n    1\n" * 50)
    assert many.examples == 50
    assert many.total == size("Do it.\n" + "\n    >>> f()\n    1\n" * 6).total


def test_small_and_large_lie_on_either_side_of_the_default():
    small = size("Give n as a Roman numeral; ValueError outside of 1 to 3999.\n\n    >>> f(4)\n    'IV'", "n")
    large = size(
        "Read a journal.\n\n" + "".join(f"    {n}. Do step {n}. With care.\n" for n in range(1, 9)) + "    ValueError.",
        "a",
    )
    assert small.total < Settings().size_limit < large.total


def test_the_estimate_explains_itself():
    assert Estimate(8, 2, 1, 3, 0).explain() == "size 24: 8 steps, 2 sentences, 1 parameter, 3 errors"
    assert Estimate(0, 1, 0, 1, 1).explain() == "size 3.5: 1 sentence, 1 error, 1 example"
    assert Estimate(0, 0, 0, 0, 0).explain() == "size 0: nothing to count"
    assert size("Do.").explain() == "size 1.5: 1 sentence"
