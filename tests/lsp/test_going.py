"""`soa.goToStub` and `soa.showExchanges`: what an editor is asked to show, and where."""

from __future__ import annotations

import asyncio

import pytest

from editor import CAPABILITIES, PLAIN, Refused, opened
from gated import GatedModel
from soa.lsp.virtual_uris import query_of

INVALID, FAILED = -32602, -32803
MODULE = '''
    """Not this: def double(n): ..."""


    class Box:
        def double(self, n):
            """Not this either."""
            return n


    def double(n):
        """Twice n.

        >>> double(2)
        4
        """
'''
DOUBLE = "def double(n):\n    return n * 2\n"
HALF = 'def half(n):\n    """Half of n."""\n'
SKELETON = '''
def double(n):
    return _first(n) * 2

def _first(n):
    """The number itself, to be looked at first."""
'''


@pytest.fixture
def module(file):
    return file("m.py", MODULE)


async def implemented(open_editor, module, **options):
    """An editor with a run that is over, and the run's id."""
    editor = await open_editor(GatedModel(ready={"double": DOUBLE}), **options)
    run = (await editor.execute("soa.implement", editor.open(module), "double"))["run"]
    return editor, run


def places(editor):
    return [(p["uri"], p.get("selection", {}).get("start")) for p in editor.seen("window/showDocument")]


# -- to the stub


@pytest.mark.parametrize("agent", [{}, {"agent": ""}, {"agent": "a1"}])
async def test_the_stub_of_a_run_and_of_its_agent_is_shown(open_editor, module, agent):
    editor, run = await implemented(open_editor, module)
    uri = module.as_uri()
    assert await editor.execute("soa.goToStub", {"run": run, **agent}) == {"uri": uri, "line": 9, "shown": True}
    assert places(editor) == [(uri, {"line": 9, "character": 0})]


async def test_it_is_found_where_it_stands_now_and_after_it_was_accepted(open_editor, module):
    editor, run = await implemented(open_editor, module)
    uri = module.as_uri()
    await editor.execute("soa.accept", uri, "double")
    editor.replace(uri, 0, 0, "import os\n")
    assert (await editor.execute("soa.goToStub", run, "a1"))["line"] == 10


async def test_it_is_found_in_a_file_that_is_not_open(open_editor, module):
    editor, run = await implemented(open_editor, module)
    editor.close(module.as_uri())
    module.write_text("# new\r\n# lines\r\n" + module.read_text())
    assert await editor.execute("soa.goToStub", {"run": run}) == {"uri": module.as_uri(), "line": 11, "shown": True}


async def test_a_stub_that_is_gone_leads_to_the_beginning(open_editor, module):
    editor, run = await implemented(open_editor, module)
    editor.rewrite(module.as_uri(), "x = 1\n")
    assert (await editor.execute("soa.goToStub", {"run": run}))["line"] == 0


async def test_a_helper_that_is_not_there_yet_leads_to_its_mother(file, tmp_path):
    model = GatedModel(ready={"double": SKELETON})
    root = tmp_path / "p"
    async with opened(root, replies=model, flags={"size_limit": 0, "depth": 1}) as editor:
        (root / "m.py").write_text('import os\n\ndef double(n):\n    """Twice n."""\n')
        uri = editor.open(root / "m.py")
        running = asyncio.ensure_future(editor.execute("soa.implement", uri, "double"))
        await model.asked("_first")
        (run,) = (await editor.request("soa/runs"))["runs"]
        helper = run["agents"][0]["below"][0]
        assert helper["target"] == "m.py::_first"
        assert (await editor.execute("soa.goToStub", {"run": run["id"], "agent": helper["id"]}))["line"] == 2
        editor.rewrite(uri, 'def _first(n):\n    """Now it is."""\n\n' + editor.text(uri))
        assert (await editor.execute("soa.goToStub", {"run": run["id"], "agent": helper["id"]}))["line"] == 0
        await editor.execute("soa.cancel")
        await running


async def test_a_notebook_leads_to_the_cell(open_editor, project):
    editor = await open_editor(GatedModel(ready={"half": "def half(n):\n    return n / 2\n"}))
    cells = editor.open_notebook(project / "n.ipynb", "x = 1\n", f"y = 2\n{HALF}")
    run = (await editor.execute("soa.implement", cells[1], "half"))["run"]
    answer = await editor.execute("soa.goToStub", {"run": run, "agent": "a1"})
    assert answer == {"uri": cells[1], "line": 1, "shown": True}


