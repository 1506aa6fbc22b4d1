"""Diagnostics: what they say in each state, where, and when a client has them already."""

from __future__ import annotations

import pytest
from attrs import evolve
from lsprotocol import types
from pygls.protocol import default_converter

from editor import PLAIN
from showing import LEDGER, failure, proposal_of, ready, running, stale, view_of
from soa.contracts import Status
from soa.lsp.diagnostics import diagnostics, findings, report
from soa.lsp.shown import Shown


def shown(view, encoding="utf-16"):
    return diagnostics(findings(view, encoding))


def post(**known):
    found = [d for d in shown(view_of(Ledger_post=known)) if d.data == {"name": "Ledger.post"}]
    return [(d.severity.name, d.code, d.message) for d in found]


def test_what_they_say():
    assert post() == [("Hint", "stub", "Ledger.post has no body yet: implement it with SoA")]
    assert post(**running()) == [("Hint", "running", "Ledger.post has no body yet: it is being written")]
    assert post(**ready()) == [("Hint", "ready", "Ledger.post has no body yet, but a proposal: ✓ 1/1 tests")]
    assert post(**failure("2 of 7 tests failed;\n example 1: got 2")) == [
        ("Warning", "failed", "Ledger.post could not be implemented: 2 of 7 tests failed; example 1: got 2")
    ]
    assert post(**stale()) == [
        ("Warning", "stale", "The contract of Ledger.post has changed since its proposal was made")
    ]


def test_they_stay_short_and_cannot_deceive():
    message = post(**failure("x\u202e\x07 " * 1000))[0][2]
    assert len(message) <= 300
    assert message.isprintable()


def test_they_stand_at_the_name():
    found = shown(view_of())[0]
    assert found.range == types.Range(types.Position(8, 8), types.Position(8, 12))
    assert (found.source, found.code) == ("soa", "stub")


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", 17), ("utf-16", 14), ("utf-32", 13)])
def test_positions_are_counted_as_the_client_does(encoding, end):
    found = shown(view_of('async def xé𐐀():\n    "Doc."\n'), encoding)[0]
    assert (found.range.start.character, found.range.end.character) == (10, end)


def test_a_name_that_python_reads_in_another_form():
    found = shown(view_of('def ﬁ():\n    "Doc."\n'))[0]
    assert found.range.start.line == found.range.end.line == 0


def test_what_is_wrong_with_the_workspace_is_said_once_and_only_where_it_matters():
    problem = "pyproject.toml cannot be read.\nCorrect it."
    found = shown(view_of(problem=problem, Ledger_post=ready()))
    assert [(d.severity.name, d.code, d.message) for d in found] == [
        ("Warning", "settings", "pyproject.toml cannot be read. Correct it.")
    ]
    assert found[0].range == types.Range(types.Position(0, 0), types.Position(0, 15))
    assert shown(view_of("x = 1\n", problem=problem)) == []


def test_where_nothing_may_run_stubs_are_shown_as_ever():
    assert shown(evolve(view_of(problem="There is no trust."), trusted=False)) == shown(view_of())


def test_a_client_that_has_them_gets_them_once():
    view = view_of(Ledger_post=ready())
    first = report(findings(view, "utf-16"), None)
    assert isinstance(first, types.RelatedFullDocumentDiagnosticReport)
    again = report(findings(view_of(Ledger_post=ready()), "utf-16"), first.result_id)
    assert again == types.RelatedUnchangedDocumentDiagnosticReport(first.result_id)


@pytest.mark.parametrize(
    "changed",
    [
        view_of(),
        view_of(Ledger_post=ready(proposal_of(status=Status.UNVERIFIED))),
        view_of("\n" + LEDGER[1:], Ledger_post=ready()),
        view_of("\n" + LEDGER, Ledger_post=ready()),
    ],
    ids=["rejected", "unverified", "a line break at the place of a character", "moved"],
)
def test_whatever_changes_is_sent(changed):
    known = report(findings(view_of(Ledger_post=ready()), "utf-16"), None).result_id
    assert isinstance(report(findings(changed, "utf-16"), known), types.RelatedFullDocumentDiagnosticReport)


def test_they_are_diagnostics_of_the_protocol():
    converter = default_converter()
    for one in shown(view_of(Ledger_post=failure(), parse=stale())):
        assert converter.structure(converter.unstructure(one), types.Diagnostic) == one


def test_what_a_client_was_given():
    given = Shown()
    assert (given.differs("a", 1, nothing=0), given.differs("a", 0, nothing=0)) == (True, False)
    assert not given.outdated("a", 1, lambda: 1)
    given.note("a", 1, 7)
    assert (given.differs("a", 7, nothing=0), given.differs("a", 0, nothing=0)) == (False, True)
    assert given.outdated("a", 1, lambda: 8)
    assert not given.outdated("a", 2, lambda: 8), "the client asks by itself after a change"
    assert (given.forget("a"), given.forget("a")) == (True, False)


# With a server

MODULE = """
    def double(n):
        \"\"\"Twice n.

        >>> double(2)
        4
        \"\"\"
"""
REPLIES = "=== write m.py::double\ndef double(n):\n    return n * 2\n"


def codes(params):
    return [d["code"] for d in params["diagnostics"]]


async def test_a_client_that_pulls_is_told_when_to_ask_again(open_editor, file):
    editor = await open_editor(REPLIES)
    uri = editor.open(file("m.py", MODULE))
    ask = {"textDocument": {"uri": uri}}
    first = await editor.request("textDocument/diagnostic", ask)
    assert (first["kind"], [d["code"] for d in first["items"]]) == ("full", ["stub"])
    known = {**ask, "previousResultId": first["resultId"]}
    assert (await editor.request("textDocument/diagnostic", known))["kind"] == "unchanged"
    await editor.execute("soa.implement", uri)
    await editor.wait_for("workspace/diagnostic/refresh")
    again = await editor.request("textDocument/diagnostic", known)
    assert [d["code"] for d in again["items"]] == ["ready"]
    assert not editor.seen("textDocument/publishDiagnostics")


async def test_others_are_sent_them_and_they_are_cleared_at_the_end(open_editor, file):
    editor = await open_editor(REPLIES, capabilities=PLAIN)
    uri = editor.open(file("m.py", MODULE))
    method = "textDocument/publishDiagnostics"
    assert codes(await editor.wait_for(method)) == ["stub"]
    await editor.execute("soa.implement", uri)
    await editor.wait_for(method, lambda p: codes(p) == ["ready"])
    before = len(editor.received)
    editor.replace(uri, 0, 0, "\n")
    moved = await editor.wait_for(method, after=before)
    assert (moved["version"], moved["diagnostics"][0]["range"]["start"]["line"]) == (2, 1)
    editor.close(uri)
    await editor.wait_for(method, lambda p: codes(p) == [])
    assert not editor.seen("workspace/diagnostic/refresh")


async def test_a_document_without_stubs_is_left_in_peace(open_editor, file):
    editor = await open_editor(REPLIES, capabilities=PLAIN)
    empty = editor.open(file("n.py", "x = 1\n"))
    other = editor.open(file("m.py", MODULE))
    await editor.wait_for("textDocument/publishDiagnostics", lambda p: p["uri"] == other)
    assert not editor.seen("textDocument/publishDiagnostics", lambda p: p["uri"] == empty)


async def test_documents_that_are_not_ours(open_editor):
    editor = await open_editor()
    report = await editor.request("textDocument/diagnostic", {"textDocument": {"uri": "untitled:x"}})
    assert (report["kind"], report["items"]) == ("full", [])
