"""What is said before a call agrees with the prompt that the call would have."""

from __future__ import annotations

import pytest

from contracting import contract_of
from soa.agents.briefs import Brief, write_prompt
from soa.agents.forecast import forecast
from soa.agents.sizing import needs_mother
from soa.settings import Settings
from soa.tokens import estimate_tokens

SMALL = 'def f(a):\n    """Add one.\n\n    >>> f(1)\n    2\n    """\n'
LARGE = 'def f(a):\n    """Do it.\n\n' + "".join(f"    - Step {n}.\n" for n in range(20)) + '    """\n'


@pytest.mark.parametrize(("text", "role", "step"), [(SMALL, "child", "write"), (LARGE, "mother", "skeleton")])
def test_who_begins_and_what_the_first_prompt_holds(text, role, step):
    contract = contract_of(text)
    ahead = forecast(contract, "a.py", Settings())
    assert (ahead.role, needs_mother(contract, 0, Settings())) == (role, role == "mother")
    prompt = write_prompt(Brief(role, step, contract, "a.py"), 6000)
    assert ahead.least_prompt == sum(estimate_tokens(message.content) for message in prompt)
    assert (ahead.most_prompt, ahead.problem) == (6000, "")


def test_why_it_is_a_child_after_all():
    assert forecast(contract_of(LARGE), "a.py", Settings(depth=0)).why.endswith("nothing may be delegated at depth 0")


def test_a_contract_that_fits_into_no_prompt():
    wide = contract_of(f"def f({', '.join(f'a{n}' for n in range(900))}):\n    'Do it.'\n")
    ahead = forecast(wide, "a.py", Settings(context_tokens=1000, size_limit=10_000))
    assert "The signature of f makes a prompt of" in ahead.problem
    assert ahead.least_prompt == ahead.most_prompt == 1000
