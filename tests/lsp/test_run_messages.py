"""`soa/runs`, `soa/runChanged`, `soa/proposal` and `soa/complete`."""

from __future__ import annotations

import asyncio
import textwrap

import pytest
from attrs import evolve

from editor import Refused, opened
from gated import GatedModel
from soa.contracts import Address, Usage
from soa.errors import ModelError
from soa.lsp.custom import Completion, RunState
from soa.lsp.wire import Wire
from soa.model import Message, Query

INVALID = -32602
MODULE = '''
    def double(n):
        """Twice n.

        >>> double(2)
        4
        """
'''
DOUBLE = "import math\n\ndef double(n):\n    return _times(n, 2)\n\ndef _times(a, b):\n    return a * b\n"
KEYS = {
    "id", "title", "folder", "status", "problem", "decompose", "model", "began", "seconds", "done", "total",
    "passed", "failed", "calls", "tokens", "stubs", "agents", "sandbox",
}  # fmt: skip
QUERY = Query(
    (Message("system", "You write Python."), Message("user", "Größe 😀")), "r1", "child", "repair",
    Address("src/m.py", "Box.half"), 1,
)  # fmt: skip


@pytest.fixture
def module(file):
    return file("m.py", MODULE)


async def implement(editor, uri):
    return await editor.execute("soa.implement", uri, "double")


# -- runs


async def test_there_are_no_runs_at_first(open_editor):
    editor = await open_editor()
    assert await editor.request("soa/runs") == {"runs": []}
    assert await editor.request("soa/runs", {}) == {"runs": []}


async def test_a_run_is_told_with_its_tree_of_agents(open_editor, module, project):
    model = GatedModel()
    editor = await open_editor(model)
    uri = editor.open(module)
    running = asyncio.ensure_future(implement(editor, uri))
    await model.asked("double")
    (run,) = (await editor.request("soa/runs"))["runs"]
    assert run.keys() == KEYS
    assert (run["title"], run["folder"], run["status"], run["total"]) == ("double", project.as_uri(), "running", 1)
    assert run["stubs"] == [{"uri": uri, "file": "m.py", "name": "double"}]
    (agent,) = run["agents"]
    assert (agent["id"], agent["role"], agent["target"], agent["depth"]) == ("a1", "child", "m.py::double", 0)
    assert (agent["doing"], agent["status"], agent["below"]) == ("write", None, [])
    model.reply("double", DOUBLE)
    answer = await running
    (run,) = (await editor.request("soa/runs"))["runs"]
    assert (run["id"], run["status"], run["done"], run["passed"], run["calls"]) == (answer["run"], "done", 1, 1, 1)
    assert run["agents"][0]["status"] == "verified"


async def test_helpers_agents_stand_below_their_mother(tmp_path):
    replies = textwrap.dedent('''
        === skeleton m.py::double
        def double(n):
            return _first(n) + _second(n)

        def _first(n):
            """The first summand of twice n."""

        def _second(n):
            """The second summand of twice n."""
        === write _first
        def _first(n):
            return n
        === write _second
        def _second(n):
            return n
    ''')
    root = tmp_path / "p"
    async with opened(root, replies=replies, flags={"size_limit": 0, "depth": 1}) as editor:
        (root / "m.py").write_text(textwrap.dedent(MODULE))
        await implement(editor, editor.open(root / "m.py"))
        (mother,) = (await editor.request("soa/runs"))["runs"][0]["agents"]
        assert (mother["role"], mother["depth"], len(mother["below"])) == ("mother", 0, 2)
        assert {child["depth"] for child in mother["below"]} == {1}


async def test_changes_are_told_and_the_last_one_is_the_end(open_editor, module):
    editor = await open_editor(GatedModel(ready={"double": DOUBLE}))
    await implement(editor, editor.open(module))
    await editor.wait_for("soa/runChanged", lambda run: run["status"] == "done")
    told = editor.seen("soa/runChanged")
    assert told[-1] == {**(await editor.request("soa/runs"))["runs"][0], "seconds": told[-1]["seconds"]}
    assert all(run.keys() == KEYS for run in told)


