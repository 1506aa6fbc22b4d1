"""Candidates that reach for what is outside: all must be refused, by their own account and by that of witnesses."""

from __future__ import annotations

import pytest

from siege import candidates, storm
from siege.camp import HOLDING
from siege.replies import fenced, module

THEMES = ("files", "network", "processes", "kernel")


@pytest.mark.parametrize("kind", HOLDING)
def test_nothing_is_reached(camp, kind):
    texts = {c.name: c.text for theme in (*THEMES, "honest") for c in candidates(theme)}
    files = {f"{theme}.py": module(candidates(theme)) for theme in (*THEMES, "honest")}
    camp.write(files)
    after = storm(camp, kind, lambda r: fenced(texts[r.name]), [*files, "--attempts", "1"])
    assert after.harm == []
    assert after.unlike("verified") == {}
