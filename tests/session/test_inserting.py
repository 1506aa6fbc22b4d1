"""Proposals as edits of the text as it is: refused, late and conflicting ones too."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from soa.session.client import Change

if TYPE_CHECKING:
    from collections.abc import Callable

DOUBLE = '''
def double(n):
    """Twice n."""
'''
TRIPLE = '''
def triple(n):
    """Three times n."""
    ...
'''
REPLIES = {"double": "def double(n):\n    return n * 2\n", "triple": "def triple(n):\n    return n * 3\n"}
BODY = "    return n * 2\n"


async def test_one_stub_of_a_file(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE + TRIPLE)
    await w.implement(uri)
    assert (await w.accept(uri, "triple")).applied
    assert w.text(uri) == DOUBLE + TRIPLE.replace("...", "return n * 3")
    change = w.editor.applied[0]
    assert (change.uri, change.version, change.label, change.relative) == (uri, 1, "Accept triple", "a.py")
    assert change.keys == {key for key in change.keys if w.session.kept(key).proposal.contract.name == "triple"}


async def test_all_that_is_ready(window: Callable):
    w = window(ready={"double": REPLIES["double"], "triple": "I cannot."})
    uri = w.open("a.py", DOUBLE + TRIPLE)
    await w.implement(uri)
    assert (await w.accept(uri)).applied
    assert w.text(uri) == DOUBLE + BODY + TRIPLE
    refused = await w.accept(uri, "triple")
    assert not refused.applied
    assert "triple could not be implemented" in refused.reason


async def test_why_there_is_nothing_to_accept(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    assert (await w.accept(uri, "double")).reason == "There is no proposal for double yet: implement it first."
    assert (await w.accept(uri)).reason == "Nothing is ready to be accepted here."
    assert (await w.accept(uri, "nonesuch")).reason == "Nothing is ready to be accepted here."
    work = w.ask(uri)
    await w.model.asked("double")
    assert (await w.accept(uri, "double")).reason == "double is still being written."
    w.model.reply("double", REPLIES["double"])
    await work
    assert "not verified" in (await w.accept(uri, "double", verified_only=True)).reason
    w.type(uri, "Twice", "Two times")
    assert "has changed since the proposal was made" in (await w.accept(uri, "double")).reason
    assert "neither open nor a file" in (await w.accept("untitled:Untitled-1")).reason
    assert "missing.py" in (await w.accept((w.root / "missing.py").as_uri())).reason
    assert w.text(uri) == DOUBLE.replace("Twice", "Two times")


async def test_the_stub_is_where_it_stands_now(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)
    w.rewrite(uri, f"# 🦉 e\u0301\n\nclass Empty:\n    pass\n\n{DOUBLE}\n\nx = 1\n")
    assert (await w.accept(uri, "double")).applied
    assert w.text(uri) == f"# 🦉 e\u0301\n\nclass Empty:\n    pass\n\n{DOUBLE}{BODY}\n\nx = 1\n"


async def test_two_stubs_with_the_same_contract_get_the_same_body(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open(
        "a.py",
        'if True:\n    def double(n):\n        """Twice n."""\nelse:\n    def double(n):\n        """Twice n."""\n',
    )
    await w.implement(uri)
    assert (await w.accept(uri, "double")).applied
    assert w.text(uri).count("\n        return n * 2\n") == 2


async def test_proposals_that_cannot_stand_together(window: Callable):
    helper = "\n\ndef _times(n):\n    return {} * n\n\n\ndef {}(n):\n    return _times(n)\n"
    replies = {"double": helper.format(2, "double"), "triple": helper.format(3, "triple")}
    w = window(ready=replies)
    uri, other = w.open("a.py", DOUBLE + TRIPLE), w.open("b.py", DOUBLE + TRIPLE)
    await asyncio.gather(w.implement(uri, "double"), w.implement(uri, "triple"))
    outcome = await w.accept(uri)
    assert outcome.applied
    assert "triple" in outcome.reason
    assert w.editor.applied[0].label == "Accept double"
    assert w.state(uri, "triple") == "ready"
    assert "return 2 * n" in w.text(uri)
    assert w.state(other, "double") == "empty"


async def test_typing_while_the_edit_is_made(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)
    accepting = w.start(w.accept(uri, "double"))
    await asyncio.sleep(0)  # the edit is being made now
    w.rewrite(uri, "import os\n" + DOUBLE)
    assert (await accepting).applied
    assert w.text(uri) == "import os\n" + DOUBLE + BODY
    assert not w.editor.refused


async def test_typing_and_taking_it_back_while_the_edit_is_made(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)
    accepting = w.start(w.accept(uri, "double"))
    await asyncio.sleep(0)
    w.rewrite(uri, "import os\n" + DOUBLE)
    w.rewrite(uri, DOUBLE)
    assert (await accepting).applied
    assert w.text(uri) == DOUBLE + BODY
    assert not w.editor.refused


async def test_rejecting_while_the_edit_is_made(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)
    accepting = w.start(w.accept(uri, "double"))
    await asyncio.sleep(0)
    w.session.reject(uri)
    assert not (await accepting).applied
    assert w.text(uri) == DOUBLE


async def test_typing_before_the_editor_looks_at_the_edit(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)

    async def type_once() -> str:
        w.editor.before_apply = None
        w.rewrite(uri, "import os\n" + DOUBLE)
        return ""

    w.editor.before_apply = type_once
    assert (await w.accept(uri, "double")).applied
    assert w.text(uri) == "import os\n" + DOUBLE + BODY
    assert len(w.editor.refused) == 1


async def test_changing_the_contract_before_the_editor_looks_at_the_edit(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)

    async def type_once() -> str:
        w.type(uri, "Twice", "Two times")
        return ""

    w.editor.before_apply = type_once
    outcome = await w.accept(uri, "double")
    assert not outcome.applied
    assert "has changed since" in outcome.reason
    assert w.text(uri) == DOUBLE.replace("Twice", "Two times")
    assert w.state(uri, "double") == "stale"


async def test_a_document_that_never_rests(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)

    async def type_on() -> str:
        w.rewrite(uri, w.text(uri) + "#\n")
        return ""

    w.editor.before_apply = type_on
    outcome = await w.accept(uri, "double")
    assert not outcome.applied
    assert outcome.reason == "the document has changed"
    assert w.state(uri, "double") == "ready"


async def test_what_the_editor_refuses_stays_ready(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)

    async def refuse() -> str:
        return "read-only"

    w.editor.before_apply = refuse
    outcome = await w.accept(uri, "double")
    assert (outcome.applied, outcome.reason) == (False, "read-only")
    assert len(w.editor.refused) == 1
    w.editor.before_apply = None
    assert (await w.accept(uri, "double")).applied


async def test_accepting_twice_at_once_inserts_once(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE + TRIPLE)
    await w.implement(uri)
    tasks = [w.start(w.accept(uri, name)) for name in ("double", "double", "triple")]
    first, again, other = [await task for task in tasks]
    assert (first.applied, again.applied, other.applied) == (True, False, True)
    assert w.text(uri) == DOUBLE + BODY + TRIPLE.replace("...", "return n * 3")


async def test_undoing_and_accepting_again(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)
    assert (await w.accept(uri, "double")).applied
    assert w.session.snapshot(uri).stubs == ()
    w.rewrite(uri, DOUBLE)
    assert w.state(uri, "double") == "ready"
    assert (await w.accept(uri, "double")).applied
    assert w.model.count == {"double": 1}


async def test_closing_while_the_edit_is_made_or_applied(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)

    async def close() -> str:
        w.close(uri)
        return "it is closed"

    w.editor.before_apply = close
    assert (await w.accept(uri, "double")).reason == "it is closed"


async def test_a_file_that_is_not_open(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)
    w.close(uri)
    change = await w.session.change_for(uri)
    assert isinstance(change, Change)
    assert (change.version, change.before, change.after) == (None, DOUBLE, DOUBLE + BODY)


async def test_line_ends_and_marks_stay(window: Callable):
    w = window(ready=REPLIES)
    text = (DOUBLE + TRIPLE).replace("\n", "\r\n").replace("Twice n", "Twice n\u2028\f\x85 🦉")
    uri = w.open("a.py", text)
    for encoding in ("utf-8", "utf-16", "utf-32"):
        w.session.encoding = encoding
        w.rewrite(uri, text)
        await w.implement(uri)
        assert (await w.accept(uri)).applied
        assert w.text(uri) == text.replace("...", "return n * 3").replace(
            '🦉."""\r\n', '🦉."""\r\n    return n * 2\r\n'
        )


async def test_changes_are_made_without_being_applied(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    assert await w.session.change_for(uri) == "Nothing is ready to be accepted here."
    await w.implement(uri)
    change = await w.session.change_for(uri, ("double",))
    assert isinstance(change, Change)
    assert change.after == DOUBLE + BODY
    assert w.text(uri) == DOUBLE
    assert w.state(uri, "double") == "ready"
