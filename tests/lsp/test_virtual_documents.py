"""`workspace/textDocumentContent`: what such documents say, when the client hears of them, and what is none of ours."""

from __future__ import annotations

import asyncio
import time

import pytest

from editor import CAPABILITIES, Refused
from gated import GatedModel
from soa.contracts import Usage
from soa.lsp.transcript import transcript
from soa.lsp.virtual_uris import proposal_uri, query_of, transcript_uri
from soa.model import Message
from soa.store.exchanges import KeptExchange

CONTENT, REFRESH = "workspace/textDocumentContent", "workspace/textDocumentContent/refresh"
INVALID, MODIFIED = -32602, -32801
MODULE = '''
    import os


    def double(n):
        """Twice n.

        >>> double(2)
        4
        """


    class Box:
        @property
        def half(self):
            """Half of it."""
            return self._half

        @half.setter
        def half(self, n):
            """Half of n."""
            self._half = n
'''
DOUBLE = "import math\n\ndef double(n):\n    return _times(n, 2)\n\ndef _times(a, b):\n    return a * b\n"


@pytest.fixture
def module(file):
    return file("m.py", MODULE)


async def ready(open_editor, module, **options):
    """An editor with a document that has a proposal for `double`; the document, and what is told of the proposal."""
    editor = await open_editor(GatedModel(ready={"double": DOUBLE}), **options)
    uri = editor.open(module)
    await editor.execute("soa.implement", uri, "double")
    return editor, uri, await editor.request("soa/proposal", {"uri": uri, "name": "double"})


async def content(editor, uri):
    return (await editor.request(CONTENT, {"uri": uri}))["text"]


# -- what is offered


async def test_the_schemes_are_offered_to_those_who_can_use_them(open_editor):
    editor = await open_editor()
    offered = editor.result["capabilities"]["workspace"]["textDocumentContent"]
    assert offered == {"schemes": ["soa-proposal", "soa-exchanges"]}
    less = {**CAPABILITIES, "workspace": {"applyEdit": True}}
    plain = await open_editor(capabilities=less, root=editor.root.parent / "other")
    assert "textDocumentContent" not in plain.result["capabilities"]["workspace"]


# -- proposals


async def test_a_proposal_is_a_document_and_its_body_has_a_line(open_editor, module):
    editor, uri, told = await ready(open_editor, module)
    assert told["proposed"].startswith("soa-proposal:/")
    assert query_of(told["proposed"]) == {"uri": uri, "name": "double"}
    assert await content(editor, told["proposed"]) == told["text"] != editor.text(uri)
    assert told["text"].splitlines()[told["line"]] == "    return _times(n, 2)"
    assert told["title"] == "m.py: double (verified, 1/1 tests)"


async def test_without_a_proposal_there_is_no_such_document(open_editor, module):
    editor = await open_editor()
    told = await editor.request("soa/proposal", {"uri": editor.open(module), "name": "double"})
    assert (told["proposed"], told["title"], told["line"]) == ("", "", 0)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("body", ["", "    ...\n", "    ...  # why\n", "    # soa: fast\n    pass\n"])
async def test_the_line_is_exact_with_all_line_ends_and_bodies(open_editor, project, body, end):
    text = f'def double(n):\n    """Twice n.\n\n    >>> double(2)\n    4\n    """\n{body}'
    (project / "m.py").write_bytes(text.replace("\n", end).encode())
    _, _, told = await ready(open_editor, project / "m.py")
    assert told["text"].replace(end, "\n").split("\n")[told["line"]].strip().startswith("return _times(n, 2)")


async def test_accepted_it_is_the_document_itself(open_editor, module):
    editor, uri, told = await ready(open_editor, module)
    await content(editor, told["proposed"])
    answer = await editor.execute("soa.accept", {**editor.place(uri, "Twice")})
    assert answer["names"] == ["double"]
    await editor.wait_for(REFRESH, lambda params: params["uri"] == told["proposed"])
    assert await content(editor, told["proposed"]) == editor.text(uri) == told["text"]


async def test_rejected_or_stale_it_is_the_document_as_it_stands(open_editor, module):
    editor, uri, told = await ready(open_editor, module)
    editor.rewrite(uri, editor.text(uri).replace("Twice n", "Two times n"))
    assert await content(editor, told["proposed"]) == editor.text(uri)
    editor.rewrite(uri, told["before"])
    assert await content(editor, told["proposed"]) == told["text"]
    await editor.execute("soa.reject", uri, "double")
    assert await content(editor, told["proposed"]) == told["before"]


async def test_a_file_that_is_not_open_is_read(open_editor, module):
    editor, uri, told = await ready(open_editor, module)
    await editor.execute("soa.reject", uri, "double")
    editor.close(uri)
    assert await content(editor, told["proposed"]) == module.read_text()


