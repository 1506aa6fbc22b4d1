"""Candidates that spoil the place for the next run: each is followed by a repair that looks for what they left."""

from __future__ import annotations

import pytest

from siege import candidates, storm
from siege.camp import HOLDING
from siege.replies import fenced, module


@pytest.mark.parametrize("kind", HOLDING)
def test_the_next_run_finds_nothing(camp, kind):
    hostile = candidates("poison")
    texts = {c.name: c.text for c in hostile}
    (honest,) = candidates("honest")
    camp.write({"poison.py": module(hostile), "honest.py": module([honest])})

    def answer(request):
        poisons = request.step == "write" and request.name in texts
        return fenced(texts[request.name] if poisons else honest.named(request.name).text)

    after = storm(camp, kind, answer, ["poison.py", "honest.py", "--attempts", "2"])
    assert after.harm == []
    assert after.unlike("verified") == {}
    repaired = {name for name, calls in after.calls.items() if calls == 2}
    assert repaired == {f"poison.py::{name}" for name in texts}
