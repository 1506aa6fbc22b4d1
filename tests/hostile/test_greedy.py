"""Candidates that take more than is theirs, and those that do not end: refused or ended, and nothing is left."""

from __future__ import annotations

import re

import pytest

from siege import candidates, storm
from siege.camp import HOLDING
from siege.replies import fenced, module

ENDED = re.compile("got (used more|wrote more|wrote too much|made too many files|ran out of time)|passed and failed")
"""Why a sandbox ends what it cannot refuse; on a busy machine only one of two runs may come as far as that."""
TIMED = ("loops", "loops_deaf", "computes_for_ever", "matches_for_ever", "sleeps", "gives_up_its_parent")


@pytest.mark.parametrize("kind", HOLDING)
def test_nobody_takes_more_than_is_theirs(camp, kind):
    texts = {c.name: c.text for theme in ("greedy", "honest") for c in candidates(theme)}
    camp.write({f"{theme}.py": module(candidates(theme)) for theme in ("greedy", "honest")})
    arguments = ["greedy.py", "honest.py", "--attempts", "1", "--test-seconds", "10"]
    after = storm(camp, kind, lambda r: fenced(texts[r.name]), arguments)
    assert after.harm == []
    assert {name: said for name, said in after.unlike("verified").items() if not ENDED.search(said)} == {}
    assert after.statuses["honest.py::finds_nothing"] == "verified"


@pytest.mark.parametrize("kind", HOLDING)
def test_what_does_not_end_is_ended(camp, kind):
    texts = {c.name: c.text for theme in ("stubborn", "right") for c in candidates(theme)}
    camp.write({"stubborn.py": module(candidates("stubborn")), "right.py": module(candidates("right"), "7")})
    arguments = ["stubborn.py", "right.py", "--attempts", "1", "--test-seconds", "1"]
    after = storm(camp, kind, lambda r: fenced(texts[r.name]), arguments)
    assert after.harm == []
    assert after.unlike("failed") == {"right.py::right": "verified: "}
    assert all("ran out of time" in after.reasons[f"stubborn.py::{name}"] for name in TIMED), after.reasons
