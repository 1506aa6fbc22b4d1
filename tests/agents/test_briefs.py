"""No prompt exceeds the limit; what is too long is cut at a line, context first."""

from __future__ import annotations

from typing import get_args

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from contracting import contract_of
from soa.agents.briefs import Brief, Refused, cut, write_prompt
from soa.contracts import Role, Step
from soa.errors import LimitReached
from soa.tokens import estimate_tokens

CONTRACT = contract_of(
    'def roman(n: int) -> str:\n    """Give n as a Roman numeral.\n\n    >>> roman(4)\n    \'IV\'\n    """\n'
)
STEPS: list[tuple[Role, Step]] = [
    ("child", "write"), ("child", "repair"), ("mother", "skeleton"), ("mother", "revise"), ("mother", "feedback"),
    ("tester", "tests"),
]  # fmt: skip


def brief(role: Role, step: Step, **texts: str | Refused) -> Brief:
    return evolve(Brief(role, step, CONTRACT, "src/a.py"), **texts)


def tokens(messages) -> int:
    return sum(estimate_tokens(m.content) for m in messages)


lines = st.text(st.sampled_from("abc xyz(){}$`\"'\\äπ漢😀\t"), max_size=120)
texts = st.builds(lambda line, count: "\n".join([line] * count), lines, st.integers(0, 800))


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.sampled_from(STEPS),
    st.integers(500, 4000),
    st.fixed_dictionaries(dict.fromkeys(("context", "code", "feedback", "remark", "previous"), texts)),
    texts,
    texts,
)
def test_no_prompt_exceeds_the_limit(step, limit, written, reason, reply):
    asked = brief(*step, **written, refused=Refused(reason, reply))
    try:
        messages = write_prompt(asked, limit)
    except LimitReached:
        with pytest.raises(LimitReached):
            write_prompt(brief(*step), limit)
        return
    assert tokens(messages) <= limit


@settings(max_examples=100, deadline=None, database=None)
@given(st.lists(lines), st.integers(-10, 2000))
def test_a_cut_keeps_whole_lines(written, room):
    text = "\n".join(written)
    kept = cut(text, room)
    assert estimate_tokens(kept) <= max(room, 1)
    if kept != text:
        *first, last = kept.split("\n") if kept else ["# ... cut"]
        assert last == "# ... cut"
        assert first == text.splitlines()[: len(first)]


@pytest.mark.parametrize(("role", "step"), STEPS)
def test_a_prompt_says_what_it_must(role, step):
    refused = Refused("AGAIN", "REPLY")
    asked = brief(role, step, context="CONTEXT", code="CODE", feedback="WRONG", refused=refused)
    system, user = write_prompt(asked, 6000)
    assert (system.role, user.role) == ("system", "user")
    assert "$" not in system.content + user.content
    assert "def roman(n: int) -> str:" in user.content
    assert ">>> roman(4)" in user.content
    wanted = {
        "write": {"CONTEXT", "AGAIN", "REPLY"}, "skeleton": {"CONTEXT", "AGAIN", "REPLY"},
        "repair": {"CODE", "WRONG", "CONTEXT", "AGAIN", "REPLY"},
        "revise": {"CODE", "WRONG", "CONTEXT", "AGAIN", "REPLY"},
        "feedback": {"CODE", "WRONG"}, "tests": {"CONTEXT", "AGAIN", "REPLY"},
    }[step]  # fmt: skip
    assert {w for w in wanted if w not in user.content} == set()


def test_every_step_of_the_protocol_has_a_prompt():
    assert {step for _, step in STEPS} == set(get_args(Step))


def test_a_tester_sees_no_code():
    _, user = write_prompt(brief("tester", "tests", code="CODE", feedback="WRONG"), 6000)
    assert "CODE" not in user.content
    assert "WRONG" not in user.content


def test_a_remark_stays_where_everything_is_too_long():
    long = "\n".join(f"line {n} of it" for n in range(2000))
    names = ("context", "code", "feedback", "previous")
    for role, step in STEPS[:4]:
        texts = {n: long.replace("line", n) for n in names}
        asked = brief(role, step, **texts, refused=Refused(long, long), remark="Use no loop.\n\nBe quick.")
        _, user = write_prompt(asked, 2500)
        assert "docstring wins:\n> Use no loop.\n> \n> Be quick.\n" in user.content
        assert ("previous 0 of it" in user.content) == (step in ("write", "skeleton", "repair", "revise"))


