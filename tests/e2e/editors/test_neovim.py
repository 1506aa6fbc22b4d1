"""The server in a real Neovim, set up as the page for users says; the model is a real endpoint on this machine."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from e2e.stage import MODULE, RETYPED, WORDS, accepted, documented, silence, truth

if TYPE_CHECKING:
    from e2e.stage import Project

SCENARIOS = Path(__file__).parent / "neovim"
INSTALLED = Path(sys.executable).with_name("nvim")
NEOVIM = str(INSTALLED) if INSTALLED.exists() else shutil.which("nvim")


@pytest.fixture(autouse=True)
def neovim(request: pytest.FixtureRequest) -> None:
    """Pass over these tests where the package index has no Neovim and none is installed, unless they were asked for."""
    if NEOVIM is None and request.config.getoption("markexpr") != "e2e":
        pytest.skip("there is no Neovim, and the package index has none for this machine")


pytestmark = pytest.mark.e2e


def play(project: Project, scenario: str, settings: str = "") -> dict[str, Any]:
    """Open `amounts.py` in Neovim and go through a scenario."""
    init = project.record.with_name("init.lua")
    init.write_text(documented("lua") + settings)
    drive = f"luafile {SCENARIOS / 'drive.lua'}"
    command = [NEOVIM or "nvim", "--headless", "-n", "-i", "NONE", "-u", str(init), "amounts.py", "-c", drive]
    return project.edit(*command, SCENARIO=str(SCENARIOS / f"{scenario}.lua"))


def test_from_stub_to_saved_function(project, loopback):
    server = loopback(truth)
    here = project(server.url)
    told = play(here, "accept")
    assert told["before"]["lens"] == "Implement"
    assert "total" in told["before"]["hover"]
    assert told["ready"] == "✓ 2/2 tests · Accept"
    assert told["lenses"] == ["✓ 2/2 tests · Accept", "Diff", "Reject"]
    assert "return sum(amounts) * RATE" in told["hover"]
    assert told["undone"]
    assert told["redone"]
    assert here.text() == accepted(MODULE, "total")
    assert here.passes()
    assert len(server.requests) == 1
    traffic = here.traffic()
    assert not traffic.unanswered()
    assert not traffic.unfinished()


def test_slow_runs_are_cancelled(project, loopback):
    server = loopback(silence)
    here = project(server.url)
    told = play(here, "cancel", "vim.lsp.config('soa', { settings = { soa = { onSave = 'off' } } })")
    assert "agents · Cancel" in told["running"] or "waiting" in told["running"]
    assert here.answer_to(told["withdrawn"])["error"]["code"] == -32800
    assert here.text() == MODULE
    for _ in server.requests:
        assert server.left.acquire(timeout=60)
    assert not here.traffic().unanswered()


def test_saves_propose_in_the_background(project, loopback):
    server = loopback(truth)
    here = project(server.url)
    told = play(here, "propose")
    assert told["servers"] == 1
    assert told["first"] == "✓ 2/2 tests · Accept"
    assert told["second"] == "✓ 1/1 tests · Accept"
    assert here.text() == accepted(RETYPED, "total")
    assert 'return "".join' in here.text("words.py")
    assert here.text("words.py").startswith(WORDS.partition("    ...")[0])
    assert here.passes()
    assert len(server.requests) == 2
    assert not here.traffic().unanswered()


def test_saves_insert_what_is_verified_while_the_user_types(project, loopback):
    here = project(loopback(truth, latency=0.5).url)
    play(here, "apply", "vim.lsp.config('soa', { settings = { soa = { onSave = 'apply' } } })")
    assert here.text() == "# typed while the run goes on\n" + accepted(RETYPED, "total")
    assert here.passes()
    here.traffic()


def test_an_edit_that_comes_late_harms_nothing(project, loopback):
    here = project(loopback(truth).url)
    told = play(here, "late")
    typed = "# typed\n# just before\n# typed before\n"
    assert told["text"] == typed + MODULE
    assert here.text() == typed + accepted(MODULE, "total")
    here.traffic()


def test_quitting_ends_a_run(project, loopback):
    server = loopback(silence)
    here = project(server.url)
    play(here, "quit")
    assert server.left.acquire(timeout=60)
    here.traffic()


def test_a_proposal_outlives_the_window(project, loopback):
    server = loopback(truth)
    here = project(server.url)
    play(here, "implement")
    here.lines()
    here.record.unlink()
    assert play(here, "reopen")["lens"] == "✓ 2/2 tests · Accept"
    assert here.text() == accepted(MODULE, "total")
    assert len(server.requests) == 1
    here.traffic()