async def test_a_notebook_that_is_not_open_is_shown_first(open_editor, project):
    editor = await open_editor(GatedModel(ready={"half": "def half(n):\n    return n / 2\n"}))
    path = project / "n.ipynb"
    cells = editor.open_notebook(path, "x = 1\n", HALF)
    run = (await editor.execute("soa.implement", cells[1], "half"))["run"]
    named = {"notebookDocument": {"uri": path.as_uri()}, "cellTextDocuments": [{"uri": uri} for uri in cells]}
    editor.notify("notebookDocument/didClose", named)

    def show(params):
        if params["uri"] == path.as_uri():
            editor.open_notebook(path, "x = 1\n", HALF)
        return {"success": True}

    editor.answers["window/showDocument"] = show
    assert (await editor.execute("soa.goToStub", {"run": run}))["uri"] == cells[1]
    assert [uri for uri, _ in places(editor)] == [path.as_uri(), cells[1]]


async def test_runs_of_earlier_sessions_lead_there_too(open_editor, module):
    async with opened(module.parent, replies=GatedModel(ready={"double": DOUBLE})) as editor:
        run = (await editor.execute("soa.implement", editor.open(module), "double"))["run"]
    editor = await open_editor()
    assert (await editor.execute("soa.goToStub", {"run": run, "agent": "a1"}))["line"] == 9


async def test_a_file_that_is_gone_is_told_in_a_sentence(open_editor, module):
    editor, run = await implemented(open_editor, module)
    editor.close(module.as_uri())
    module.unlink()
    with pytest.raises(Refused, match=r"m\.py") as refused:
        await editor.execute("soa.goToStub", {"run": run})
    assert refused.value.code == FAILED


async def test_an_editor_that_shows_no_documents_is_told_where_it_is(open_editor, module):
    editor, run = await implemented(open_editor, module, capabilities=PLAIN)
    answer = await editor.execute("soa.goToStub", {"run": run})
    assert answer == {"uri": module.as_uri(), "line": 9, "shown": False}
    assert not editor.seen("window/showDocument")


# -- to what was asked


async def test_prompts_and_replies_are_shown_as_a_document_of_ours(open_editor, module):
    editor, run = await implemented(open_editor, module)
    answer = await editor.execute("soa.showExchanges", {"run": run, "agent": "a1"})
    assert answer["uri"].startswith("soa-exchanges:/double%20%28child%20a1%29.md?")
    assert query_of(answer["uri"]) == {"run": run, "agent": "a1"}
    assert places(editor) == [(answer["uri"], None)]


async def test_an_editor_without_such_documents_gets_a_file(open_editor, module):
    capabilities = {**CAPABILITIES, "workspace": {"applyEdit": True}}
    editor, run = await implemented(open_editor, module, capabilities=capabilities)
    answer = await editor.execute("soa.showExchanges", {"run": run, "agent": "a1"})
    path = editor.path(answer["uri"])
    assert path.suffix == ".md"
    assert path.read_text().startswith("# double (child a1)\n")


@pytest.mark.parametrize(
    ("command", "arguments", "said", "code"),
    [
        ("soa.goToStub", {}, "'run' is missing", INVALID),
        ("soa.goToStub", {"run": "cafe"}, "No run 'cafe' is kept", FAILED),
        ("soa.goToStub", {"run": "RUN", "agent": "a9"}, "has no agent 'a9'", FAILED),
        ("soa.showExchanges", {"run": "RUN", "agent": "a9"}, "has no agent 'a9'", FAILED),
        ("soa.showExchanges", {"run": "RUN"}, "One agent is wanted", FAILED),
    ],
)
async def test_what_is_not_there_is_refused_with_a_sentence(open_editor, module, command, arguments, said, code):
    editor, run = await implemented(open_editor, module)
    given = {key: run if value == "RUN" else value for key, value in arguments.items()}
    with pytest.raises(Refused, match=said) as refused:
        await editor.execute(command, given)
    assert refused.value.code == code