def test_a_remark_that_is_too_long_is_cut():
    asked = brief("child", "write", remark="\n".join(f"wish {n}" for n in range(5000)), context="CONTEXT")
    messages = write_prompt(asked, 2500)
    assert tokens(messages) <= 2500
    assert all(told in messages[1].content for told in ("> wish 0\n", "# ... cut", "CONTEXT"))


def test_context_goes_first_then_code_and_feedback_last():
    long = "\n".join(f"line {n} of it" for n in range(2000))
    asked = brief(
        "child", "repair", context=long.replace("line", "context"), code=long.replace("line", "code"), feedback=long
    )
    _, user = write_prompt(asked, 2500)
    assert "# ... cut" in user.content
    assert user.content.count("line ") > user.content.count("context ")
    short = evolve(asked, feedback="It is wrong.", code="return 1")
    _, user = write_prompt(short, 2500)
    assert "It is wrong." in user.content
    assert "return 1" in user.content
    assert "context 0 of it" in user.content


def test_a_refused_reply_goes_first_of_all():
    context = "\n".join(f"{n} {'long ' * 18}" for n in range(400))
    tight, wide = (
        brief("child", "write", context=c, refused=Refused("No.", "def roman(n): return 1\n" * 9))
        for c in (context, "")
    )
    assert "def roman(n): return 1" not in write_prompt(tight, 2500)[1].content
    assert write_prompt(tight, 2500)[1].content.count("Your last reply was refused: No.\nReply with") == 1
    assert "Your last reply:\n```\ndef roman" in write_prompt(wide, 2500)[1].content


def test_the_fences_of_a_refused_reply_do_not_end_its_own():
    asked = brief("tester", "tests", refused=Refused("No.", "Here:\n````python\nassert $x\n````"))
    assert "reply:\n`````\nHere:\n````python\nassert $x\n````\n`````\n\nYour" in write_prompt(asked, 6000)[1].content


def test_what_the_user_did_not_take_is_kept_in_part_only_for_a_reason():
    _, user = write_prompt(brief("child", "write", previous="return 1", remark="be quick"), 6000)
    assert "> be quick\n\nThe user saw this proposal and asked for another one, for the reason above." in user.content
    _, user = write_prompt(brief("child", "write", previous="return 1"), 6000)
    assert "gave no reason; take a clearly different approach:\n```python\nreturn 1\n```" in user.content


def test_only_of_a_method_a_tester_is_told_that_it_is_one():
    assert "It is a method" not in write_prompt(brief("tester", "tests"), 6000)[1].content
    method = contract_of('class Ledger:\n    def post(self):\n        """Do."""\n')
    assert "It is a method" in write_prompt(Brief("tester", "tests", method, "a.py"), 6000)[1].content


def test_templates_leave_the_texts_alone():
    _, user = write_prompt(brief("child", "repair", code="$contract ${name} $$", feedback="100 $ %s {x}"), 6000)
    assert "$contract ${name} $$" in user.content
    assert "100 $ %s {x}" in user.content


def test_a_method_is_said_to_be_one():
    method = contract_of('class Ledger:\n    def post(self):\n        """Do."""\n')
    _, user = write_prompt(Brief("child", "write", method, "a.py"), 6000)
    assert user.content.startswith("Implement `Ledger.post` in `a.py`.\n")


def test_of_a_docstring_that_is_too_long_the_end_is_left_out():
    long = contract_of('def f():\n    """Begin.\n\n    ' + "Do this and that.\n    " * 2000 + '"""\n')
    messages = write_prompt(Brief("child", "repair", long, "a.py", code="return 1", feedback="It failed."), 6000)
    assert tokens(messages) <= 6000
    assert all(told in messages[1].content for told in ('"""Begin.', "left out here.]", "return 1", "It failed."))


def test_a_signature_that_is_too_long_says_what_to_do():
    names = ", ".join(f"argument_{n}" for n in range(4000))
    with pytest.raises(LimitReached) as caught:
        write_prompt(Brief("child", "write", contract_of(f'def f({names}):\n    """Do it."""\n'), "a.py"), 6000)
    assert "signature of f" in str(caught.value)
    assert "--context-tokens" in str(caught.value)
