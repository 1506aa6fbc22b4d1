"""Proposals at hand by contract: what is stale, what was rejected, what was inserted before."""

from __future__ import annotations

from attrs import evolve

from showing import LEDGER, RELATIVE, ROOT, failed, proposal_of
from soa.contracts import Status
from soa.session.desk import Desk
from soa.session.views import Kept, Key

CHANGED = LEDGER.replace("Add an amount", "Add one amount")


def kept_for(text: str = LEDGER, **changes: object) -> tuple[Key, Kept]:
    proposal = proposal_of(text, **changes)
    return Key(ROOT, RELATIVE, proposal.contract.digest), Kept(proposal, 1.0)


def test_a_proposal_is_for_its_contract_and_stale_for_another():
    desk = Desk()
    key, kept = kept_for()
    now, _ = kept_for(CHANGED)
    desk.keep(key, kept)
    assert desk.get(key) is kept
    assert desk.get(now) is None
    assert desk.former(now, "Ledger.post") is kept
    assert desk.former(key, "Ledger.post") is None
    assert desk.former(now, "Ledger.balance") is None
    assert desk.former(evolve(now, relative="other.py"), "Ledger.post") is None


def test_what_failed_without_code_makes_nothing_stale():
    desk = Desk()
    key, kept = kept_for(results=[failed()], status=Status.FAILED, candidate=None)
    now, _ = kept_for(CHANGED)
    desk.keep(key, kept)
    assert desk.former(now, "Ledger.post") is None


def test_what_is_rejected_is_gone_until_it_is_made_anew():
    desk = Desk()
    key, kept = kept_for()
    desk.keep(key, kept)
    desk.reject(key)
    assert desk.get(key) is None
    assert not desk.recall(key, kept)
    now, _ = kept_for(CHANGED)
    assert desk.former(now, "Ledger.post") is None
    desk.keep(key, kept)
    assert desk.get(key) is kept


def test_rejecting_a_former_proposal_leaves_the_present_one():
    desk = Desk()
    (key, kept), (now, present) = kept_for(), kept_for(CHANGED)
    desk.keep(key, kept)
    desk.keep(now, present)
    desk.reject(key)
    assert desk.get(now) is present
    assert desk.former(key, "Ledger.post") is present


def test_what_comes_from_the_store_replaces_nothing():
    desk = Desk()
    key, kept = kept_for()
    assert desk.recall(key, kept)
    assert not desk.recall(key, evolve(kept, at=2.0))
    assert desk.get(key) is kept


def test_what_was_inserted_stays_at_hand_and_is_not_stale():
    desk = Desk()
    key, kept = kept_for()
    desk.keep(key, kept)
    assert not desk.was_inserted(key)
    desk.note_inserted(key)
    assert desk.was_inserted(key)
    assert desk.get(key) is kept
    now, _ = kept_for(CHANGED)
    assert desk.former(now, "Ledger.post") is None
    desk.keep(key, evolve(kept, at=2.0))
    assert not desk.was_inserted(key)


def test_the_last_word_of_a_run_counts_if_its_first_still_lies_there():
    desk = Desk()
    key, kept = kept_for()
    final = evolve(kept, at=2.0)
    desk.keep(key, kept)
    desk.note_inserted(key)
    assert desk.replace(key, kept, final)
    assert desk.get(key) is final
    assert desk.was_inserted(key)
    assert not desk.replace(key, kept, evolve(kept, at=3.0))
    desk.reject(key)
    assert not desk.replace(key, final, kept)
    assert desk.get(key) is None