async def test_emacs_is_told_of_changes_once_it_asks_for_runs(tmp_path):
    for asks in (False, True):
        root = tmp_path / str(asks)
        start = {"clientInfo": {"name": "Emacs"}}
        async with opened(root, replies=GatedModel(ready={"double": DOUBLE}), start=start) as editor:
            (root / "m.py").write_text(textwrap.dedent(MODULE))
            if asks:
                await editor.request("soa/runs")
            await implement(editor, editor.open(root / "m.py"))
            await editor.wait_for("$/progress", lambda p: p["value"]["kind"] == "end")
            assert bool(editor.seen("soa/runChanged")) is asks


# -- proposals


async def test_a_proposal_is_told_with_all_that_is_known_of_it(open_editor, module):
    editor = await open_editor(GatedModel(ready={"double": DOUBLE}))
    uri = editor.open(module)
    await implement(editor, uri)
    told = await editor.request("soa/proposal", {"uri": uri, "name": "double"})
    assert (told["status"], told["reason"], told["skeleton"]) == ("verified", "", False)
    assert told["before"] == editor.text(uri)
    assert told["body"] == "return _times(n, 2)"
    assert "def _times(a, b):" in told["candidate"]
    (example,) = told["evidence"]
    assert example.pop("seconds") >= 0
    known = {"origin": "doctest", "name": "example 1", "outcome": "passed", "flaky": False}
    assert example == {**known, "expected": "", "actual": "", "reason": ""}
    assert (told["agents"]["role"], told["agents"]["status"], told["agents"]["below"]) == ("child", "verified", [])
    assert told["usage"] == {"calls": 1, "promptTokens": 10, "completionTokens": 10, "maxPromptTokens": 10}
    assert told["at"] > 1.7e9
    await editor.execute("soa.accept", uri, "double")
    assert editor.text(uri) == told["text"]


async def test_a_failed_one_has_a_reason_and_no_code(open_editor, module):
    editor = await open_editor("")
    uri = editor.open(module)
    await implement(editor, uri)
    told = await editor.request("soa/proposal", {"uri": uri, "name": "double"})
    assert (told["status"], told["candidate"], told["text"]) == ("failed", "", editor.text(uri))
    assert "No reply is recorded" in told["reason"]


async def test_a_stale_one_is_told_and_changes_nothing(open_editor, module):
    editor = await open_editor(GatedModel(ready={"double": DOUBLE}))
    uri = editor.open(module)
    await implement(editor, uri)
    editor.rewrite(uri, editor.text(uri).replace("Twice n", "Two times n"))
    told = await editor.request("soa/proposal", {"uri": uri, "name": "double"})
    assert (told["status"], told["text"]) == ("stale", editor.text(uri))
    assert told["body"] == "return _times(n, 2)"
    assert "contract of double has changed" in told["reason"]


async def test_one_for_a_file_that_is_not_open_is_told_too(open_editor, module):
    editor = await open_editor(GatedModel(ready={"double": DOUBLE}))
    await editor.execute("soa.implementWorkspace")
    told = await editor.request("soa/proposal", {"uri": module.as_uri(), "name": "double"})
    assert (told["status"], told["before"]) == ("verified", module.read_text())


@pytest.mark.parametrize(
    ("name", "said"), [("double", "no proposal for double yet"), ("nothing", "There is no stub nothing in m.py.")]
)
async def test_none_comes_with_a_reason(open_editor, module, name, said):
    editor = await open_editor()
    uri = editor.open(module)
    told = await editor.request("soa/proposal", {"uri": uri, "name": name})
    assert (told["status"], told["agents"], told["usage"], told["text"]) == ("", None, None, editor.text(uri))
    assert said in told["reason"]


