"""Every command by its real request: what it does, what it answers, and what it says of wrong arguments."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from editor import CAPABILITIES, Refused, opened
from gated import GatedModel
from soa.lsp.commands import COMMANDS

INVALID, FAILED = -32602, -32803
MODULE = '''
    """Numbers."""


    def double(n):
        """Twice n.

        >>> double(2)
        4
        """


    class Box:
        def half(self, n):
            """Half of n.

            >>> Box().half(4)
            2
            """
            ...


    def done(n):
        """Not a stub."""
        return n
'''
REPLIES = """
    === write m.py::double
    def double(n):
        return n * 2
    === write m.py::Box.half
    def half(self, n):
        return n // 2
    === skeleton m.py::double
    def double(n):
        return _first(n) + _second(n)

    def _first(n):
        \"\"\"The first summand of twice n.\"\"\"

    def _second(n):
        \"\"\"The second summand of twice n.\"\"\"
"""
SKELETON = REPLIES.partition("=== skeleton m.py::double\n")[2]
DOUBLE = "def double(n):\n    return n * 2"


@pytest.fixture
def module(file):
    return file("m.py", MODULE)


def names(answer):
    return [(s["name"], s["status"]) for s in answer["stubs"]]


def state(editor, uri, name="double"):
    return editor.server.session.snapshot(uri).named(name).state


# -- implementing


async def test_implement_answers_what_became_of_the_stub(open_editor, module):
    editor = await open_editor(REPLIES)
    uri = editor.open(module)
    answer = await editor.execute("soa.implement", {"uri": uri, "name": "double"})
    assert answer["problem"] == ""
    assert [run["id"] for run in (await editor.request("soa/runs"))["runs"]] == [answer["run"]]
    (stub,) = answer["stubs"]
    assert stub == {
        "uri": uri, "file": "m.py", "name": "double", "status": "verified", "reason": "", "passed": 1, "failed": 0,
        "sandbox": "zygote",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([{"name": "Box.half"}], ["Box.half"]),
        (["Box.half"], ["Box.half"]),
        ([{"line": 15}], ["Box.half"]),
        ([{"names": ["double", "Box.half"]}], ["double", "Box.half"]),
        ([{"name": None, "line": None}], ["double", "Box.half"]),
        ([], ["double", "Box.half"]),
        ([{"position": {"line": 15, "character": 3}}], ["Box.half"]),
        ([{"range": {"start": {"line": 4, "character": 0}, "end": {"line": 4, "character": 9}}}], ["double"]),
        (
            [{"range": {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}}],
            ["double", "Box.half"],
        ),
        ([15], ["Box.half"]),
    ],
)
async def test_what_is_meant_can_be_said_in_many_ways(open_editor, module, arguments, wanted):
    editor = await open_editor(REPLIES)
    uri = editor.open(module)
    given = [{"uri": uri, **arguments[0]}] if arguments and isinstance(arguments[0], dict) else [uri, *arguments]
    answer = await editor.execute("soa.implement", *given)
    assert names(answer) == [(name, "verified") for name in wanted]


@pytest.mark.parametrize(
    "arguments",
    [
        lambda uri: ({"textDocument": {"uri": uri}, "position": {"line": 15, "character": 3}},),
        lambda uri: ({"textDocument": {"uri": uri}, "name": "Box.half"},),
        lambda uri: ({"uri": uri}, {"line": 15, "character": 3}),
        lambda uri: (uri, {"line": 15, "character": 3}),
        lambda uri: (uri, {"start": {"line": 15, "character": 3}, "end": {"line": 15, "character": 3}}),
    ],
)
async def test_what_is_meant_can_be_said_as_requests_of_the_protocol_say_it(open_editor, module, arguments):
    editor = await open_editor(REPLIES)
    answer = await editor.execute("soa.implement", *arguments(editor.open(module)))
    assert names(answer) == [("Box.half", "verified")]


async def test_what_is_ready_is_not_run_again_unless_it_is_to_be_regenerated(open_editor, module):
    model = GatedModel(ready={"double": DOUBLE})
    editor = await open_editor(model)
    uri = editor.open(module)
    await editor.execute("soa.implement", uri, "double")
    again = await editor.execute("soa.implement", uri, "double")
    assert again["run"] == ""
    assert model.count["double"] == 1
    anew = await editor.execute("soa.regenerate", {"uri": uri, "name": "double", "remark": "use a shift"})
    assert anew["run"]
    assert model.count["double"] == 2


async def test_implement_file_takes_all_stubs(open_editor, module):
    editor = await open_editor(REPLIES)
    answer = await editor.execute("soa.implementFile", {"uri": editor.open(module)})
    assert names(answer) == [("double", "verified"), ("Box.half", "verified")]


async def test_a_file_without_stubs_is_said_to_have_none(open_editor, file):
    editor = await open_editor()
    answer = await editor.execute("soa.implementFile", editor.open(file("n.py", "x = 1\n")))
    assert answer == {"run": "", "stubs": [], "problem": "", "applied": False}
    await editor.until(lambda: editor.shown == ["There is no stub in n.py."])


async def test_a_failure_of_the_model_is_told_once_and_answered(open_editor, module):
    editor = await open_editor("")
    answer = await editor.execute("soa.implement", editor.open(module), "double")
    assert "No reply is recorded" in answer["problem"]
    assert names(answer) == [("double", "failed")]
    await editor.request("soa/runs")
    assert len([text for text in editor.shown if "No reply is recorded" in text]) == 1


async def test_a_document_that_is_no_file_is_a_problem_told_once(open_editor):
    editor = await open_editor(REPLIES)
    uri = editor.open("untitled:Untitled-1", 'def double(n):\n    """Twice n."""\n')
    answer = await editor.execute("soa.implement", uri)
    assert "Save the file" in answer["problem"]
    assert names(answer) == [("double", "cancelled")]
    await editor.request("soa/runs")
    assert editor.shown == [answer["problem"]]


async def test_two_commands_for_one_contract_share_a_run(open_editor, module):
    model = GatedModel()
    editor = await open_editor(model)
    uri = editor.open(module)
    first, second = (editor.ask("workspace/executeCommand", command(uri))[1] for _ in range(2))
    await model.asked("double")
    model.reply("double", DOUBLE)
    assert await first == await second
    assert model.count["double"] == 1


def command(uri, name="double", what="soa.implement"):
    return {"command": what, "arguments": [{"uri": uri, "name": name}]}


# -- whole workspaces


async def test_implement_workspace_reads_what_is_not_open_from_disk(open_editor, file, module):
    other = file("pkg/n.py", 'def triple(n):\n    """Thrice n.\n\n    >>> triple(1)\n    3\n    """\n')
    file("pkg/broken.py", "def (\n")
    (other.parent / "binary.py").write_bytes(b"\0\0")
    more = "    === write m.py::quarter\n    def quarter(n):\n        return n // 4\n"
    editor = await open_editor(
        REPLIES + more + "    === write pkg/n.py::triple\n    def triple(n):\n        return n * 3\n"
    )
    uri = editor.open(module)
    editor.replace(uri, len(editor.text(uri)), len(editor.text(uri)), '\ndef quarter(n):\n    """A quarter."""\n')
    answer = await editor.execute("soa.implementWorkspace")
    found = {(s["uri"], s["name"]): s["status"] for s in answer["stubs"]}
    assert found[uri, "double"] == found[other.as_uri(), "triple"] == "verified"
    assert (uri, "quarter") in found, "an open document counts as it is in the editor"


async def test_each_workspace_has_a_run_of_its_own(tmp_path):
    roots = [tmp_path / "one", tmp_path / "two"]
    text = 'def f(n):\n    """n.\n\n    >>> f(1)\n    1\n    """\n'
    for root in roots:
        root.mkdir()
        (root / "pyproject.toml").write_text("")
        (root / "m.py").write_text(text)
    async with opened(
        roots[0], replies="=== write m.py::f\ndef f(n):\n    return n\n", start={"folders": roots}
    ) as editor:
        both = await editor.execute("soa.implementWorkspace")
        assert {s["uri"] for s in both["stubs"]} == {(root / "m.py").as_uri() for root in roots}
        assert len((await editor.request("soa/runs"))["runs"]) == 2
        one = await editor.execute("soa.implementWorkspace", {"folders": [roots[1].as_uri()]})
        assert [s["uri"] for s in one["stubs"]] == [(roots[1] / "m.py").as_uri()]


async def test_a_proposal_for_a_file_that_is_not_open_is_accepted_by_its_uri(open_editor, module):
    editor = await open_editor(REPLIES)
    await editor.execute("soa.implementWorkspace")
    assert await editor.execute("soa.accept", module.as_uri(), "double") == {
        "applied": True,
        "reason": "",
        "names": ["double"],
    }
    assert "    return n * 2\n" in module.read_text()
    (params,) = editor.seen("workspace/applyEdit")
    assert params["edit"]["documentChanges"][0]["textDocument"] == {"uri": module.as_uri(), "version": None}


async def test_one_for_a_file_that_is_not_open_is_rejected_too(open_editor, module):
    editor = await open_editor(REPLIES)
    await editor.execute("soa.implementWorkspace")
    assert (await editor.execute("soa.reject", module.as_uri(), "double"))["applied"]
    answer = await editor.execute("soa.accept", module.as_uri(), "double")
    assert not answer["applied"]
    assert (await editor.execute("soa.accept", module.as_uri()))["applied"], "the other one is ready still"


async def test_a_folder_that_is_not_open_is_refused(open_editor):
    editor = await open_editor()
    with pytest.raises(Refused, match="no folder that is open here") as refused:
        await editor.execute("soa.implementWorkspace", {"folders": ["file:///etc"]})
    assert refused.value.code == INVALID


@pytest.mark.parametrize(
    "said",
    [
        lambda uri: (),
        lambda uri: (None,),
        lambda uri: (uri,),
        lambda uri: ([uri],),
        lambda uri: ({"uri": uri, "name": "project"},),
        lambda uri: ({"folders": [uri]},),
        lambda uri: ({"folders": [{"uri": uri, "name": "project"}]},),
    ],
)
async def test_folders_can_be_said_in_many_ways(open_editor, project, said):
    editor = await open_editor()
    answer = await editor.execute("soa.implementWorkspace", *said(project.as_uri()))
    assert answer["stubs"] == []


# -- accepting and rejecting


async def test_accept_puts_in_all_that_is_ready(open_editor, module):
    editor = await open_editor(REPLIES)
    uri = editor.open(module)
    await editor.execute("soa.implementFile", uri)
    assert await editor.execute("soa.accept", {"uri": uri}) == {"applied": True, "reason": "", "names": []}
    assert "    return n * 2\n" in editor.text(uri)
    assert "        return n // 2\n" in editor.text(uri)


async def test_the_edit_says_what_it_is_and_what_is_known_of_it(open_editor, module):
    editor = await open_editor(REPLIES)
    uri = editor.open(module)
    await editor.execute("soa.implementFile", uri)
    await editor.execute("soa.accept", uri, "double")
    await editor.execute("soa.accept", uri)
    one, other = (params["edit"]["changeAnnotations"] for params in editor.seen("workspace/applyEdit"))
    assert list(one.values()) == [
        {"label": "Accept double", "description": "1/1 tests passed", "needsConfirmation": False}
    ]
    assert [a["label"] for a in other.values()] == ["Accept Box.half"]


async def test_accept_without_a_proposal_says_why_not(open_editor, module):
    editor = await open_editor(REPLIES)
    answer = await editor.execute("soa.accept", editor.open(module), "double")
    assert not answer["applied"]
    assert "no proposal for double yet" in answer["reason"]
    await editor.until(lambda: len(editor.shown) == 1)


async def test_a_refused_edit_leaves_the_proposal_ready(open_editor, module):
    editor = await open_editor(REPLIES)
    editor.answers["workspace/applyEdit"] = lambda _: {"applied": False, "failureReason": "read-only"}
    uri = editor.open(module)
    before = editor.text(uri)
    await editor.execute("soa.implement", uri, "double")
    assert await editor.execute("soa.accept", uri, "double") == {
        "applied": False,
        "reason": "read-only",
        "names": ["double"],
    }
    assert (editor.text(uri), state(editor, uri)) == (before, "ready")
    del editor.answers["workspace/applyEdit"]


async def test_an_edit_that_the_client_cannot_answer_for_is_refused_with_a_reason(open_editor, module):
    capabilities = {**CAPABILITIES, "workspace": {}}
    editor = await open_editor(REPLIES, capabilities=capabilities)
    uri = editor.open(module)
    await editor.execute("soa.implement", uri, "double")
    answer = await editor.execute("soa.accept", uri, "double")
    assert not answer["applied"]
    assert "takes no edits" in answer["reason"]


async def test_what_is_typed_while_the_edit_is_under_way_is_kept(open_editor, module):
    editor = await open_editor(REPLIES)
    uri = editor.open(module)
    await editor.execute("soa.implement", uri, "double")
    asked = []

    def late(params):
        asked.append(params)
        if len(asked) == 1:
            editor.replace(uri, 0, 0, "# mine\n")
        return editor._apply(params)

    editor.answers["workspace/applyEdit"] = late
    answer = await editor.execute("soa.accept", uri, "double")
    assert answer["applied"], "made anew for the text as it is now"
    assert len(asked) == 2
    assert editor.text(uri).startswith('# mine\n"""Numbers."""')
    assert "return n * 2" in editor.text(uri)


async def test_a_changed_contract_is_never_accepted(open_editor, module):
    editor = await open_editor(REPLIES)
    uri = editor.open(module)
    await editor.execute("soa.implement", uri, "double")
    place = editor.text(uri).index("Twice")
    editor.replace(uri, place, place + 5, "Three times")
    answer = await editor.execute("soa.accept", uri, "double")
    assert not answer["applied"]
    assert "contract of double has changed" in answer["reason"]
    assert not editor.seen("workspace/applyEdit")


async def test_reject_drops_the_proposal(open_editor, module):
    editor = await open_editor(REPLIES)
    uri = editor.open(module)
    await editor.execute("soa.implement", uri, "double")
    assert await editor.execute("soa.reject", uri, "double") == {"applied": True, "reason": "", "names": ["double"]}
    assert state(editor, uri) == "empty"
    answer = await editor.execute("soa.reject", uri, "double")
    assert answer == {"applied": False, "reason": "There is no proposal to reject here.", "names": ["double"]}


# -- decomposing


async def test_decompose_puts_the_skeleton_in(open_editor, module):
    editor = await open_editor(REPLIES)
    uri = editor.open(module)
    answer = await editor.execute("soa.decompose", uri, "double")
    assert answer["applied"], [s["reason"] for s in answer["stubs"]]
    assert "return _first(n) + _second(n)" in editor.text(uri)
    assert [s.name for s in editor.server.session.snapshot(uri).stubs] == ["_first", "_second", "Box.half"]


async def test_a_refused_skeleton_stays_ready(open_editor, module):
    editor = await open_editor(REPLIES)
    editor.answers["workspace/applyEdit"] = lambda _: {"applied": False, "failureReason": "busy"}
    uri = editor.open(module)
    answer = await editor.execute("soa.decompose", uri, "double")
    assert not answer["applied"]
    assert state(editor, uri) == "ready"
    await editor.until(lambda: any("it stays ready: busy" in text for text in editor.shown))


async def test_no_skeleton_goes_into_a_changed_contract(open_editor, module):
    model = GatedModel()
    editor = await open_editor(model)
    uri = editor.open(module)
    running = editor.ask("workspace/executeCommand", command(uri, what="soa.decompose"))[1]
    await model.asked("double")
    place = editor.text(uri).index("Twice")
    editor.replace(uri, place, place + 5, "Three times")
    await editor.request("soa/runs")
    model.reply("double", SKELETON)
    answer = await running
    assert not answer["applied"]
    assert not editor.seen("workspace/applyEdit")


# -- cancelling


@pytest.mark.parametrize(
    "arguments", [lambda uri, run: {}, lambda uri, run: {"run": run}, lambda uri, run: {"uri": uri, "name": "double"},
                  lambda uri, run: {"uri": uri}, lambda uri, run: run, lambda uri, run: uri,
                  lambda uri, run: {"uri": uri, "position": {"line": 4, "character": 0}}]
)  # fmt: skip
async def test_a_run_is_cancelled(open_editor, module, arguments):
    model = GatedModel()
    editor = await open_editor(model)
    uri = editor.open(module)
    running = editor.ask("workspace/executeCommand", command(uri))[1]
    await model.asked("double")
    run = (await editor.request("soa/runs"))["runs"][0]["id"]
    assert await editor.execute("soa.cancel", arguments(uri, run)) == {"cancelled": 1}
    assert names(await running) == [("double", "cancelled")]
    assert model.given_up == 1
    assert await editor.execute("soa.cancel") == {"cancelled": 0}


async def test_a_withdrawn_request_ends_its_run_unless_another_wants_it(open_editor, module):
    model = GatedModel()
    editor = await open_editor(model)
    uri = editor.open(module)
    (one, first), (other, second) = (editor.ask("workspace/executeCommand", command(uri)) for _ in range(2))
    await model.asked("double")
    editor.cancel(one)
    with pytest.raises(Refused, match="was cancelled"):
        await first
    assert model.given_up == 0
    editor.cancel(other)
    with pytest.raises(Refused, match="was cancelled"):
        await second
    await editor.wait_for("soa/runChanged", lambda run: run["status"] == "cancelled")
    assert model.given_up == 1


async def test_closing_the_document_ends_its_runs(open_editor, module):
    model = GatedModel()
    editor = await open_editor(model)
    uri = editor.open(module)
    running = editor.ask("workspace/executeCommand", command(uri))[1]
    await model.asked("double")
    editor.close(uri)
    assert names(await running) == [("double", "cancelled")]


# -- an editor that stands still while a command runs


async def test_an_editor_that_waits_is_answered_at_once(open_editor, module):
    model = GatedModel()
    editor = await open_editor(model, start={"clientInfo": {"name": "Eglot"}})
    uri = editor.open(module)
    assert await editor.execute("soa.implement", uri, "double") == {"started": True}
    await model.asked("double")
    model.reply("double", DOUBLE)
    await editor.wait_for("$/progress", lambda p: p["value"]["kind"] == "end")
    assert state(editor, uri) == "ready"
    assert not editor.seen("soa/runChanged"), "Emacs warns of notifications that it does not know"


async def test_it_hears_of_wrong_arguments_at_once_too(open_editor, module):
    editor = await open_editor("", start={"clientInfo": {"name": "Eglot"}})
    with pytest.raises(Refused):
        await editor.execute("soa.implement", editor.open(module), "nothing")


# -- showing what would change


async def test_a_diff_is_shown_in_a_private_file_and_removed_at_the_end(open_editor, module):
    editor = await open_editor(REPLIES)
    uri = editor.open(module)
    await editor.execute("soa.implement", uri, "double")
    answer = await editor.execute("soa.showDiff", uri, "double")
    assert "+    return n * 2\n" in answer["diff"]
    assert answer["before"] == editor.text(uri)
    assert answer["after"] == answer["before"].replace('    4\n    """\n', '    4\n    """\n    return n * 2\n')
    (shown,) = editor.seen("window/showDocument")
    path = editor.path(shown["uri"])
    assert (path.name, path.read_text(), shown["takeFocus"]) == ("double.diff", answer["diff"], True)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.is_relative_to(tempfile.gettempdir())
    await editor.leave()
    assert not path.parent.exists()


async def test_a_client_that_shows_no_documents_gets_a_message(open_editor, module):
    editor = await open_editor(REPLIES, capabilities={**CAPABILITIES, "window": {"workDoneProgress": True}})
    uri = editor.open(module)
    await editor.execute("soa.implement", uri, "double")
    answer = await editor.execute("soa.showDiff", uri, "double")
    await editor.until(lambda: editor.shown == [answer["diff"]])


async def test_a_document_that_is_not_shown_becomes_a_message(open_editor, module):
    editor = await open_editor(REPLIES)
    editor.answers["window/showDocument"] = lambda _: {"success": False}
    uri = editor.open(module)
    await editor.execute("soa.implement", uri, "double")
    answer = await editor.execute("soa.showDiff", uri, "double")
    await editor.until(lambda: editor.shown == [answer["diff"]])


async def test_nothing_to_show_is_said(open_editor, module):
    editor = await open_editor(REPLIES)
    uri = editor.open(module)
    answer = await editor.execute("soa.showDiff", uri, "double")
    assert (answer["diff"], answer["before"]) == ("", editor.text(uri))
    assert "no proposal for double" in answer["reason"]


# -- what cannot be meant


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "'uri' is missing"),
        ([{}], "'uri' is missing"),
        ([{"uri": 3}], "'uri' is to be a text, not 3"),
        ([{"uri": "file:///nowhere.py"}], "no open Python document"),
        ([{"uri": "http://["}], "no open Python document"),
        ([{"uri": "URI", "stub": "double"}], "there is no 'stub'; expected is an object with 'uri', 'name'"),
        ([{"uri": "URI", "names": "double"}], "'names' is to be a list of texts, not 'double'"),
        ([{"uri": "URI", "line": "3"}], "'line' is to be a whole number, not '3'"),
        ([{"uri": "URI", "line": True}], "'line' is to be a whole number, not True"),
        ([{"uri": "URI", "line": 999}], "no stub at line 1000 of m.py. The nearest is Box.half, at line 13."),
        ([{"uri": "URI", "line": -5}], "The nearest is double, at line 4."),
        ([{"uri": "URI", "name": "dubble"}], "Did you mean double?"),
        ([{"uri": "URI", "name": "half"}], "Did you mean Box.half?"),
        (["URI", "double", "a", [], 3, True, None, None, "more"], "9 values are too many"),
        ([{"uri": "URI", "position": 3}], "'position' is to be an object with 'line', 'character', not 3"),
        ([{"uri": "URI", "position": {"line": "3"}}], "in 'position' 'line' is to be a whole number, not '3'"),
        ([{"uri": "URI", "range": {"start": {"line": 3}}}], "in 'range' 'end' is missing"),
        ([{"uri": "URI", "position": {"line": 999, "character": 0}}], "no stub at line 1000 of m.py"),
        ([{"uri": "URI", "range": {"start": {"line": 9}, "end": {"line": 3}}}], "no stub at line 10 of m.py"),
        (["URI", {"line": 1, "x": 1}], "in 'position' there is no 'x'"),
        ([["URI"]], "'uri' is to be a text"),
        ([None, None], "'uri' is missing"),
    ],
)
async def test_wrong_arguments_are_refused_with_a_sentence(open_editor, module, arguments, said):
    editor = await open_editor("")
    uri = editor.open(module)
    given = [
        {k: uri if v == "URI" else v for k, v in a.items()} if isinstance(a, dict) else uri if a == "URI" else a
        for a in arguments
    ]
    with pytest.raises(Refused) as refused:
        await editor.execute("soa.implement", *given)
    assert refused.value.code == INVALID
    assert said in refused.value.message
    assert editor.shown == []


async def test_an_unknown_command_is_refused(open_editor):
    editor = await open_editor()
    with pytest.raises(Refused, match=r"There is no command soa\.implemnt\. Did you mean soa\.implement\?"):
        await editor.execute("soa.implemnt")


async def test_a_document_of_another_language_is_refused(open_editor, file):
    editor = await open_editor()
    uri = editor.open(file("m.txt", "x"), language="plaintext")
    with pytest.raises(Refused, match="no open Python document"):
        await editor.execute("soa.implement", uri)


async def test_the_commands_are_announced(open_editor):
    editor = await open_editor()
    assert editor.result["capabilities"]["executeCommandProvider"]["commands"] == list(COMMANDS)


TEXT = 'def double(n):\n    """Twice n."""\n'
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
KEYS = st.sampled_from(["uri", "name", "names", "line", "remark", "folders", "run", "x"])
NEAR = st.dictionaries(KEYS, JSON | st.sampled_from(["untitled:a", "double", "file:///"]), max_size=4)


async def answer_to(editor, name, arguments):
    """The answer, or the code of the error."""
    try:
        return await editor.execute(name, *arguments)
    except Refused as refused:
        return refused.code


@given(
    st.lists(st.tuples(st.sampled_from(sorted(COMMANDS)), st.lists(NEAR | JSON, max_size=3)), min_size=8, max_size=8)
)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_arguments_break_the_server(tmp_path_factory, calls):
    async with opened(Path(tmp_path_factory.mktemp("fuzz")) / "p") as editor:
        editor.open("untitled:a", TEXT)
        for name, arguments in calls:
            answer = await answer_to(editor, name, arguments)
            assert answer in (INVALID, FAILED) or isinstance(answer, dict)
        assert (await editor.request("soa/runs"))["runs"] == []
