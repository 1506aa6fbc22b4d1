"""What the prompts tell an agent to write is what is really accepted."""

from __future__ import annotations

import re

import pytest

from contracting import contract_of
from soa.agents.assertions import read_tests
from soa.agents.briefs import Brief, write_prompt
from soa.agents.gate import problems
from soa.agents.harvest import Known, harvest
from soa.agents.mother import read_feedback, refuse_skeleton
from soa.agents.replies import Answer, read_reply

PARSE = contract_of('def parse_price(text: str) -> int:\n    """Parse a price."""\n')
POST = contract_of('class Ledger:\n    @classmethod\n    def read(cls, text: str) -> int:\n        """Read."""\n')
BATCHES = contract_of('async def batches(names, size):\n    """Collect."""\n')


def taken(reply, contract):
    answer = read_reply(f"```python\n{reply}\n```", contract)
    assert isinstance(answer, Answer)
    found = harvest(answer, contract, Known())
    assert problems(found.candidate, contract, Known()) == ()
    return found


def test_a_child_may_add_imports_constants_and_helpers_and_leave_decorators_out():
    found = taken(
        "import re\n_parse_price_pattern = re.compile('x')\n"
        "def parse_price(text: str) -> int:\n    return _parse_price_digits(_parse_price_pattern.sub('', text))\n"
        "def _parse_price_digits(text):\n    return int(text)\n",
        PARSE,
    )
    assert [h.name for h in found.candidate.helpers] == ["_parse_price_pattern", "_parse_price_digits"]
    assert found.candidate.imports == ("import re",)


def test_a_helper_with_self_or_cls_that_is_called_on_it_becomes_a_method_and_others_do_not():
    found = taken(
        "def read(cls, text: str) -> int:\n    return cls._read_one(text) + _read_other(text)\n"
        "@classmethod\ndef _read_one(cls, text):\n    return 1\ndef _read_other(text):\n    return 2\n",
        POST,
    )
    assert [(h.name, h.scope) for h in found.candidate.helpers] == [("_read_one", "class"), ("_read_other", "module")]


def test_helpers_of_a_skeleton_may_share_a_class_and_call_one_another():
    found = taken(
        "def parse_price(text: str) -> int:\n    return _value(_parts(text))\n"
        'def _parts(text: str) -> _Parts:\n    """Split."""\n'
        'def _value(parts: _Parts) -> int:\n    """Call `_parts` again."""\n'
        "class _Parts:\n    def __init__(self, whole):\n        self.whole = whole\n",
        PARSE,
    )
    assert refuse_skeleton(found, PARSE) == ()
    assert {h.name for h in found.candidate.helpers} == {"_parts", "_value", "_Parts"}


def test_the_form_that_a_tester_is_shown_is_read():
    system, _ = write_prompt(Brief("tester", "tests", PARSE, "a.py"), 6000)
    (example,) = re.findall(r"^```python\n.*?^```$", system.content, re.MULTILINE | re.DOTALL)
    assert [t.name for t in read_tests(example, PARSE)] == ["test_negative_price"]


@pytest.mark.parametrize(
    "test",
    [
        "assert asyncio.run(_collected(['a'], 1)) == [['a']]",
        "def test_one():\n    assert asyncio.run(_collected(['a'], 1)) == [['a']]",
    ],
)
def test_a_tester_may_write_small_functions_and_run_async_ones(test):
    beside = (
        "import asyncio\nasync def _names(names):\n    for name in names:\n        yield name\n"
        "async def _collected(names, size):\n    return [b async for b in batches(_names(names), size)]\n"
    )
    (found,) = read_tests(f"```python\n{beside}{test}\n```", BATCHES)
    assert "import asyncio" in found.source
    assert "async def _names" in found.source


def test_the_line_that_a_mother_is_shown_is_read():
    _, user = write_prompt(Brief("mother", "feedback", PARSE, "a.py"), 6000)
    assert list(read_feedback(user.content.splitlines()[-1], ["_parse_line", "parse_price"])) == ["_parse_line"]
