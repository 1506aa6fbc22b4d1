"""Projects that mean harm: what Python, pytest and git run unasked runs in the sandbox, if it runs at all."""

from __future__ import annotations

import os

import pytest

from siege import candidates, storm
from siege.camp import HOLDING
from siege.replies import fenced, module
from siege.traps import customs, environment, shadows

OUTSIDE = 'def linked():\n    """Give seven.\n\n    >>> linked()\n    7\n    """\n'


def right(file):
    (honest,) = candidates("right")
    return honest.named(f"{file}_right")


@pytest.mark.parametrize("kind", HOLDING)
def test_what_lies_in_a_project_runs_nowhere_but_in_the_sandbox(camp, kind):
    test = "def test_it():\n    from projected import projected_right\n\n    assert projected_right() == 7\n"
    asked = right("projected")
    camp.write({**customs(camp), "projected.py": module([asked], ""), "tests/test_projected.py": test})
    after = storm(camp, kind, lambda _: fenced(asked.text), ["projected.py", "--attempts", "1"])
    assert after.harm == []
    assert after.unlike("verified") == {}


@pytest.mark.parametrize("kind", HOLDING)
def test_names_of_others_are_not_taken_for_them(camp, kind):
    asked = right("examples")
    camp.write({**shadows(camp), "examples.py": module([asked], "7")})
    after = storm(camp, kind, lambda _: fenced(asked.text), ["examples.py", "--attempts", "1"])
    assert after.harm == []
    assert after.unlike("verified") == {}


@pytest.mark.parametrize("kind", HOLDING)
def test_an_environment_in_a_project_runs_and_shows_nothing(camp, kind):
    hostile = next(c for c in candidates("files") if c.name == "reads_the_home")
    camp.write({**environment(camp), "files.py": module([hostile])})
    camp.link(".venv/bin/python", os.path.realpath(camp.python))
    after = storm(camp, kind, lambda _: fenced(hostile.text), ["files.py", "--attempts", "1"])
    assert after.harm == []
    assert after.unlike("verified") == {}


@pytest.mark.parametrize("kind", HOLDING)
def test_links_lead_nowhere(camp, kind):
    hostile = candidates("links")
    texts = {c.name: c.text for c in hostile}
    camp.write({"projects.py": module(hostile), "../../../beside/outside.py": OUTSIDE})
    places = {
        "to_home": camp.home, "to_key": camp.home / ".ssh/id_ed25519", "to_root": "/", "to_parent": "..",
        "to_env": ".env", "to_beside": camp.beside, "linked.py": camp.beside / "outside.py",
    }  # fmt: skip
    for name, target in places.items():
        camp.link(name, target)

    after = storm(camp, kind, lambda r: fenced(texts[r.name]), ["projects.py", "--attempts", "1"])
    assert after.harm == []
    assert after.unlike("verified") == {}
    reply = fenced("def linked():\n    return 7 if open(__file__).read() else 8")
    after = storm(camp, kind, lambda _: reply, ["linked.py", "--attempts", "1"])
    assert after.harm == []
    assert set(after.statuses.values()) <= {"verified", "unverified"}


@pytest.mark.parametrize("kind", HOLDING)
def test_keys_of_the_parts_of_a_project_are_hidden(camp, kind):
    hostile = candidates("parts")
    camp.write({"parts.py": module(hostile)})
    camp.write({f"backend/{name}": f"key = {camp.canary}\n" for name in (".env", ".env.production", ".git/config")})
    after = storm(camp, kind, lambda _: fenced(hostile[0].text), ["parts.py", "--attempts", "1"])
    assert after.harm == []
    assert after.unlike("verified") == {}
