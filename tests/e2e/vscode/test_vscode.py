"""The extension in a real VS Code, installed as users do; the model is a real endpoint on this machine."""

from __future__ import annotations

import pytest

from e2e.vscode.staging import example, play, recorded

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def vscode(request: pytest.FixtureRequest) -> None:
    """Pass over these tests, which take minutes and need much, unless they were asked for."""
    if request.config.getoption("markexpr") != "e2e":
        pytest.skip("`make e2e` runs them, and installs what they need")


def test_from_stubs_to_a_saved_file(project, loopback):
    here = project(loopback(recorded, latency=0.5).url, example)
    told = play(here, "implement", file="src/pocketledger/money.py")
    assert told["lenses"] == ["Implement", "Decompose"]
