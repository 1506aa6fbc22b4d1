"""Code actions: what is offered where, to which client, and that resolving gives the edit or says why not."""

from __future__ import annotations

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from editor import PLAIN, Refused
from gated import GatedModel
from showing import LEDGER, URI, begins, failure, proposal_of, ready, running, stale, view_of
from soa.contracts import Candidate, Status
from soa.lsp.code_action import chosen, complete, resolve
from soa.lsp.traits import Traits
from soa.session.client import Change
from soa.source.edits import Edit

MODERN = Traits(
    action_disabled=True, action_resolve=True, action_data=True, action_tags=True, document_changes=True
)  # fmt: skip
OLD = Traits()
POST, BALANCE, PARSE = 8, 14, 19
"""Lines of the stubs."""


def at(first, last=None):
    return types.Range(types.Position(first, 0), types.Position(last if last is not None else first, 5))


def hint(name, line):
    return types.Diagnostic(at(line), "no body yet", source="soa", code="stub", data={"name": name})


def listed(view, where=None, traits=MODERN, *, only=None, automatic=False, diagnostics=()):
    where = where or at(POST)
    kind = types.CodeActionTriggerKind.Automatic if automatic else types.CodeActionTriggerKind.Invoked
    context = types.CodeActionContext(list(diagnostics), only, kind)
    return chosen(view, types.CodeActionParams(types.TextDocumentIdentifier(view.uri), where, context), traits)


def titles(found):
    return [a.title for a in found if a.disabled is None]


async def lost(uri, names, verified_only):
    return f"The contract of {names[0]} has changed since the proposal was made: implement it again."


async def insertion(uri, names, verified_only):
    """Says in its text what it was asked for."""
    said = f"{names} {verified_only}"
    return Change(uri, 1, "", (Edit(0, 0, said),), said, "Accept")


def test_no_light_bulb_shines_at_lines_without_a_stub():
    assert listed(view_of(), at(0), automatic=True) == []
    assert titles(listed(view_of(), at(0))) == ["Implement all 3 stubs of ledger.py with SoA"]
    saving = listed(view_of(Ledger_post=ready()), at(0), only=["source.soa.insertVerified"], automatic=True)
    assert titles(saving) == ["Insert all verified proposals (1)"]


def test_at_a_stub_without_a_proposal():
    found = listed(view_of())
    assert titles(found) == [
        "Implement Ledger.post with SoA",
        "Decompose Ledger.post only: a skeleton with stubs for its helpers",
        "Implement all 3 stubs of ledger.py with SoA",
    ]
    assert {a.kind for a in found} == {"refactor.rewrite.soa"}
    assert found[0].command == types.Command(
        found[0].title, "soa.implement", arguments=[{"uri": URI, "name": "Ledger.post"}]
    )
    assert found[-1].command.command == "soa.implementFile"


def test_anywhere_in_the_stub_but_not_elsewhere():
    view = view_of(Ledger_post=running(begins("a1")))
    assert [titles(listed(view, at(line)))[0] for line in (8, 10, 12)] == ["Cancel the run for Ledger.post"] * 3
    assert titles(listed(view_of(), at(2))) == ["Implement all 3 stubs of ledger.py with SoA"]
    assert titles(listed(view_of("x = 1\n"), at(0))) == []


def test_a_position_outside_of_the_document_counts_as_its_end():
    view = view_of("def f():\n    'Doc.'")
    assert titles(listed(view, at(4000, 5000)))[0] == "Implement f with SoA"


def test_a_diagnostic_gets_its_quick_fix_in_the_place_of_the_same_refactoring():
    found = listed(view_of(), diagnostics=[hint("Ledger.post", POST), hint("parse", PARSE)])
    first = found[0]
    assert (first.title, first.kind) == ("Implement Ledger.post with SoA", "quickfix.soa")
    assert [d.data for d in first.diagnostics] == [{"name": "Ledger.post"}]
    assert len(titles(found)) == len(set(titles(found))) == 3


