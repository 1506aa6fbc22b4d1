"""Candidates that are wrong and try to be told as right, against all three kinds of tests."""

from __future__ import annotations

from textwrap import indent

import pytest

from siege import candidates, storm
from siege.camp import HOLDING
from siege.replies import fenced, module

ORIGINS = {"examples": "doctest", "asserted": "generated", "projected": "project"}
UNJUDGED = {"ends_pytest", "pretends_to_be_blocked", "raises_system_exit"}
"""Those that may also end up without any verdict."""


def functions(file):
    """What is asked for in a file: each forger under a name of its own, and at last an honest function."""
    forgers = [c.named(f"{file}_{c.name}") for c in candidates("forging")]
    (honest,) = candidates("right")
    return [*forgers, honest.named(f"{file}_right")]


def project_tests(names):
    """A test for each name, as a project has them."""
    tests = (f"def test_{name}():\n    from projected import {name}\n\n    assert {name}() == 7\n" for name in names)
    return "\n\n".join(tests)


@pytest.mark.parametrize("kind", HOLDING)
def test_no_result_is_forged(camp, kind):
    asked = {file: functions(file) for file in ORIGINS}
    texts = {c.name: c.text for file in ORIGINS for c in asked[file]}
    files = {f"{file}.py": module(asked[file], "7" if file == "examples" else "") for file in ORIGINS}
    camp.write({**files, "tests/test_projected.py": project_tests(c.name for c in asked["projected"])})

    def answer(request):
        return f"assert {request.name}() == 7" if request.step == "tests" else fenced(texts[request.name])

    after = storm(camp, kind, answer, [*files, "--attempts", "1", "--generate-tests", "missing"])
    assert after.harm == []
    verified = {name for name, status in after.statuses.items() if status == "verified"}
    assert verified == {f"{file}.py::{file}_right" for file in ORIGINS}, indent(str(after.reasons), "  ")
    assert {file: {e["origin"] for e in after.evidence[f"{file}.py::{file}_right"]} for file in ORIGINS} == {
        file: {origin} for file, origin in ORIGINS.items()
    }
    odd = {n: said for n, said in after.unlike("failed").items() if n.partition("_")[2] not in {"right", *UNJUDGED}}
    assert odd == {}
