"""Contracts and candidates from plain source, read by the real finder and the real readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soa.agents.harvest import Harvest, Known, harvest
from soa.agents.replies import Answer, Refusal, read_reply
from soa.source.definitions import class_names
from soa.source.scopes import visible_names
from soa.source.stubs import find_stubs

if TYPE_CHECKING:
    from soa.contracts import Contract


def contract_of(text: str, qualname: str = "") -> Contract:
    """The contract of a text's stub; of the first one, if no name is given."""
    return next(s.contract for s in find_stubs(text) if qualname in ("", s.contract.qualname))


def answer_to(reply: str, text: str, qualname: str = "", *, cut: bool = False) -> Answer:
    """What is read in a reply to a text's stub."""
    answer = read_reply(reply, contract_of(text, qualname), cut=cut)
    assert isinstance(answer, Answer), answer.reason
    return answer


def refusal_of(reply: str, text: str, qualname: str = "", *, cut: bool = False) -> str:
    """Why a reply to a text's stub cannot be read."""
    answer = read_reply(reply, contract_of(text, qualname), cut=cut)
    assert isinstance(answer, Refusal), answer.body
    return answer.reason


def known_in(text: str, qualname: str, module_name: str = "") -> Known:
    """The names around a stub."""
    owner = qualname.rpartition(".")[0]
    return Known(visible_names(text, qualname), class_names(text, owner) if owner else frozenset(), module_name)


def harvest_of(reply: str, text: str, qualname: str = "", *, known: Known | None = None) -> Harvest:
    """What is taken from a reply to a text's stub."""
    contract = contract_of(text, qualname)
    return harvest(answer_to(reply, text, qualname), contract, known or known_in(text, contract.qualname))
