"""When a skeleton is refused, and what a mother's diagnosis says of whom."""

from __future__ import annotations

import pytest

from contracting import contract_of, harvest_of
from soa.agents.mother import read_feedback, refuse_skeleton

STUB = 'def total(rows, start=0):\n    """Add up."""\n'
METHOD = 'class Ledger:\n    def post(self, entry):\n        """Add an entry."""\n'
HELPER = 'def _all(rows, start=0):\n    """All of it."""\n'


def refused(reply: str, text: str = STUB, qualname: str = "") -> tuple[str, ...]:
    return refuse_skeleton(harvest_of(reply, text, qualname), contract_of(text, qualname))


GOOD = {
    "two helpers": 'def total(rows, start=0):\n    return _b(_a(rows), start)\ndef _a(x):\n    """A."""\n'
    'def _b(x, y):\n    """B."""\n',
    "one helper that does a part": f"def total(rows, start=0):\n    return start + _all(rows)\n{HELPER}",
    "one helper, called for each": f"def total(rows, start=0):\n    return sum(_all(r) for r in rows)\n{HELPER}",
    "one helper with another argument": f"def total(rows, start=0):\n    return _all(rows, start + 1)\n{HELPER}",
    "one helper, after a check": f"def total(rows, start=0):\n    assert rows\n    return _all(rows)\n{HELPER}",
    "no helper at all": "def total(rows, start=0):\n    return sum(rows, start)",
    "a helper with a body": "def total(rows, start=0):\n    return _a(rows)\ndef _a(rows):\n    return sum(rows)",
}


@pytest.mark.parametrize("case", GOOD)
def test_a_good_skeleton_is_taken(case):
    assert refused(GOOD[case]) == ()


RENAMED = [
    "return _all(rows, start)",
    "return _all(start=start, rows=rows)",
    "return _all(*rows, **start)",
    "result = _all(rows, start)\n    return result",
    "return (_all(rows))",
    "yield from _all(rows)",
    "_all(rows, start)",
    "# the whole work\n    return _all(rows)",
]


@pytest.mark.parametrize("body", RENAMED)
def test_the_task_under_another_name_is_refused(body):
    [reason] = refused(f"def total(rows, start=0):\n    {body}\n\n\n{HELPER}")
    assert "`_all` is the whole task under another name" in reason


def test_so_it_is_for_methods_and_async_functions():
    method = 'def post(self, entry):\n    return self._all(entry)\ndef _all(self, entry):\n    """All."""\n'
    assert len(refused(method, METHOD)) == 1
    waiting = 'async def work(x):\n    return await _all(x)\nasync def _all(x):\n    """All."""\n'
    assert len(refused(waiting, 'async def work(x):\n    """Do."""\n')) == 1


def test_helpers_that_are_never_called_are_refused_in_one_sentence():
    other = 'def _other(rows):\n    """Something else, by `_all`."""\n'
    reply = f"def total(rows, start=0):\n    return sum(rows)\n{HELPER}{other}"
    (reason,) = refused(reply)
    assert reason.startswith(
        "Helpers that are never called: `_all`, `_other`. Call each in the body of `total`, or name "
    )


def test_a_helper_may_be_called_by_another_one_whose_docstring_names_it():
    by = 'def _by(rows):\n    """Add up a part by `_all`."""\n'
    assert refused(f"def total(rows, start=0):\n    return _by(rows) + start\n{by}{HELPER}") == ()


def test_a_helper_that_takes_a_name_of_the_file_is_refused():
    reply = f"def total(rows, start=0):\n    return _all(rows) + 1\n{HELPER}"
    assert refused(reply, f"{STUB}\n_all = 1\n") == (
        "The name `_all` exists in this file already: choose another for the helper.",
    )


def test_a_helper_without_a_docstring_promises_nothing():
    reply = "def total(rows, start=0):\n    return _a(rows) + 1\ndef _a(rows): ...\n"
    assert refused(reply) == ("The helper `_a` has no docstring: say all that it must do.",)


def test_type_parameters_are_no_trouble():
    total = "def total(rows, start=0):\n    def inner[T](x: T): return x\n    return _a(rows)\n"
    reply = f'{total}def _a[T](x: T):\n    """A."""\n'
    assert refused(reply) == ()


NAMES = ["_parse", "_parse_line", "total"]


@pytest.mark.parametrize(
    "reply",
    [
        "_parse_line: returns None",
        "- _parse_line: returns None",
        "* `_parse_line`: returns None",
        "1. **_parse_line**: returns None",
        "**_parse_line:** returns None",
        "### `_parse_line`\nreturns None",
        "`_parse_line(line)`: returns None",
        "_parse_line() - returns None",
        "_parse_line \u2014 returns None",
        "mod.Ledger._parse_line: returns None",
        "> _parse_line: returns None",
        "I found the cause.\n\n_parse_line: returns None",
        "```\n_parse_line: returns None\n```",
        "<think>_parse: hm</think>\n_parse_line: returns None\r\n",
        "_parse: is right.\n_parse_line: returns None\ntotal: OK",
    ],
)
def test_feedback_names_who_must_change(reply):
    assert read_feedback(reply, NAMES) == {"_parse_line": "returns None"}


def test_feedback_of_several_lines_and_functions():
    reply = "_parse: drops the sign.\n  Keep it: -1 stays -1.\n\ntotal: adds twice\n_parse: and the comma"
    assert read_feedback(reply, NAMES) == {
        "_parse": "drops the sign.\n  Keep it: -1 stays -1.\nand the comma",
        "total": "adds twice",
    }


@pytest.mark.parametrize(
    "reply", ["", "All is well.", "The helper _parse is fine", "_parser: wrong", "def _parse(x):\n  1"]
)
def test_nobody_is_concerned(reply):
    assert read_feedback(reply, NAMES) == {}


@pytest.mark.parametrize("reply", ["\n" * 500_000, " " * 500_000, "- " * 250_000, "_parse " * 100_000, "a." * 250_000])
def test_huge_feedback_is_read_in_no_time(reply):
    assert read_feedback(reply, NAMES) == {}
