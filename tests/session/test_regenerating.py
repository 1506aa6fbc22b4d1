"""What is made again is told what the user asks for, and what the user did not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DOUBLE = 'def double(n):\n    """Twice n."""\n'
FIRST = "def double(n):\n    return n + n\n"
SECOND = "def double(n):\n    return n * 2\n"


async def test_the_former_proposal_and_the_remark_are_told(window: Callable):
    w = window(ready={"double": FIRST})
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)
    w.model.ready.clear()
    task = w.ask(uri, again=True, remark="multiply instead")
    await w.until(lambda: w.model.waiting)
    prompt = w.model.waiting[0].query.messages[1].content
    assert "the docstring wins:\n> multiply instead\n" in prompt
    assert "The user saw this proposal and asked for another one" in prompt
    assert "```python\ndef double(n):\n    return n + n\n```" in prompt
    w.model.waiting[0].answer.set_result(SECOND)
    await task
    assert w.stub(uri, "double").kept.proposal.candidate.body == "return n * 2"


async def test_what_was_never_made_and_what_failed_is_not_told(window: Callable):
    w = window(ready={"double": "no code"})
    uri = w.open("a.py", DOUBLE)
    for _ in range(2):
        task = w.ask(uri, again=True)
        await task
        assert w.state(uri, "double") == "failed"
    w.model.ready.clear()
    task = w.ask(uri, again=True)
    await w.until(lambda: w.model.waiting)
    assert "this proposal" not in w.model.waiting[0].query.messages[1].content
    w.model.waiting[0].answer.set_result(SECOND)
    await task
