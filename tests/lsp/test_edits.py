from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol.converters import get_converter
from lsprotocol.types import AnnotatedTextEdit, WorkspaceEdit

from editor import CAPABILITIES, PLAIN, Refused
from gated import GatedModel
from metamodel import conform
from soa.contracts import Candidate, Helper
from soa.lsp.edits import CHANGED, CLOSED, apply_changes, text_edits, workspace_edit
from soa.lsp.traits import Traits
from soa.session.client import Change
from soa.source.edits import Edit, apply
from soa.source.splice import splice
from soa.source.stubs import find_stubs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsprotocol.types import TextEdit

ENCODINGS = ("utf-8", "utf-16", "utf-32")
CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
WIDTHS = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
STRANGE = "'😀 e\u0301 \u2028 \f \x85 ünï \U0001f468\u200d\U0001f469'"
MODULE = f'''\
"""{STRANGE}"""
x = {STRANGE}; y = "\f"


class Größe:
    """{STRANGE}"""

    def post(self, ä, *, e=\'😀\'):
        """Do 😀 it, e\u0301 and all.

        >>> 1
        1
        """  # 😀
        ...  # kept 😀

    def other(self): return {STRANGE}
'''


def in_editor(text: str, edits: Sequence[TextEdit | AnnotatedTextEdit], encoding: str) -> str:
    """The text after edits, as an editor applies them that counts in bytes of its own encoding."""
    codec, width = CODECS[encoding], WIDTHS[encoding]
    starts = [0, *(m.end() for m in re.finditer("\r\n|\r|\n", text))]
    data = text.encode(codec, "surrogatepass")

    def place(position) -> int:
        before = len(text[: starts[position.line]].encode(codec, "surrogatepass"))
        return before + position.character * width

    for edit in reversed(edits):
        start, end = place(edit.range.start), place(edit.range.end)
        data = data[:start] + edit.new_text.encode(codec, "surrogatepass") + data[end:]
    return data.decode(codec, "surrogatepass")


def change(before: str, edits: Sequence[Edit], uri: str = "file:///m.py", version: int | None = 3) -> Change:
    return Change(uri, version, before, tuple(edits), apply(before, edits), "Accept post", detail="7/7 tests")


def accept_post(text: str) -> Change:
    candidate = Candidate(
        "total = _sum('😀')\nreturn total", (Helper("_sum", "def _sum(a):\n    return a"),), ("import os",)
    )
    stub = next(s for s in find_stubs(text) if s.contract.name == "post")
    made = splice(text, [(stub, candidate)])
    return Change("file:///m.py", 1, text, made.edits, made.text, "Accept Größe.post")


def as_json(edit: WorkspaceEdit) -> dict:
    written = get_converter().unstructure(edit)
    conform(written, WorkspaceEdit, "edit")
    return written


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_proposal_arrives_unharmed(encoding, line_end):
    found = accept_post(MODULE.replace("\n", line_end))
    edits = text_edits(found, encoding)
    assert in_editor(found.before, edits, encoding) == found.after
    assert sum(len(e.new_text) for e in edits) < 120, "no edit replaces the whole document"


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_any_edits_arrive_as_they_are(data):
    alphabet = st.sampled_from("ab\r\n\f\v\u2028\x85é😀\u0301\ud800")
    text = data.draw(st.text(alphabet, max_size=40))
    offsets = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = list(zip(offsets[::2], offsets[1::2], strict=False))
    edits = [Edit(start, end, data.draw(st.text(alphabet, max_size=5))) for start, end in spans]
    wanted = change(text, [e for e in edits if not splits_twice(text, e, edits)])
    for encoding in ENCODINGS:
        assert in_editor(text, text_edits(wanted, encoding), encoding) == wanted.after


def splits_twice(text: str, edit: Edit, edits: Sequence[Edit]) -> bool:
    """Whether another edit begins in the very line end that this one ends in; no splice does that."""
    return any(
        edit is not e and abs(e.start - edit.end) < 2 and "\r\n" in text[edit.end - 1 : e.start + 1] for e in edits
    )


def test_an_insertion_between_cr_and_lf_replaces_both():
    (edit,) = text_edits(change("a\r\nb", [Edit(2, 2, "x")]), "utf-16")
    assert edit.new_text == "\rx\n"


