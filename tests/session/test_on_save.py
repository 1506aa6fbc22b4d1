"""What a save does: nothing, runs for what is new, or runs whose verified proposals are inserted at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from soa.source.edits import Edit

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = {"generate_tests": "never", "depth": 0, "attempts": 1, "sandbox": "off"}
VERIFYING = {**PLAIN, "sandbox": "auto"}

OLD = '''
def old(n):
    """It stands there already."""
'''
DOUBLE = '''
def double(n):
    """Twice n.

    >>> double(4)
    8
    """
'''
TRIPLE = '''
def triple(n):
    """Three times n.

    >>> triple(2)
    6
    """
'''
DOUBLED = "def double(n):\n    return n * 2\n"
TRIPLED = "def triple(n):\n    return n * 3\n"


async def test_only_what_is_new_on_disk_is_implemented(window: Callable):
    w = window(ready={"double": DOUBLED})
    uri = w.open("a.py", OLD)
    w.save(uri)
    w.rewrite(uri, OLD + DOUBLE)
    assert w.session.runs() == ()
    w.save(uri)
    await w.until(lambda: w.state(uri, "double") == "ready")
    assert w.model.count == {"double": 1}
    assert w.state(uri, "old") == "empty"


async def test_a_changed_contract_is_new(window: Callable):
    w = window(ready={"old": "def old(n):\n    return n\n"})
    uri = w.open("a.py", OLD)
    w.type(uri, "already", "no more")
    w.save(uri)
    await w.until(lambda: w.state(uri, "old") == "ready")


async def test_what_was_typed_before_the_file_was_opened_is_new(window: Callable):
    w = window(ready={"double": DOUBLED})
    (w.root / "a.py").write_text(OLD)
    uri = w.open("a.py", OLD + DOUBLE, saved=False)  # restored by the editor, not saved yet
    w.save(uri)
    await w.until(lambda: w.state(uri, "double") == "ready")
    assert w.model.count == {"double": 1}


async def test_everything_is_new_in_a_file_that_is_not_on_disk_yet(window: Callable):
    w = window(ready={"double": DOUBLED})
    uri = w.open("a.py", DOUBLE, saved=False)
    w.save(uri)
    await w.until(lambda: w.state(uri, "double") == "ready")


@pytest.mark.parametrize("mode", ["propose", "off"])
async def test_off_does_nothing_and_proposing_changes_nothing(window: Callable, mode: str):
    w = window(ready={"double": DOUBLED})
    w.session.configure(None, {"onSave": mode})
    uri = w.open("a.py", OLD)
    w.rewrite(uri, DOUBLE)
    w.save(uri)
    if mode == "propose":
        await w.until(lambda: w.state(uri, "double") == "ready")
    assert len(w.session.runs()) == (mode == "propose")
    assert w.text(uri) == DOUBLE


async def test_saving_twice_and_during_a_run_starts_no_other(window: Callable):
    w = window()
    uri = w.open("a.py", OLD)
    w.rewrite(uri, OLD + DOUBLE)
    w.save(uri)
    w.save(uri)
    await w.model.asked("double")
    w.save(uri)
    w.type(uri, "It stands", "# not the contract\nIt stands")
    w.type(uri, "# not the contract\nIt stands", "It stands")
    w.save(uri)
    w.model.reply("double", DOUBLED)
    await w.until(lambda: w.state(uri, "double") == "ready")
    w.save(uri)
    assert w.model.count == {"double": 1}
    assert len(w.session.runs()) == 1


async def test_typing_a_docstring_with_autosave(window: Callable):
    w = window()
    uri = w.open("a.py", OLD)
    said = "Twice n, for each n that can be added to itself."
    for end in range(6, len(said) + 1):
        w.rewrite(uri, f'{OLD}\ndef double(n):\n    """{said[:end]}"""\n')
        w.save(uri)
        if end % 3:
            await asyncio.sleep(0)
        elif end % 2:
            await w.model.asked("double")
    await w.until(lambda: any(said in a.query.messages[-1].content for a in w.model.waiting))
    await w.until(lambda: len(w.model.waiting) == 1)
    assert [run.status for run in w.session.runs()].count("running") == 1
    w.model.reply("double", DOUBLED)
    await w.until(lambda: w.state(uri, "double") == "ready")
    assert {run.status for run in w.session.runs()[1:]} == {"cancelled"}
    assert w.stub(uri, "double").kept.proposal.contract.docstring == said


async def test_a_later_save_leaves_a_run_to_a_user_who_asked_for_it(window: Callable):
    w = window()
    uri = w.open("a.py", OLD)
    w.rewrite(uri, DOUBLE)
    w.save(uri)
    await w.model.asked("double")
    asked = w.ask(uri, "double")
    await w.until(lambda: w.began)
    w.type(uri, "Twice n", "Twice the number n")
    w.save(uri)
    await w.until(lambda: len(w.model.waiting) == 2)
    w.model.reply("double", DOUBLED)
    assert len((await asked).proposals) == 1
    assert w.model.given_up == 0


async def test_back_to_a_contract_whose_run_was_given_up(window: Callable):
    w = window()
    uri = w.open("a.py", OLD)
    w.rewrite(uri, DOUBLE)
    w.save(uri)
    await w.model.asked("double")
    w.type(uri, "Twice n", "n and n")
    w.save(uri)
    w.type(uri, "n and n", "Twice n")
    w.save(uri)
    await w.until(lambda: w.model.given_up == 1)
    await w.model.asked("double")
    assert "Twice n" in w.model.waiting[0].query.messages[-1].content
    w.model.reply("double", DOUBLED)
    await w.until(lambda: w.state(uri, "double") == "ready")
    assert not w.editor.applied


async def test_back_to_a_contract_that_has_a_proposal(window: Callable):
    w = window(ready={"double": DOUBLED})
    uri = w.open("a.py", OLD)
    w.rewrite(uri, DOUBLE)
    w.save(uri)
    await w.until(lambda: w.state(uri, "double") == "ready")
    w.type(uri, "Twice n", "n and n")
    assert w.state(uri, "double") == "stale"
    w.type(uri, "n and n", "Twice n")
    w.save(uri)
    assert w.state(uri, "double") == "ready"
    assert w.model.count == {"double": 1}


async def test_a_stub_that_is_gone_at_the_next_save_takes_its_run_with_it(window: Callable):
    w = window()
    uri = w.open("a.py", OLD)
    w.rewrite(uri, DOUBLE + TRIPLE)
    w.save(uri)
    await w.model.asked("double", "triple")
    w.rewrite(uri, DOUBLE)
    w.save(uri)
    w.model.reply("double", DOUBLED)  # the run of both goes on, as one of them is wanted still
    await w.until(lambda: w.state(uri, "double") == "ready")
    w.rewrite(uri, "")
    w.save(uri)
    await w.settled()
    assert w.model.given_up == 1


async def test_saving_when_the_settings_are_wrong_says_so_and_starts_nothing(window: Callable):
    w = window()
    uri = w.open("a.py", OLD)
    (w.root / "pyproject.toml").write_text("[tool.soa]\nbudget-tokens = 'much'\n")
    w.rewrite(uri, DOUBLE)
    w.save(uri)
    await w.until(lambda: "budget-tokens" in w.session.snapshot(uri).problem)
    assert w.session.runs() == ()


async def test_verified_proposals_are_inserted_as_soon_as_they_are_ready(window: Callable):
    w = window(VERIFYING)
    w.session.configure(None, {"onSave": "apply"})
    uri = w.open("a.py", OLD)
    w.rewrite(uri, OLD + DOUBLE + TRIPLE)
    w.save(uri)
    await w.model.asked("double", "triple")
    w.model.reply("triple", TRIPLED)
    await w.until(lambda: w.editor.applied)
    assert w.text(uri) == OLD + DOUBLE + TRIPLE + "    return n * 3\n"
    w.rewrite(uri, "import os\n" + w.text(uri))
    w.model.reply("double", DOUBLED)
    await w.until(lambda: len(w.editor.applied) == 2)
    assert w.text(uri) == f"import os\n{OLD}{DOUBLE}    return n * 2\n{TRIPLE}    return n * 3\n"
    assert w.session.snapshot(uri).named("old").state == "empty"


async def test_what_was_asked_for_by_hand_waits_to_be_accepted(window: Callable):
    w = window(VERIFYING, ready={"double": DOUBLED})
    w.session.configure(None, {"onSave": "apply"})
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)
    assert w.state(uri, "double") == "ready"
    assert not w.editor.applied
    w.save(uri)
    await w.until(lambda: w.editor.applied)


async def test_what_failed_is_not_verified_or_changed_meanwhile_is_not_inserted(window: Callable):
    w = window(VERIFYING)
    w.session.configure(None, {"onSave": "apply"})
    uri = w.open("a.py", "")
    w.rewrite(uri, OLD + DOUBLE + TRIPLE)
    w.save(uri)
    await w.model.asked("old", "double", "triple")
    w.model.reply("old", "def old(n):\n    return n\n")  # there is no test for it
    w.model.reply("double", "def double(n):\n    return n + 2\n")
    w.type(uri, "Three times n", "Thrice n")
    w.model.reply("triple", TRIPLED)
    await w.settled()
    assert [w.state(uri, name) for name in ("old", "double", "triple")] == ["ready", "failed", "stale"]
    assert w.text(uri) == OLD + DOUBLE + TRIPLE.replace("Three times n", "Thrice n")
    assert not w.editor.applied


async def test_what_was_undone_is_not_inserted_again(window: Callable):
    w = window(VERIFYING)
    w.session.configure(None, {"onSave": "apply"})
    uri = w.open("a.py", "")
    w.rewrite(uri, DOUBLE + TRIPLE)
    w.save(uri)
    await w.model.asked("double", "triple")
    w.model.reply("double", DOUBLED)
    await w.until(lambda: w.editor.applied)
    w.editor.edit(uri, Edit(len(DOUBLE), len(DOUBLE) + len("    return n * 2\n"), ""))
    assert w.text(uri) == DOUBLE + TRIPLE
    w.save(uri)
    w.model.reply("triple", TRIPLED)
    await w.until(lambda: len(w.editor.applied) == 2)
    w.save(uri)
    await w.settled()
    assert w.text(uri) == DOUBLE + TRIPLE + "    return n * 3\n"
    assert w.state(uri, "double") == "ready"


async def test_what_the_editor_refuses_stays_ready_and_goes_in_at_the_next_save(window: Callable):
    w = window(VERIFYING, ready={"double": DOUBLED})
    w.session.configure(None, {"onSave": "apply"})
    uri = w.open("a.py", "")
    w.rewrite(uri, DOUBLE)

    async def refuse() -> str:
        return "the user is looking at it"

    w.editor.before_apply = refuse
    w.save(uri)
    await w.until(lambda: w.said("log"))
    assert w.state(uri, "double") == "ready"
    assert "the user is looking at it" in w.said("log")[0]
    w.editor.before_apply = None
    w.save(uri)
    await w.until(lambda: w.editor.applied)


async def test_what_was_saved_before_the_server_saw_the_document_is_new(window: Callable):
    """The editor was faster: the file has the new stub already when the text without it arrives."""
    w = window(ready={"triple": TRIPLED})
    (w.root / "a.py").write_text(DOUBLE + TRIPLE)
    uri = w.open("a.py", DOUBLE, saved=False)
    w.rewrite(uri, DOUBLE + TRIPLE)
    w.save(uri)
    await w.until(lambda: w.state(uri, "triple") == "ready")
    assert w.state(uri, "double") == "empty"


async def test_an_editor_that_tells_of_its_edits_late(window: Callable):
    w = window(VERIFYING)
    w.session.configure(None, {"onSave": "apply"})
    uri = w.open("a.py", "")
    w.rewrite(uri, DOUBLE + TRIPLE)
    w.editor.slow = True
    w.save(uri)
    await w.model.asked("double", "triple")
    w.model.reply("double", DOUBLED)
    await w.until(lambda: w.editor.applied)
    w.model.reply("triple", TRIPLED)
    await w.until(lambda: w.state(uri, "triple") == "ready")
    await w.settled()
    w.editor.slow = False
    w.editor.tell_all()
    await w.until(lambda: len(w.editor.applied) == 2)
    assert not w.editor.refused
    assert w.text(uri) == f"{DOUBLE}    return n * 2\n{TRIPLE}    return n * 3\n"


async def test_what_is_typed_until_the_settings_are_known_was_not_saved(window: Callable):
    w = window(ready={"double": DOUBLED, "triple": TRIPLED})
    uri = w.open("a.py", "")
    w.rewrite(uri, DOUBLE)
    known = asyncio.Event()
    w.session.save(uri, known.wait)
    w.rewrite(uri, DOUBLE + TRIPLE)
    known.set()
    await w.until(lambda: w.state(uri, "double") == "ready")
    assert w.model.count == {"double": 1}
    w.save(uri)
    await w.until(lambda: w.state(uri, "triple") == "ready")


async def test_closing_a_file_until_the_settings_are_known(window: Callable):
    w = window()
    uri = w.open("a.py", "")
    w.rewrite(uri, DOUBLE)
    known = asyncio.Event()
    w.session.save(uri, known.wait)
    w.close(uri)
    known.set()
    await w.end()
    assert w.session.runs() == ()


async def test_what_was_tested_with_a_proposal_that_is_gone_is_not_inserted_by_itself(window: Callable):
    half = 'def half(n):\n    """Half of n.\n\n    >>> half(4)\n    2\n    """\n'
    quarter = 'def quarter(n):\n    """Half of the half.\n\n    >>> quarter(8)\n    2\n    """\n'
    w = window(
        VERIFYING,
        ready={"half": "def half(n):\n    return n // 2\n", "quarter": "def quarter(n):\n    return half(half(n))\n"},
    )
    uri = w.open("a.py", half + "\n\n" + quarter)
    await w.implement(uri, "half")
    await w.implement(uri, "quarter")
    view = w.session.snapshot(uri)
    assert [s.status for s in view.stubs] == ["verified", "verified"]
    assert [s.name for s in view.rests_on(view.named("quarter"))] == ["half"]
    both = await w.session.change_for(uri, (), verified_only=True)
    assert "half(half(n))" in both.after
    assert isinstance(await w.session.change_for(uri, ("quarter",), verified_only=True), str)
    w.session.reject(uri, ("half",))
    assert isinstance(await w.session.change_for(uri, (), verified_only=True), str)
    assert (await w.accept(uri, "quarter")).applied


async def test_the_helpers_of_a_skeleton_are_not_new(window: Callable):
    skeleton = 'def double(n):\n    return _double_half(n) * 4\n\n\ndef _double_half(n):\n    """Half of n."""\n'
    w = window(VERIFYING, ready={"double": skeleton, "_double_half": "def _double_half(n):\n    return n / 2\n"})
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri, decompose=True)
    assert (await w.accept(uri, "double")).applied
    w.save(uri)
    assert w.state(uri, "_double_half") == "empty"
    w.type(uri, "Half of n.", "Half of a number n.")
    w.save(uri)
    await w.until(lambda: w.state(uri, "_double_half") == "ready")
