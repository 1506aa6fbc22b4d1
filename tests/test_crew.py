"""A crew: what becomes of its agents' times, when a run is over, and when it is resumed."""

from __future__ import annotations

import pytest

from soa.contracts import Address, Status, Usage
from soa.crew import Crew
from soa.events import Event

WHERE = Address("m.py", "f")


def begun(model: str = "m") -> Event:
    return Event("r", "run-started", model=model)


def started(agent: str, parent: str = "") -> Event:
    return Event("r", "agent-started", agent, parent, "child", WHERE)


def ended(agent: str) -> Event:
    return Event("r", "agent-ended", agent, status=Status.VERIFIED)


def crew(*story: tuple[float, Event]) -> Crew:
    made = Crew()
    for at, event in story:
        made.hear(event, at)
    return made


def test_agents_take_as_long_as_events_say():
    made = crew((100.0, begun()), (101.0, started("a1")), (103.5, ended("a1")), (104.0, started("a2")))
    assert [agent.seconds(110.0) for agent in made.first] == [2.5, 6.0]
    assert (made.seconds, made.at_work, made.total) == (4.0, 1, 2)


def test_who_is_at_work_when_a_run_is_over_is_cancelled():
    made = crew((100.0, begun()), (101.0, started("a1")), (103.0, ended("a1")), (104.0, started("a2")))
    made.break_off(109.0)
    assert [(agent.status, agent.seconds(999.0)) for agent in made.first] == [
        (Status.VERIFIED, 2.0),
        (Status.CANCELLED, 5.0),
    ]
    assert (made.at_work, made.seconds) == (0, 9.0)


def test_without_a_time_it_is_over_since_the_last_event():
    made = crew((100.0, begun()), (101.0, started("a1")), (102.0, Event("r", "call-ended", "a1", usage=Usage(1, 5, 5))))
    made.break_off()
    (agent,) = made.first
    assert (agent.status, agent.seconds(999.0), made.seconds) == (Status.CANCELLED, 1.0, 2.0)


def test_the_time_until_a_run_is_resumed_does_not_count():
    made = crew((100.0, begun("m")), (101.0, started("a1")), (9000.0, begun("n")), (9001.0, started("a2")))
    first, second = made.first
    assert (first.status, first.seconds(9999.0)) == (Status.CANCELLED, 0.0)
    assert (second.status, made.at_work, made.total, made.model) == (None, 1, 2, "n")
    assert made.seconds == 2.0


def test_numbers_that_were_given_twice_do_not_confuse_it():
    made = crew((1.0, begun()), (2.0, started("a1")), (9.0, begun()), (9.5, started("a1")), (10.0, ended("a1")))
    assert [agent.status for agent in made.first] == [Status.CANCELLED, Status.VERIFIED]
    assert (made.total, made.at_work) == (2, 0)


@pytest.mark.parametrize(
    "event", [ended("a7"), Event("r", "tested", "a7", passed=3), Event("r", "warning", text="slow")]
)
def test_what_is_told_of_nobody_known_changes_nobody(event):
    made = crew((1.0, event))
    made.break_off()
    assert (made.first, made.total, made.at_work, made.passed) == ([], 0, 0, 0)


def test_an_agent_is_found_by_its_id():
    made = crew((1.0, begun()), (2.0, started("a1")))
    assert made.find("a1") is made.first[0]
    assert made.find("a2") is None


def test_who_changes_its_work_after_it_had_ended_is_at_work_again():
    asks = Event("r", "call-started", "a1", step="repair")
    made = crew((1.0, begun()), (2.0, started("a1")), (3.0, ended("a1")), (5.0, asks))
    (agent,) = made.first
    assert (made.at_work, agent.status, agent.doing, agent.seconds(9.0)) == (1, None, "repair", 7.0)
    made.hear(ended("a1"), 8.0)
    assert (made.at_work, agent.status, agent.seconds(9.0)) == (0, Status.VERIFIED, 6.0)


def test_who_did_not_end_by_itself_has_a_reason():
    made = crew((1.0, begun()), (2.0, started("a1")))
    made.break_off(4.0)
    assert made.first[0].reason == "its run has ended"
