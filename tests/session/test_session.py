"""A window's life: what is open and where it belongs, what comes back after a restart, what happens when it fails."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from soa.errors import ConfigurationError, ModelUnreachable, SoaError
from soa.events import Event
from soa.session.wishes import Part, Wish

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from soa.engine.implementer import Listener, Order
    from soa.events import RunResult
    from soa.store import Store

DOUBLE = '''
def double(n):
    """Twice n."""
'''
TRIPLE = '''
def triple(n):
    """Three times n."""
'''
REPLIES = {"double": "def double(n):\n    return n * 2\n", "triple": "def triple(n):\n    return n * 3\n"}
VERIFYING = {"generate_tests": "never", "depth": 0, "attempts": 1, "sandbox": "auto"}


# What is open


async def test_views_are_made_once_for_each_version_and_state(window: Callable):
    w = window(ready=REPLIES)
    (w.root / "src").mkdir()
    uri = w.open("src/../a.py", DOUBLE)
    view = w.session.snapshot(uri)
    assert w.session.snapshot(uri) is view
    assert (view.path, view.relative, view.root, view.version) == (w.root / "a.py", "a.py", w.root, 1)
    assert w.session.documents() == (uri,)
    await w.implement(uri)
    assert view.named("double").state == "empty"
    assert w.session.snapshot(uri).named("double").state == "ready"
    w.rewrite(uri, "x = 1\n")
    assert view.text == DOUBLE
    assert w.session.snapshot(uri).stubs == ()
    w.close(uri)
    assert w.session.snapshot(uri) is None
    assert w.session.documents() == ()


async def test_what_holds_no_stubs_is_not_held(window: Callable):
    w = window()
    for uri, language in (
        ("file:///project/notes.md", "markdown"),
        ("git:/project/a.py?HEAD", "python"),
        ("file:///project/a.pyi", "python"),
        ("http://example.org/a.py", "python"),
        ("", "python"),
    ):
        w.session.open(uri, language, 1, DOUBLE)
        assert w.session.snapshot(uri) is None
        w.session.change(uri, 2, [])
        w.session.save(uri)
        w.session.close(uri)
        assert not (await w.accept(uri)).applied
        assert w.session.reject(uri) == 0
    assert w.session.documents() == ()


async def test_an_untitled_document_shows_its_stubs_and_says_what_to_do(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open_uri("untitled:Untitled-1", DOUBLE)
    view = w.session.snapshot(uri)
    assert view.named("double").state == "empty"
    assert view.problem.startswith("Save the file first")
    settled = await w.implement(uri)
    assert settled.problem.startswith("Save the file first")
    w.session.save(uri)
    assert w.session.runs() == ()
    assert (await w.accept(uri)).reason.startswith("Save the file first")
    assert w.session.roots == ()


async def test_what_cannot_be_read_is_said_and_the_rest_is_done(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    (w.root / "binary.py").write_bytes(b"\x00\xff")
    parts = (Part(path=w.root / "missing.py"), Part(path=w.root / "binary.py"), Part("git:/a.py"), Part(uri))
    settled = await w.session.implement(Wish(parts))
    assert [name in settled.problem for name in ("missing.py", "binary.py", "git:/a.py")] == [True] * 3
    assert len(settled.proposals) == 1


async def test_unknown_names_are_nobodys_work(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    settled = await w.implement(uri, "nonesuch")
    assert (settled.run, settled.proposals, settled.problem) == ("", (), "")


async def test_a_setter_does_not_show_its_getters_proposal(window: Callable):
    text = (
        "class Box:\n    @property\n    def size(self):\n"
        '        """How large."""\n\n    @size.setter\n    def size(self, value):\n        """Set it."""\n'
    )
    w = window(ready={"Box.size": "def size(self):\n    return 1\n"})
    uri = w.open("a.py", text)
    key = w.stub(uri, "Box.size").key
    work = w.ask(uri, "Box.size")
    await work
    w.session.reject(uri)
    assert [s.state for s in w.session.snapshot(uri).stubs] == ["empty", "empty"]
    w.rewrite(uri, text[: text.index("    @size")])
    await w.implement(uri)
    w.rewrite(uri, text)
    assert [s.state for s in w.session.snapshot(uri).stubs] == ["ready", "empty"]
    assert w.session.kept(key) is not None


# Candidates are tested with what the editor holds


async def test_unsaved_text_of_this_and_other_files_counts(window: Callable):
    w = window(VERIFYING, ready={"area": "def area(r):\n    return PI * r * FACTOR\n"})
    (w.root / "area.py").write_text("")
    other = w.open("constants.py", "PI = 3\n")
    uri = w.open("area.py")
    w.rewrite(other, "PI = 4\n")
    stub = 'def area(r):\n    """Four times r times ten.\n\n    >>> area(1)\n    40\n    """\n'
    w.rewrite(uri, "from constants import PI\n\nFACTOR = 10\n\n\n" + stub)
    await w.implement(uri)
    assert w.stub(uri, "area").status == "verified"


# Folders and settings


async def test_each_folder_has_its_settings_and_runs(window: Callable, tmp_path: Path):
    w = window({}, ready=REPLIES)
    roots = [tmp_path / "one", tmp_path / "two"]
    for number, root in enumerate(roots):
        root.mkdir()
        (root / "pyproject.toml").write_text(f"[tool.soa]\nconcurrency = {number + 5}\n")
        (root / "a.py").write_text(DOUBLE)
    w.session.set_folders(roots)
    w.session.configure(None, {"sandbox": "off", "generateTests": "never", "depth": 0, "concurrency": 3})
    w.session.configure(roots[1], {"sandbox": "off", "generateTests": "never", "onSave": "off"})
    assert [w.session.settings_of(root).concurrency for root in roots] == [3, 6]
    assert [w.session.settings_of(root).on_save for root in roots] == ["propose", "off"]
    uris = [w.open_uri((root / "a.py").as_uri(), DOUBLE) for root in roots]
    assert w.session.roots == w.session.folders == tuple(roots)
    settled = await w.session.implement(Wish(tuple(Part(uri) for uri in uris)))
    assert len(settled.proposals) == 2
    assert {run.root for run in w.session.runs()} == set(roots)
    assert [w.session.snapshot(uri).settings.on_save for uri in uris] == ["propose", "off"]
    assert w.model.count == {"double": 2}


async def test_settings_that_change_during_a_run_hold_for_the_next(window: Callable):
    w = window({**VERIFYING, "sandbox": None})
    w.session.configure(None, {"sandbox": "off"})
    uri = w.open("a.py", DOUBLE + TRIPLE)
    first = w.ask(uri, "double")
    await w.model.asked("double")
    w.session.configure(None, {"sandbox": "off", "onSave": "off", "attempts": 2})
    second = w.ask(uri, "triple")
    await w.model.asked("triple")
    for name in ("double", "triple"):
        w.model.reply(name, REPLIES[name])
    assert len((await first).proposals) == len((await second).proposals) == 1
    assert w.session.snapshot(uri).settings.on_save == "off"


async def test_wrong_settings_are_named_and_stop_runs_where_they_are_unsafe(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    w.session.configure(None, {"depht": 3, "budgetTokens": "much"})
    assert "budgetTokens" in w.session.snapshot(uri).problem
    assert "budgetTokens" in w.session.complaints_about(w.root)[0]
    assert "budgetTokens" in (await w.implement(uri)).problem
    w.session.configure(None, {"depht": 3})
    assert "depht" in w.session.complaints_about(w.root)[0]
    assert len((await w.implement(uri)).proposals) == 1


async def test_a_document_finds_its_proposals_again_when_its_folder_changes(window: Callable, tmp_path: Path):
    w = window(ready=REPLIES)
    folder = tmp_path / "plain" / "inner"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text(DOUBLE)
    w.session.set_folders([tmp_path / "plain"])
    uri = w.open_uri((folder / "a.py").as_uri(), DOUBLE)
    assert w.session.snapshot(uri).relative == "inner/a.py"
    await w.implement(uri)
    await w.end()
    again = window()
    again.open_uri(uri, DOUBLE)
    assert again.session.snapshot(uri).relative == "a.py"
    await asyncio.sleep(0)  # it is looking into the store now, for the folder that it took it to belong to
    again.session.set_folders([tmp_path / "plain"])
    await again.until(lambda: again.state(uri, "double") == "ready")


# Restart


async def test_proposals_come_back_without_a_call(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE + TRIPLE)
    await w.implement(uri)
    before = w.stub(uri, "double").kept
    assert w.session.reject(uri, ("triple",)) == 1
    await w.end()

    again = window()
    again.open("a.py")
    await again.until(lambda: again.state(uri, "double") == "ready")
    assert again.stub(uri, "double").kept.proposal == before.proposal
    assert abs(again.stub(uri, "double").kept.at - before.at) < 60
    assert again.state(uri, "triple") == "empty"
    assert (await again.implement(uri, "double")).proposals == (again.stub(uri, "double").kept,)
    assert (await again.accept(uri)).applied
    assert not again.model.count


async def test_all_proposals_of_a_document_come_back(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE + TRIPLE)
    await w.implement(uri)
    await w.end()

    again = window()
    again.open("a.py")
    await again.until(lambda: {again.state(uri, "double"), again.state(uri, "triple")} == {"ready"})
    assert not again.model.count


async def test_what_was_rejected_is_made_anew_when_asked_for(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)
    assert w.session.reject(uri) == 1
    assert w.session.reject(uri) == 0
    assert w.state(uri, "double") == "empty"
    await w.implement(uri)
    assert w.model.count == {"double": 2}
    assert w.state(uri, "double") == "ready"


async def test_rejecting_what_is_stale_or_failed(window: Callable):
    w = window(ready={"double": REPLIES["double"], "triple": "I cannot."})
    uri = w.open("a.py", DOUBLE + TRIPLE)
    await w.implement(uri)
    w.type(uri, "Twice", "Two times")
    assert [s.state for s in w.session.snapshot(uri).stubs] == ["stale", "failed"]
    assert w.session.reject(uri) == 2
    assert [s.state for s in w.session.snapshot(uri).stubs] == ["empty", "empty"]
    w.type(uri, "Two times", "Twice")
    assert w.state(uri, "double") == "empty"


async def test_a_changed_contract_gets_no_old_proposal_after_a_restart(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)
    await w.end()
    again = window()
    again.open("a.py", DOUBLE.replace("Twice", "Two times"))
    work = again.ask(uri)
    await again.model.asked("double")
    again.model.reply("double", REPLIES["double"])
    await work
    assert again.model.count == {"double": 1}


async def test_what_another_window_made_is_taken(window: Callable):
    w, other = window(ready=REPLIES), window()
    uri = w.open("a.py", DOUBLE)
    other.open("a.py")
    await w.implement(uri)
    assert len((await other.implement(uri)).proposals) == 1
    assert not other.model.count


async def test_a_run_that_was_killed_leaves_what_was_done(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE + TRIPLE)
    w.ask(uri)
    await w.model.asked("double", "triple")
    w.model.reply("double", REPLIES["double"])
    await w.until(lambda: w.state(uri, "double") == "ready")
    again = window()
    again.open("a.py")
    await again.until(lambda: again.state(uri, "double") == "ready")
    assert again.state(uri, "triple") == "empty"


# Faults


async def test_without_a_store_nothing_is_remembered_and_all_else_works(window: Callable):
    def no_store() -> Store:
        raise ConfigurationError("The store cannot be used.", "Make its folder writable.")

    w = window(ready=REPLIES, open_store=no_store)
    uri = w.open("a.py", DOUBLE + TRIPLE)
    await w.implement(uri)
    assert w.session.reject(uri, ("triple",)) == 1
    assert (await w.accept(uri, "double")).applied
    assert len(w.said("warning")) == 1
    assert "not remembered" in w.said("warning")[0]


async def test_a_model_that_does_not_answer(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    work = w.ask(uri)
    await w.model.asked("double")
    w.model.fail("double", ModelUnreachable("Nobody answers at http://localhost:1.", "Start the model."))
    settled = await work
    assert "Nobody answers" in settled.problem
    assert w.state(uri, "double") == "failed"
    assert "Nobody answers" in w.stub(uri, "double").kept.proposal.reason
    assert w.said("error") == [f"double: {settled.problem}"]
    assert [run.status for run in w.session.runs()] == ["failed"]
    w.model.ready |= REPLIES
    await w.implement(uri)
    assert w.state(uri, "double") == "ready"


async def test_a_model_that_dies_in_the_middle(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE + TRIPLE)
    work = w.ask(uri)
    await w.model.asked("double", "triple")
    w.model.reply("double", REPLIES["double"])
    await w.until(lambda: w.state(uri, "double") == "ready")
    w.model.fail("triple", ModelUnreachable("Nobody answers any more."))
    assert len((await work).proposals) == 2
    assert w.stub(uri, "triple").kept.proposal.reason == "Nobody answers any more."
    assert [s.state for s in w.session.snapshot(uri).stubs] == ["ready", "failed"]
    assert (await w.accept(uri, "double")).applied


async def test_a_failure_after_a_save_is_logged_not_shown(window: Callable):
    w = window()
    uri = w.open("a.py", "")
    w.rewrite(uri, DOUBLE)
    w.save(uri)
    await w.model.asked("double")
    w.model.fail("double", ModelUnreachable("Nobody answers."))
    await w.until(lambda: w.state(uri, "double") == "failed")
    assert w.said("error") == []
    assert w.said("log") == ["double: Nobody answers."]


class Failing:
    """Carries out nothing."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def run(self, order: Order, listener: Listener) -> RunResult:
        listener.events([Event(order.request.ident, "warning", text="It is about to fail.")])
        raise self.error

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SoaError("The engine is gone.", "Try again."), "The engine is gone.\nTry again."),
        (ZeroDivisionError("division by zero"), "SoA itself failed: ZeroDivisionError: division by zero"),
    ],
)
async def test_a_run_that_cannot_be_carried_out(window: Callable, error: Exception, said: str):
    w = window(implementer=Failing(error))
    uri = w.open("a.py", DOUBLE)
    settled = await w.implement(uri)
    assert said in settled.problem
    assert w.state(uri, "double") == "failed"
    assert w.said("warning") == ["It is about to fail."]
    assert [run.problem for run in w.session.runs()] == [settled.problem]