def test_a_ready_proposal():
    found = listed(view_of(Ledger_post=ready()), diagnostics=[hint("Ledger.post", POST)])
    assert titles(found) == [
        "Accept Ledger.post (✓ 1/1 tests)",
        "Show the proposal for Ledger.post as a diff",
        "Regenerate Ledger.post with SoA",
        "Decompose Ledger.post only: a skeleton with stubs for its helpers",
        "Reject the proposal for Ledger.post",
        "Implement all 2 stubs of ledger.py with SoA",
        "Insert all verified proposals (1)",
    ]
    accept = found[0]
    assert (accept.kind, accept.is_preferred) == ("quickfix.soa", True)
    assert (accept.edit, accept.command, accept.data) == (None, None, {"uri": URI, "name": "Ledger.post"})


def test_only_what_is_verified_is_preferred():
    unverified = ready(proposal_of(status=Status.UNVERIFIED, results=(), reason="no test"))
    found = listed(view_of(Ledger_post=unverified), diagnostics=[hint("Ledger.post", POST)])
    assert (found[0].title, found[0].is_preferred) == ("Accept Ledger.post (? not verified)", None)
    assert "Insert all verified proposals (1)" not in titles(found)


def test_a_skeleton_can_be_accepted_or_implemented_after_all():
    skeleton = proposal_of(status=Status.UNVERIFIED, results=(), skeleton=True, candidate=Candidate("return 1"))
    found = titles(listed(view_of(Ledger_post=ready(skeleton))))
    assert found[0] == "Accept Ledger.post (Skeleton)"
    assert "Implement Ledger.post with SoA" in found


def test_after_a_failure_and_after_a_change_of_the_contract():
    found = listed(view_of(Ledger_post=failure("2 of 7 tests failed")), diagnostics=[hint("Ledger.post", POST)])
    assert (found[0].title, found[0].kind) == ("Retry Ledger.post with SoA", "quickfix.soa")
    assert "Reject the proposal for Ledger.post" in titles(found)
    assert titles(listed(view_of(Ledger_post=stale())))[0] == "Implement Ledger.post with SoA"


def test_what_cannot_be_done_says_why_where_the_client_can_show_it():
    def disabled(traits=MODERN, **known):
        found = listed(view_of(Ledger_post=known or {}), traits=traits)
        return {a.title: a.disabled.reason for a in found if a.disabled}

    assert disabled() == {"Accept Ledger.post": "There is no proposal for Ledger.post yet: implement it first."}
    assert disabled(**running()) == {"Implement Ledger.post with SoA": "Ledger.post is still being written."}
    assert "tests failed" in next(iter(disabled(**failure("2 tests failed")).values()))
    assert "has changed" in next(iter(disabled(**stale()).values()))
    assert disabled(OLD) == {}


def test_where_nothing_can_be_implemented_the_action_says_why():
    problem = "pyproject.toml cannot be read."
    found = listed(view_of(problem=problem))
    assert [(a.title, a.disabled.reason) for a in found] == [("Implement Ledger.post with SoA", problem)]
    assert listed(view_of(problem=problem), traits=OLD) == []
    busy = listed(view_of(problem=problem, Ledger_post=running()), traits=OLD)
    assert [(a.title, a.command.command) for a in busy] == [("Cancel the run for Ledger.post", "soa.cancel")]


def test_a_selection_over_several_stubs():
    view = view_of(Ledger_balance=ready(proposal_of(name="Ledger.balance")))
    found = listed(view, at(0, 25))
    assert titles(found)[:2] == ["Accept 1 proposal", "Implement 2 stubs with SoA"]
    assert found[1].command.arguments == [{"uri": URI, "names": ["Ledger.post", "parse"]}]
    assert found[0].data == {"uri": URI, "name": "Ledger.balance"}


def test_the_remark_of_a_comment_is_shown():
    text = LEDGER.replace(
        "        ...\n", "        # soa: use the sum of the list, and no loop at all, please\n        ...\n"
    )
    view = view_of(text, Ledger_balance=ready(proposal_of(text, "Ledger.balance")))
    assert "Regenerate Ledger.balance: use the sum of the list, and no loop…" in titles(listed(view, at(BALANCE)))


