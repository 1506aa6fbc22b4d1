"""A session whose user does not trust the workspace: stubs are shown, nothing runs, nothing is known of before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soa.session.folders import NO_TRUST
from soa.session.wishes import Part, Wish

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Window

DOUBLE = '''
def double(n):
    """Twice n."""
'''
READY = {"double": "def double(n):\n    return n * 2\n"}


def no_store():
    raise AssertionError("the store was opened")


def distrustful(window: Callable) -> Window:
    w = window(ready=READY, open_store=no_store)
    w.session.distrust()
    w.session.configure(None, {"onSave": "apply", "baseUrl": "http://127.0.0.1:9", "depht": 3})
    (w.root / "pyproject.toml").write_text("[tool.soa]\nbudget-tokens = 'much'\n")
    return w


async def test_stubs_are_found_and_the_workspaces_settings_are_not_read(window: Callable):
    w = distrustful(window)
    uri = w.open("a.py", DOUBLE)
    view = w.session.snapshot(uri)
    assert [stub.name for stub in view.stubs] == ["double"]
    assert (view.problem, view.trusted, w.session.trusted) == (NO_TRUST.problem, False, False)
    assert view.settings == NO_TRUST.settings
    assert w.session.complaints_about(w.root) == ()
    w.rewrite(uri, DOUBLE * 2)
    assert len(w.session.snapshot(uri).stubs) == 2


async def test_no_wish_is_carried_out(window: Callable):
    w = distrustful(window)
    uri, new = w.open("a.py", DOUBLE), w.open_uri("untitled:new", DOUBLE)
    (w.root / "b.py").write_text(DOUBLE)
    wishes = [
        Wish((Part(uri),)),
        Wish((Part(uri, names=("double",)),), again=True, remark="quick"),
        Wish((Part(new),), decompose=True),
        Wish((Part(path=w.root / "b.py"), Part("nonsense:"))),
        Wish(()),
    ]
    for wish in wishes:
        settled = await w.session.implement(wish)
        assert (settled.run, settled.proposals, settled.problem) == ("", (), NO_TRUST.problem)
    assert w.session.runs() == ()
    assert not w.model.count


async def test_a_save_begins_nothing(window: Callable):
    w = distrustful(window)
    uri = w.open("a.py", DOUBLE)
    w.rewrite(uri, DOUBLE.replace("Twice", "Two times"))
    w.save(uri)
    await w.session.shutdown()  # waits for what a save began
    assert w.session.runs() == ()
    assert not w.model.count
    assert w.editor.messages == w.editor.applied == []


async def test_what_was_proposed_in_a_trusted_session_is_neither_shown_nor_accepted(window: Callable):
    before = window(ready=READY)
    assert (await before.implement(before.open("a.py", DOUBLE))).proposals
    again = window()
    uri = again.open("a.py", DOUBLE)
    await again.until(lambda: again.state(uri, "double") == "ready")  # as it comes back where there is trust
    w = distrustful(window)
    uri = w.open("a.py", DOUBLE)
    assert w.state(uri, "double") == "empty"
    for where in (uri, (w.root / "elsewhere.py").as_uri()):
        outcome = await w.accept(where, "double")
        assert (outcome.applied, outcome.reason) == (False, NO_TRUST.problem)
        assert await w.session.change_for(where) == NO_TRUST.problem
    assert not (await w.session.accept_beside(uri, "double")).applied
    assert w.session.reject(uri) == await w.session.reject_in_file((w.root / "a.py").as_uri()) == 0
    await w.session.shutdown()
    assert w.editor.applied == []
    third = window()
    uri = third.open("a.py", DOUBLE)
    await third.until(lambda: third.state(uri, "double") == "ready")
