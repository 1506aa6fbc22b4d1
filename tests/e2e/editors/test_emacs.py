"""The server in a real Emacs with eglot, set up as the page for users says."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from e2e.stage import MODULE, RETYPED, accepted, documented, truth

if TYPE_CHECKING:
    from e2e.stage import Project

SCENARIOS = Path(__file__).parent / "emacs"
EMACS = shutil.which("emacs")


@cache
def can_run() -> bool:
    """Whether there is an Emacs with eglot."""
    asked = [EMACS or "emacs", "--batch", "--eval", "(progn (package-initialize) (require 'eglot))"]
    return EMACS is not None and subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.fixture(autouse=True)
def emacs(request: pytest.FixtureRequest) -> None:
    """Pass over these tests where there is no Emacs, unless they were asked for."""
    if not can_run() and request.config.getoption("markexpr") != "e2e":
        pytest.skip("Emacs with eglot is missing; `make e2e` installs it")


pytestmark = pytest.mark.e2e


def play(project: Project, scenario: str) -> dict[str, Any]:
    """Go through a scenario in Emacs."""
    init = project.record.with_name("init.el")
    init.write_text("(package-initialize)\n" + documented("elisp"))
    command = [EMACS or "emacs", "--batch", "-q", "-l", str(init), "-l", str(SCENARIOS / "drive.el")]
    return project.edit(*command, SCENARIO=str(SCENARIOS / f"{scenario}.el"))


def test_from_stub_to_saved_function(project, loopback):
    server = loopback(truth, latency=0.5)
    here = project(server.url)
    told = play(here, "accept")
    assert "total" in told["hover-before"]
    assert told["lenses-before"] == ["Implement", "Decompose"]
    assert any(title.startswith("Implement total") for title in told["actions-before"])
    assert "Accept total (✓ 2/2 tests)" in told["ready"]
    assert told["lenses"] == ["✓ 2/2 tests · Accept", "Diff", "Reject"]
    assert "return sum(amounts) * RATE" in told["hover"]
    assert told["accepted"] == accepted(MODULE, "total")
    assert told["undone"]
    assert here.text() == accepted(MODULE, "total")
    assert here.passes()
    assert len(server.requests) == 1
    assert not here.traffic().unanswered()


def test_saves_insert_what_is_verified_while_the_user_types(project, loopback):
    here = project(loopback(truth, latency=0.5).url)
    play(here, "apply")
    assert any("error" in line["message"] for line in here.lines() if line["from"] == "client")
    assert here.text() == "# typed while the run goes on\n" + accepted(RETYPED, "total")
    assert here.passes()
    here.traffic()