@pytest.mark.parametrize(
    ("only", "kinds"),
    [
        ([""], {"quickfix.soa", "refactor.rewrite.soa", "source.soa.insertVerified"}),
        (["quickfix"], {"quickfix.soa"}),
        (["quickfix.soa"], {"quickfix.soa"}),
        (["refactor"], {"refactor.rewrite.soa"}),
        (["refactor.rewrite"], {"refactor.rewrite.soa"}),
        (["refactor.extract"], set()),
        (["source"], {"source.soa.insertVerified"}),
        (["source.soa"], {"source.soa.insertVerified"}),
        (["source.soa.insertVerified"], {"source.soa.insertVerified"}),
        (["source.so", "source.organizeImports"], set()),
        (["quickfix", "source"], {"quickfix.soa", "source.soa.insertVerified"}),
        ([], set()),
    ],
)
def test_only_the_kinds_that_are_asked_for(only, kinds):
    assert {a.kind for a in listed(view_of(Ledger_post=ready()), only=only)} == kinds


def test_every_action_from_which_code_of_a_model_comes_says_so():
    found = listed(view_of(Ledger_post=ready()))
    untagged = [a.title for a in found if a.tags != [types.CodeActionTag.LlmGenerated] and not a.disabled]
    assert untagged == ["Show the proposal for Ledger.post as a diff", "Reject the proposal for Ledger.post"]
    assert not any(a.tags for a in listed(view_of(), traits=OLD))


async def test_resolving_gives_the_edit():
    for only, asked in ((["refactor"], "['Ledger.post'] False"), (["source"], "[] True")):
        action = listed(view_of(Ledger_post=ready()), only=only)[0]
        resolved = await resolve(action, insertion, MODERN)
        assert resolved.edit.document_changes[0].edits[0].new_text == asked
        assert (resolved.title, resolved.data) == (action.title, action.data)


async def test_resolving_what_went_stale_says_why():
    action = listed(view_of(Ledger_post=ready()))[0]
    with pytest.raises(JsonRpcException, match=r"The contract of Ledger\.post has changed"):
        await resolve(action, lost, MODERN)


@pytest.mark.parametrize("data", ["x", 3, {}, {"uri": 1}, {"uri": "a", "names": [1]}, {"uri": "a", "name": {}}])
async def test_resolving_what_is_not_ours_is_refused(data):
    with pytest.raises(JsonRpcException, match="none of SoA's"):
        await resolve(types.CodeAction("Sort imports", data=data), insertion, MODERN)


async def test_resolving_a_command_leaves_it_alone():
    action = listed(view_of())[0]
    assert await resolve(action, lost, MODERN) == action


async def finished(view, *, automatic=False, only=None, change=insertion, traits=OLD):
    kind = types.CodeActionTriggerKind.Automatic if automatic else types.CodeActionTriggerKind.Invoked
    context = types.CodeActionContext([], only, kind)
    found = listed(view, traits=traits, only=only, automatic=automatic)
    return {a.title: done for a in found if (done := await complete(a, context, change, traits))}


async def test_a_client_that_cannot_resolve_gets_the_edit_at_once():
    view = view_of(Ledger_post=ready())
    accept = (await finished(view))["Accept Ledger.post (✓ 1/1 tests)"]
    assert (accept.edit.changes[URI][0].new_text, accept.command, accept.data) == ("['Ledger.post'] False", None, None)
    on_save = await finished(view, only=["source.soa.insertVerified"], automatic=True)
    assert [a.edit.changes[URI][0].new_text for a in on_save.values()] == ["[] True"]
    assert "Insert all verified proposals (1)" not in await finished(view)


async def test_such_a_client_that_asks_by_itself_gets_a_command():
    accept = (await finished(view_of(Ledger_post=ready()), automatic=True))["Accept Ledger.post (✓ 1/1 tests)"]
    assert (accept.edit, accept.command.command) == (None, "soa.accept")
    assert accept.command.arguments == [{"uri": URI, "name": "Ledger.post"}]


async def test_an_edit_that_cannot_be_made_is_left_out_or_says_why():
    view = view_of(Ledger_post=ready())
    showing = Traits(action_disabled=True)
    found = await finished(view, change=lost, traits=showing)
    assert "has changed" in found["Accept Ledger.post (✓ 1/1 tests)"].disabled.reason
    assert "Accept Ledger.post (✓ 1/1 tests)" not in await finished(view, change=lost)


# With a server

