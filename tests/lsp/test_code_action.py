"""Code actions: what is offered where, to which client, and that resolving gives the edit or says why not."""

from __future__ import annotations

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

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
        "Accept Ledger.post (✓ 1/1 test)",
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
    accept = (await finished(view))["Accept Ledger.post (✓ 1/1 test)"]
    assert (accept.edit.changes[URI][0].new_text, accept.command, accept.data) == ("['Ledger.post'] False", None, None)
    on_save = await finished(view, only=["source.soa.insertVerified"], automatic=True)
    assert [a.edit.changes[URI][0].new_text for a in on_save.values()] == ["[] True"]
    assert "Insert all verified proposals (1)" not in await finished(view)


async def test_such_a_client_that_asks_by_itself_gets_a_command():
    accept = (await finished(view_of(Ledger_post=ready()), automatic=True))["Accept Ledger.post (✓ 1/1 test)"]
    assert (accept.edit, accept.command.command) == (None, "soa.accept")
    assert accept.command.arguments == [{"uri": URI, "name": "Ledger.post"}]


async def test_an_edit_that_cannot_be_made_is_left_out_or_says_why():
    view = view_of(Ledger_post=ready())
    showing = Traits(action_disabled=True)
    found = await finished(view, change=lost, traits=showing)
    assert "has changed" in found["Accept Ledger.post (✓ 1/1 test)"].disabled.reason
    assert "Accept Ledger.post (✓ 1/1 test)" not in await finished(view, change=lost)
