"""Which of the project's tests are chosen, from names and from what was seen."""

from __future__ import annotations

import pytest

from soa.agents.coverage import MOST, MOST_LEARNED, choose


@pytest.mark.parametrize(
    ("named", "seen", "chosen"),
    [
        ("", {}, ""),
        ("a b", {}, "a b"),
        ("a b", {"a": False}, "b"),
        ("a b", {"a": False, "b": False}, "a b"),
        ("a b", {"a": False, "b": False, "c": True}, "c"),
        ("a b", {"c": True, "b": True}, "a b c"),
        ("", {"c": True, "d": False}, "c"),
    ],
)
def test_what_is_known_corrects_what_names_say(named, seen, chosen):
    assert choose(named.split(), seen) == tuple(chosen.split())


def test_there_is_an_end_to_it():
    named = [f"n{i}" for i in range(100)]
    found = choose(named, {f"s{i}": True for i in range(100)})
    assert len(found) == MOST
    assert found[: MOST - MOST_LEARNED] == tuple(named[: MOST - MOST_LEARNED])
    assert found[MOST - MOST_LEARNED :] == tuple(f"s{i}" for i in range(MOST_LEARNED))