async def test_a_proposal_is_told_of_what_stands_at_a_position(open_editor, module):
    editor = await open_editor("=== write m.py::double\ndef double(n):\n    return n * 2\n")
    uri = editor.open(module)
    told = await editor.request("soa/proposal", editor.place(uri, "double"))
    assert told["name"] == "double"


@pytest.mark.parametrize("params", [None, {}, {"uri": 1, "name": "f"}, {"uri": "a", "name": "f", "x": 1}, {"uri": "a"}])
async def test_wrong_parameters_are_refused(open_editor, params):
    editor = await open_editor()
    with pytest.raises(Refused, match="soa/proposal: ") as refused:
        await editor.request("soa/proposal", params)
    assert refused.value.code == INVALID


# -- the editor's own model


def completing(answer):
    """An editor that answers for a model of its own."""
    return {"answers": {"soa/complete": answer}, "start": {"initializationOptions": {"complete": True}}}


async def test_the_editors_model_is_asked(open_editor):
    asked = []

    def answer(params):
        asked.append(params)
        return {"text": "def half(n): ...", "promptTokens": 12, "completionTokens": 3, "cut": True}

    editor = await open_editor("", **completing(answer))
    reply = await editor.server.client.complete(QUERY)
    assert (reply.text, reply.usage, reply.cut) == ("def half(n): ...", Usage(1, 12, 3, 12), True)
    assert asked == [
        {
            "run": "r1",
            "agent": "child",
            "step": "repair",
            "target": "src/m.py::Box.half",
            "depth": 1,
            "messages": [
                {"role": "system", "content": "You write Python."},
                {"role": "user", "content": "Größe 😀"},
            ],
            "model": "",
        }
    ]


async def test_it_is_told_which_of_its_models_is_meant(open_editor):
    editor = await open_editor("", **completing(lambda params: {"text": params["model"]}))
    assert (await editor.server.client.complete(evolve(QUERY, model="gpt-4.1"))).text == "gpt-4.1"


async def test_what_it_does_not_know_of_tokens_is_left_open(open_editor):
    editor = await open_editor("", **completing(lambda _: {"text": "x", "promptTokens": None, "model": "gpt"}))
    reply = await editor.server.client.complete(QUERY)
    assert (reply.text, reply.usage.tokens, reply.cut) == ("x", 0, False)


def no_consent(_):
    raise Refused({"code": -32800, "message": "the user has not agreed"})


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (no_consent, "gave no answer: the user has not agreed"),
        (lambda _: None, "cannot be read: expected is an object with 'text'"),
        (lambda _: {"text": 3}, "'text' is to be a text, not 3"),
        (lambda _: {"text": "x", "promptTokens": "many"}, "'promptTokens' is to be a whole number"),
        (lambda _: ["x"], "cannot be read"),
    ],
)
async def test_no_answer_is_an_error_with_a_sentence(open_editor, answer, said):
    editor = await open_editor("", **completing(answer))
    with pytest.raises(ModelError) as raised:
        await editor.server.client.complete(QUERY)
    assert said in raised.value.message
    assert raised.value.advice


async def test_an_editor_without_a_model_is_not_asked(open_editor):
    editor = await open_editor()
    with pytest.raises(ModelError, match="no language model of its own"):
        await editor.server.client.complete(QUERY)
    assert not editor.seen("soa/complete")


# -- on the wire


def test_keys_are_in_camel_case_on_the_wire():
    wire = Wire(closed=False)
    assert wire.write(Completion("a", 1, 2)) == {"text": "a", "promptTokens": 1, "completionTokens": 2, "cut": False}
    assert wire.read({"text": "a", "completionTokens": 2}, Completion) == Completion("a", None, 2)


def test_every_field_of_a_run_is_told():
    assert {a.name for a in RunState.__attrs_attrs__} == KEYS
