"""Work-done progress: what it says, how often, that it ends, and that its button cancels."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from editor import CAPABILITIES, Refused
from gated import GatedModel
from soa.lsp.pace import Pace
from soa.lsp.progress import at_work, begin, closing, end, percentage, report
from soa.session.views import Key, RunView

MODULE = '''
    def double(n):
        """Twice n.

        >>> double(2)
        4
        """


    def half(n):
        """Half of n.

        >>> half(4)
        2
        """
'''
DOUBLE, HALF = "def double(n):\n    return n * 2", "def half(n):\n    return n // 2"
BOTH = {"double": DOUBLE, "half": HALF}


def run(**more) -> RunView:
    keys = frozenset(Key(Path("/p"), "m.py", digest) for digest in "ab"[: more.pop("stubs", 1)])
    view = RunView("r1", "Ledger.post", Path("/p"), keys, (), 2, 5, 7, 0, 3, 1234, 4.2)
    return evolve(view, **more)


# -- what it says


def test_it_says_what_agents_tests_and_calls_there_are():
    assert at_work(run()) == "2/5 agents · 7 tests passed · 3 calls"
    assert at_work(run(done=0, total=1, passed=1, failed=2, calls=1)) == "0/1 agents · 1 test passed, 2 failed · 1 call"
    assert at_work(run(total=0, passed=0, calls=0)) == ""


def test_it_begins_with_the_title_and_a_button():
    value = begin(run())
    assert (value.title, value.cancellable, value.percentage) == ("SoA: Ledger.post", True, None)
    assert begin(run(total=0, passed=0, calls=0)).message is None


def test_a_percentage_is_told_only_where_it_means_something():
    assert percentage(run(settled=1)) is None
    assert percentage(run(stubs=2)) == 0
    assert report(run(stubs=2, settled=1)).percentage == 50


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (run(status="done"), "Done: 7 tests passed, 3 calls, 1.2k tokens, 4.2 s."),
        (run(status="done", passed=0, calls=0, tokens=0), "Done: 4.2 s."),
        (
            run(status="done", passed=0, failed=1, lost=1),
            "Failed: 0 tests passed, 1 failed, 3 calls, 1.2k tokens, 4.2 s.",
        ),
        (run(status="done", passed=0, unverified=1), "Not verified: 3 calls, 1.2k tokens, 4.2 s."),
        (run(status="done", passed=0, unverified=1, decompose=True), "Skeleton ready: 3 calls, 1.2k tokens, 4.2 s."),
        (
            run(status="done", stubs=2, lost=1, unverified=1, calls=0, tokens=0, passed=9),
            "1 of 2 failed, 1 not verified: 9 tests passed, 4.2 s.",
        ),
        (run(status="cancelled"), "Cancelled."),
        (run(status="failed", problem="No model.\nSet one."), "Failed: No model."),
    ],
)
def test_it_ends_with_a_sentence(view, said):
    assert closing(view) == said
    assert end(view).message == said


# -- how often


class HandClock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list = []

    def time(self) -> float:
        return self.now

    def call_at(self, when, callback, *values):
        self.calls.append((when, callback, values))

    def turn(self, to: float) -> None:
        self.now = to
        due = [call for call in self.calls if call[0] <= to]
        self.calls = [call for call in self.calls if call[0] > to]
        for _, callback, values in due:
            callback(*values)


def paced(interval=0.2):
    clock, passed = HandClock(), []
    return clock, passed, Pace(passed.append, interval, lambda: clock)


def test_the_first_value_comes_at_once_and_the_last_of_a_flood_a_little_later():
    clock, passed, pace = paced()
    for number in range(100):
        pace.put("a", number)
    assert passed == [0]
    clock.turn(0.2)
    assert passed == [0, 99]
    clock.turn(9.0)
    assert passed == [0, 99]


def test_a_second_of_flood_is_passed_on_some_five_times():
    clock, passed, pace = paced()
    for hundredth in range(100):
        clock.turn(hundredth / 100)
        pace.put("a", hundredth)
    assert len(passed) == 5


def test_keys_do_not_hold_each_other_up():
    _, passed, pace = paced()
    pace.put("a", 1)
    pace.put("b", 2)
    assert passed == [1, 2]


def test_nothing_that_was_held_back_comes_after_the_last_value():
    clock, passed, pace = paced()
    pace.put("a", 1)
    pace.put("a", 2)
    pace.finish("a", 3)
    clock.turn(1.0)
    assert passed == [1, 3]


# -- over the connection


def command(uri, name="double", token=None):
    more = {} if token is None else {"workDoneToken": token}
    return {"command": "soa.implement", "arguments": [{"uri": uri, **({"name": name} if name else {})}], **more}


def kinds(editor, token):
    return [p["value"]["kind"] for p in editor.seen("$/progress", lambda p: p["token"] == token)]


async def ended(editor, token):
    found = await editor.wait_for("$/progress", lambda p: p["token"] == token and p["value"]["kind"] == "end")
    return found["value"].get("message")


async def began(editor):
    params = await editor.wait_for("window/workDoneProgress/create")
    token = params["token"]
    await editor.wait_for("$/progress", lambda p: p["token"] == token)
    return token


async def test_a_run_has_a_bar_from_its_start_to_its_end(open_editor, file):
    editor = await open_editor(GatedModel(ready=BOTH))
    answer = await editor.request("workspace/executeCommand", command(editor.open(file("m.py", MODULE)), ""))
    token = await began(editor)
    assert token == answer["run"]
    assert (await ended(editor, token)).startswith("Done: 2 tests passed, 2 calls")
    assert kinds(editor, token)[0] == "begin"
    assert kinds(editor, token).count("begin") == kinds(editor, token).count("end") == 1
    first = editor.seen("$/progress")[0]["value"]
    assert (first["title"], first["cancellable"]) == ("SoA: 2 stubs of m.py", True)


async def test_its_button_cancels_the_run(open_editor, file):
    model = GatedModel()
    editor = await open_editor(model)
    running = editor.ask("workspace/executeCommand", command(editor.open(file("m.py", MODULE))))[1]
    await model.asked("double")
    token = await began(editor)
    editor.notify("window/workDoneProgress/cancel", {"token": token})
    assert [s["status"] for s in (await running)["stubs"]] == ["cancelled"]
    assert model.given_up == 1
    assert await ended(editor, token) == "Cancelled."


async def test_a_token_that_came_with_the_command_is_used_instead(open_editor, file):
    model = GatedModel()
    editor = await open_editor(model)
    uri = editor.open(file("m.py", MODULE))
    running = editor.ask("workspace/executeCommand", command(uri, token="mine"))[1]
    await model.asked("double")
    await editor.wait_for("$/progress", lambda p: p["token"] == "mine" and p["value"]["kind"] == "begin")
    model.reply("double", DOUBLE)
    await running
    assert (await ended(editor, "mine")).startswith("Done: 1 test passed")
    assert not editor.seen("window/workDoneProgress/create")


async def test_the_button_of_a_given_token_cancels_too(open_editor, file):
    model = GatedModel()
    editor = await open_editor(model)
    running = editor.ask("workspace/executeCommand", command(editor.open(file("m.py", MODULE)), token=7))[1]
    await model.asked("double")
    await editor.wait_for("$/progress", lambda p: p["token"] == 7)
    editor.notify("window/workDoneProgress/cancel", {"token": 7})
    assert [s["status"] for s in (await running)["stubs"]] == ["cancelled"]
    assert kinds(editor, 7)[-1] == "end"


async def test_a_withdrawn_command_ends_its_bar(open_editor, file):
    model = GatedModel()
    editor = await open_editor(model)
    ident, running = editor.ask("workspace/executeCommand", command(editor.open(file("m.py", MODULE)), token="t"))
    await model.asked("double")
    await editor.wait_for("$/progress", lambda p: p["token"] == "t")
    editor.cancel(ident)
    with pytest.raises(Refused):
        await running
    await ended(editor, "t")


async def test_an_unknown_token_is_passed_over(open_editor):
    editor = await open_editor()
    editor.notify("window/workDoneProgress/cancel", {"token": "nobody's"})
    assert await editor.request("soa/runs") == {"runs": []}
    assert editor.shown == []


async def test_a_client_without_progress_gets_none(open_editor, file):
    editor = await open_editor(
        GatedModel(ready=BOTH),
        capabilities={**CAPABILITIES, "window": {}},
        start={"clientInfo": {"name": "plain"}},
    )
    await editor.request("workspace/executeCommand", command(editor.open(file("m.py", MODULE))))
    await editor.wait_for("soa/runChanged", lambda run: run["status"] == "done")
    assert not editor.seen("window/workDoneProgress/create")
    assert not editor.seen("$/progress")


async def test_a_refused_bar_is_no_problem(open_editor, file):
    editor = await open_editor(GatedModel(ready=BOTH))
    editor.answers["window/workDoneProgress/create"] = refuse
    answer = await editor.request("workspace/executeCommand", command(editor.open(file("m.py", MODULE))))
    assert [s["status"] for s in answer["stubs"]] == ["verified"]
    await editor.wait_for("soa/runChanged", lambda run: run["status"] == "done")
    assert len(editor.seen("window/workDoneProgress/create")) == 1
    assert not editor.seen("$/progress")
    assert editor.shown == []


def refuse(params):
    raise Refused({"code": -32601, "message": "no bars here"})


async def test_a_failed_run_ends_its_bar_with_the_reason(open_editor, file):
    editor = await open_editor("")
    await editor.request("workspace/executeCommand", command(editor.open(file("m.py", MODULE))))
    assert (await ended(editor, await began(editor))).startswith("Failed: No reply is recorded")


async def test_shutdown_ends_all_bars(open_editor, file):
    model = GatedModel()
    editor = await open_editor(model)
    uri = editor.open(file("m.py", MODULE))
    own, given = (editor.ask("workspace/executeCommand", c)[1] for c in (command(uri), command(uri, "half", token=1)))
    await model.asked("double", "half")
    token = await began(editor)
    await editor.wait_for("$/progress", lambda p: p["token"] == 1)
    await editor.leave()
    for future in (own, given):
        with pytest.raises(Refused):
            await future
    assert (kinds(editor, token)[-1], kinds(editor, 1)[-1]) == ("end", "end")
    assert model.given_up == 2