def test_a_client_with_versions_and_annotations_gets_both():
    edit = workspace_edit([change("a\n", [Edit(0, 1, "b")])], Traits(document_changes=True, change_annotations=True))
    assert as_json(edit) == {
        "documentChanges": [
            {
                "textDocument": {"uri": "file:///m.py", "version": 3},
                "edits": [
                    {
                        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}},
                        "newText": "b",
                        "annotationId": "soa0",
                    }
                ],
            }
        ],
        "changeAnnotations": {
            "soa0": {"label": "Accept post", "needsConfirmation": False, "description": "7/7 tests"},
        },
    }


def test_a_file_that_is_not_open_has_no_version():
    edit = workspace_edit([change("a", [], version=None)], Traits(document_changes=True))
    assert as_json(edit)["documentChanges"][0]["textDocument"] == {"uri": "file:///m.py", "version": None}


def test_an_old_client_gets_plain_changes():
    first, second = change("a", [Edit(0, 0, "b")]), change("c", [Edit(1, 1, "d")], "file:///n.py")
    written = as_json(workspace_edit([first, second], Traits()))
    assert list(written) == ["changes"]
    assert [e["newText"] for edits in written["changes"].values() for e in edits] == ["b", "d"]


def test_each_document_has_an_annotation_of_its_own():
    traits = Traits(document_changes=True, change_annotations=True)
    edit = workspace_edit([change("a", [Edit(0, 0, "b")]), change("c", [Edit(1, 1, "d")], "file:///n.py")], traits)
    used = [e["annotationId"] for part in as_json(edit)["documentChanges"] for e in part["edits"]]
    assert used == list(edit.change_annotations) == ["soa0", "soa1"]


# -- over the connection

POST = "import os\n\ndef post(self, ä, *, e='😀'):\n    return _sum('😀', ä)\n\ndef _sum(a, b):\n    return os.sep\n"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_accepting_changes_nothing_else_in_the_editor(open_editor, project, encoding, line_end):
    capabilities = {**CAPABILITIES, "general": {"positionEncodings": [encoding]}}
    editor = await open_editor(GatedModel(ready={"Größe.post": POST}), capabilities=capabilities)
    before = MODULE.replace("\n", line_end)
    uri = editor.open((project / "m.py").as_uri(), "# old" + line_end + before)
    editor.replace(uri, 0, len("# old" + line_end), "")
    assert (await editor.execute("soa.implement", uri, "Größe.post"))["problem"] == ""
    told = await editor.request("soa/proposal", {"uri": uri, "name": "Größe.post"})
    assert await editor.execute("soa.accept", uri, "Größe.post") == {
        "applied": True,
        "reason": "",
        "names": ["Größe.post"],
    }
    assert editor.text(uri) == told["text"] == editor.server.session.snapshot(uri).text
    assert editor.encoding == encoding
    kept = [line for line in before.split(line_end) if line.strip() and "..." not in line]
    assert [line for line in editor.text(uri).split(line_end) if line in kept] == kept


async def test_a_late_edit_is_not_sent(open_editor, file):
    editor = await open_editor(capabilities=PLAIN)
    uri = editor.open(file("m.py", "x = 1\n"))
    late = change("x = 1\n", [Edit(0, 0, "y")], uri, version=1)
    editor.replace(uri, 0, 1, "z")
    await editor.request("soa/runs")
    assert await apply_changes(editor.server, [late]) == CHANGED
    editor.close(uri)
    await editor.request("soa/runs")
    assert await apply_changes(editor.server, [late]) == CLOSED
    assert not editor.seen("workspace/applyEdit")


async def test_an_edit_of_a_file_that_was_opened_meanwhile_is_not_sent(open_editor, file):
    editor = await open_editor()
    uri = editor.open(file("m.py", "x = 1\n"))
    await editor.request("soa/runs")
    assert await apply_changes(editor.server, [change("x = 1\n", [], uri, version=None)]) == CHANGED


def complain(_):
    raise Refused({"code": -32603, "message": "no such buffer"})


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (complain, "the editor refused the edit: no such buffer"),
        (lambda _: {"applied": False}, CHANGED),
        (lambda _: {"applied": False, "failureReason": "read-only"}, "read-only"),
        (lambda _: {"applied": True}, ""),
        (lambda _: None, "the editor refused the edit: The client's answer cannot be read."),
    ],
)
async def test_what_the_editor_answers_becomes_the_reason(open_editor, file, answer, reason):
    editor = await open_editor()
    editor.answers["workspace/applyEdit"] = answer
    uri = editor.open(file("m.py", "x = 1\n"))
    await editor.request("soa/runs")
    assert await apply_changes(editor.server, [change("x = 1\n", [Edit(0, 1, "y")], uri, version=1)]) == reason