MODULE = """
    def double(n):
        \"\"\"Twice n.

        >>> double(2)
        4
        \"\"\"


    def triple(n):
        \"\"\"Thrice n.

        >>> triple(2)
        6
        \"\"\"
"""
REPLIES = """
    === write m.py::double
    from math import prod

    def double(n):
        return prod((2, n))
    === write m.py::triple
    def triple(n):
        return n * 3
"""


async def actions(editor, uri, line=0, last=None, **context):
    where = {"start": {"line": line, "character": 0}, "end": {"line": last or line, "character": 5}}
    found = await editor.request(
        "textDocument/codeAction",
        {"textDocument": {"uri": uri}, "range": where, "context": {"diagnostics": [], **context}},
    )
    return {action["title"]: action for action in found}


async def ready_editor(open_editor, file, **options):
    editor = await open_editor(REPLIES, **options)
    uri = editor.open(file("m.py", MODULE))
    await editor.execute("soa.implementFile", uri)
    return editor, uri


async def test_accepting_by_an_action_puts_the_proposal_in(open_editor, file):
    editor, uri = await ready_editor(open_editor, file)
    accept = (await actions(editor, uri))["Accept double (✓ 1/1 tests)"]
    assert "edit" not in accept
    resolved = await editor.request("codeAction/resolve", accept)
    assert resolved["edit"]["documentChanges"][0]["textDocument"] == {"uri": uri, "version": 1}
    assert editor.apply(resolved["edit"]) == ""
    assert editor.text(uri).startswith("from math import prod\n\n\ndef double(n):")
    assert "    return prod((2, n))\n" in editor.text(uri)
    assert "return n * 3" not in editor.text(uri)


async def test_all_that_is_verified_on_save(open_editor, file):
    editor, uri = await ready_editor(open_editor, file)
    found = await actions(editor, uri, 0, 20, only=["source.soa.insertVerified"], triggerKind=2)
    (resolved,) = [await editor.request("codeAction/resolve", action) for action in found.values()]
    assert editor.apply(resolved["edit"]) == ""
    assert "return prod((2, n))" in editor.text(uri)
    assert "return n * 3" in editor.text(uri)


async def test_an_edit_for_a_plain_client(open_editor, file):
    waiting = {**PLAIN, "window": {"workDoneProgress": True}}
    editor, uri = await ready_editor(open_editor, file, capabilities=waiting)
    accept = (await actions(editor, uri, 8))["Accept triple (✓ 1/1 tests)"]
    assert editor.apply(accept["edit"]) == ""
    assert "return n * 3" in editor.text(uri)


async def test_what_changed_between_listing_and_choosing_is_refused_with_a_reason(open_editor, file):
    editor, uri = await ready_editor(open_editor, file)
    accept = (await actions(editor, uri))["Accept double (✓ 1/1 tests)"]
    place = editor.text(uri).index("Twice")
    editor.replace(uri, place, place + 5, "Three times")
    with pytest.raises(Refused, match="contract of double has changed"):
        await editor.request("codeAction/resolve", accept)
    editor.replace(uri, place, place + 11, "Twice")
    resolved = await editor.request("codeAction/resolve", accept)
    assert resolved["edit"]["documentChanges"][0]["textDocument"]["version"] == 3


async def test_listing_and_resolving_ask_no_model(open_editor, file):
    model = GatedModel()
    editor = await open_editor(model)
    uri = editor.open(file("m.py", MODULE))
    for action in (await actions(editor, uri, 0, 20)).values():
        if "command" not in action:
            await editor.request("codeAction/resolve", action)
    assert not model.count


async def test_diagnostics_and_their_quick_fixes(open_editor, file):
    editor = await open_editor(REPLIES)
    uri = editor.open(file("m.py", MODULE))
    report = await editor.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    hints = [d for d in report["items"] if d["range"]["start"]["line"] == 0]
    (fix,) = (await actions(editor, uri, diagnostics=hints, only=["quickfix"])).values()
    assert (fix["title"], fix["kind"], fix["diagnostics"]) == ("Implement double with SoA", "quickfix.soa", hints)
    answer = await editor.execute(fix["command"]["command"], *fix["command"]["arguments"])
    assert [stub["status"] for stub in answer["stubs"]] == ["verified"]


async def test_documents_that_are_not_ours(open_editor):
    editor = await open_editor()
    assert await actions(editor, "untitled:x") == {}
