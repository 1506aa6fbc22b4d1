"""Candidates that reach for what is outside: all must be refused, by their own account and by that of witnesses."""

from __future__ import annotations

import os

import pytest

from siege import Camp, candidates, storm
from siege.camp import HOLDING, camps, plain_user
from siege.replies import fenced, module

THEMES = ("files", "network", "processes", "kernel")


@pytest.fixture(params=["ourselves", "plain user"])
def camp(request):
    yield from camps(os.getuid() if request.param == "ourselves" else plain_user())


@pytest.mark.parametrize("kind", HOLDING)
def test_nothing_is_reached(camp: Camp, kind):
    texts = {c.name: c.text for theme in THEMES for c in candidates(theme)}
    camp.write({f"{theme}.py": module(candidates(theme)) for theme in THEMES})
    after = storm(
        camp,
        kind,
        lambda r: fenced(texts[r.name]),
        ["files.py", "network.py", "processes.py", "kernel.py", "--attempts", "1"],
    )
    assert after.harm == []
    assert after.unlike("verified") == {}