async def test_a_failed_attempt_leaves_what_was_ready(window: Callable):
    w = window(ready=REPLIES)
    uri = w.open("a.py", DOUBLE)
    await w.implement(uri)
    w.model.ready.clear()
    work = w.ask(uri, again=True)
    await w.model.asked("double")
    w.model.fail("double", ModelUnreachable("Nobody answers."))
    assert "Nobody answers" in (await work).problem
    assert w.state(uri, "double") == "ready"


async def test_an_implementer_that_is_closed_ends_its_runs(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    work = w.ask(uri)
    await w.model.asked("double")
    await w.implementer.close()
    assert (await work).proposals == ()
    assert [run.status for run in w.session.runs()] == ["cancelled"]


async def test_what_is_to_be_shown_is_told(window: Callable):
    w = window()
    uri = w.open("a.py", DOUBLE)
    work = w.ask(uri)
    await w.model.asked("double")
    await w.until(lambda: any(run.total for run in w.editor.shown))
    run = w.session.runs()[0]
    assert (run.title, run.status, run.done, run.total, run.stubs) == ("double", "running", 0, 1, (("a.py", "double"),))
    assert run.agents[0].doing == "write"
    w.model.reply("double", REPLIES["double"])
    await work
    last = w.editor.shown[-1]
    assert (last.status, last.done, last.total, last.settled, last.calls, last.tokens) == ("done", 1, 1, 1, 1, 20)


async def test_one_change_among_a_thousand_stubs(window: Callable):
    w = window()
    text = "".join(f'def f{n}():\n    """Give {n}."""\n\n\n' for n in range(1000))
    uri = w.open("a.py", text)
    assert len(w.session.snapshot(uri).stubs) == 1000
    w.type(uri, "Give 500.", "Give five hundred.")
    await asyncio.sleep(0)
    assert w.stub(uri, "f500").state == "empty"