@pytest.mark.parametrize(
    "uri", ["untitled:Untitled-1", "file:///nowhere/at/all.py", "vscode-notebook-cell:/a.ipynb#W0"]
)
async def test_of_what_is_not_known_the_client_keeps_what_it_has(open_editor, uri):
    editor = await open_editor()
    with pytest.raises(Refused) as refused:
        await content(editor, proposal_uri(uri, "f"))
    assert refused.value.code == MODIFIED


async def test_only_documents_that_were_asked_for_are_told_of_and_not_for_ever(open_editor, module):
    editor, uri, told = await ready(open_editor, module)
    editor.replace(uri, 0, 0, "# a\n")
    await editor.request("soa/runs")
    assert not editor.seen(REFRESH)
    await content(editor, told["proposed"])
    for count in range(1, 4):
        editor.replace(uri, 0, 0, "# b\n")
        await editor.until(lambda count=count: len(editor.seen(REFRESH)) >= count)
    editor.replace(uri, 0, 0, "# c\n")
    await editor.request("soa/runs")
    assert editor.seen(REFRESH) == [{"uri": told["proposed"]}] * 3


# -- what agents asked


def exchange(**more):
    given = {
        "step": "write",
        "at": 0.0,
        "messages": (Message("system", "Write."), Message("user", "```python\nx\n```")),
    }
    return KeptExchange(**{**given, "reply": "````\ny\n````\n", "usage": Usage(1, 812, 1290, 812), **more})


def test_calls_messages_and_replies_have_headings():
    told = transcript("post (child a1)", [exchange(), exchange(step="repair", reply=None)])
    at = time.strftime("%H:%M:%S", time.localtime(0))
    assert [line for line in told.split("\n") if line.startswith("#")] == [
        "# post (child a1)",
        f"## 1. writing · {at} · 812 + 1.3k tokens", "### system", "### user", "### reply",
        f"## 2. repairing · {at}", "### system", "### user", "### reply",
    ]  # fmt: skip
    assert "\n\n2 calls\n\n" in told
    assert told.endswith("\n\nNot answered yet.\n")


def test_no_fence_inside_ends_a_message():
    told = transcript("t", [exchange()])
    assert "````markdown\n```python\nx\n```\n````\n" in told
    assert "`````markdown\n````\ny\n````\n`````\n" in told


def test_a_transcript_without_calls_says_so():
    assert transcript("t", []) == "# t\n\nNo calls yet.\n"


async def test_a_transcript_grows_while_the_agent_is_at_work(open_editor, module):
    model = GatedModel()
    editor = await open_editor(model)
    running = asyncio.ensure_future(editor.execute("soa.implement", editor.open(module), "double"))
    await model.asked("double")
    (run,) = (await editor.request("soa/runs"))["runs"]
    uri = transcript_uri(run["id"], "a1", "double (child a1)")
    told = await content(editor, uri)
    assert told.startswith("# double (child a1)\n\n1 call\n\n## 1. writing · ")
    assert told.endswith("### reply\n\nNot answered yet.\n")
    model.reply("double", DOUBLE)
    await running
    await editor.wait_for(REFRESH, lambda params: params["uri"] == uri)
    assert (await content(editor, uri)).endswith(f"### reply\n\n```markdown\n{DOUBLE}```\n")


async def test_a_run_that_is_not_kept_is_told_in_a_sentence(open_editor):
    editor = await open_editor()
    assert (await content(editor, transcript_uri("cafe", "a1", "t"))).startswith("No run 'cafe' is kept")


# -- what is none of ours


@pytest.mark.parametrize(
    "uri", ["", "file:///a.py", "soa-proposal:/a.py", "soa-proposal:/a.py?{", "soa-exchanges:/a.md?%7B%7D",
            "soa-proposal:/a.py?%7B%22uri%22%3A1%7D", "soa-exchanges:/a.md?[]", "soa-doctor:/a.md", "\ud800"]
)  # fmt: skip
async def test_what_is_no_document_of_ours_is_refused(open_editor, uri):
    editor = await open_editor()
    with pytest.raises(Refused, match="is no document of ours") as refused:
        await content(editor, uri)
    assert refused.value.code == INVALID


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///w/a%20b/m.py", "/w/a%20b/m.py"),
        ("file://host/share/m.pyi", "/share/m.pyi.py"),
        ("untitled:Untitled-1", "/Untitled-1.py"),
        ("vscode-notebook-cell:/w/n.ipynb#W0s", "/w/n.ipynb.py"),
        ("vscode-remote://wsl+x/w/ü.py?q", "/w/ü.py"),
    ],
)
def test_documents_of_proposals_look_like_python(uri, path):
    made = proposal_uri(uri, "Größe.f")
    assert made.partition("?")[0] == f"soa-proposal:{path}"
    assert query_of(made) == {"uri": uri, "name": "Größe.f"}
