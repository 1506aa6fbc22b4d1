"""The extension in a real VS Code, installed as users do; the model is a real endpoint on this machine."""

from __future__ import annotations

import json
import venv
from typing import TYPE_CHECKING

import pytest

from e2e.stage import BODIES, MODULE, RETYPED, WORDS, accepted, lay_out, silence, truth
from e2e.vscode.staging import BUILD, HERE, example, only_adds, packed, play, recorded, recording_python
from loopback import Hang

if TYPE_CHECKING:
    from e2e.stage import Project
    from loopback import ChatRequest, Fault

pytestmark = pytest.mark.e2e
KEY = "sk-entered-by-hand"
MEASURED = BUILD / "activation.txt"
"""What `make e2e` prints."""
SKELETON = '''```python
def total(amounts: list[int]) -> int:
    return _scaled(_summed(amounts))


def _scaled(amount: int) -> int:
    """The amount times RATE.

    >>> _scaled(3)
    6
    """


def _summed(amounts: list[int]) -> int:
    """The sum of the amounts.

    >>> _summed([1, 2])
    3
    """
```'''


@pytest.fixture(autouse=True)
def vscode(request: pytest.FixtureRequest) -> None:
    """Pass over these tests, which take minutes and need much, unless they were asked for."""
    if request.config.getoption("markexpr") != "e2e":
        pytest.skip("`make e2e` runs them, and installs what they need")


def settle(project: Project, settings: dict[str, str]) -> None:
    """Write settings of the workspace's."""
    (project.folder / ".vscode").mkdir()
    (project.folder / ".vscode" / "settings.json").write_text(json.dumps(settings))


def one_hangs(request: ChatRequest) -> str | Fault:
    """A model that splits, and one of whose helpers never comes."""
    if request.step == "skeleton":
        return SKELETON
    return "def _scaled(amount):\n    return amount * RATE" if request.name == "_scaled" else Hang()


def test_from_stubs_to_a_saved_file(project, loopback):
    here = project(loopback(recorded, latency=1.0).url, example)
    money = "src/pocketledger/money.py"
    before = here.text(money)
    told = play(here, "implement", file=money)
    assert told["lenses"] == ["Implement", "Decompose"]
    assert "has no body yet" in told["hover"]
    assert told["links"] == ["Implement", "Decompose"]
    assert told["ready"] == "✓ 6/6 tests · Accept"
    assert "parse_amount" in told["rows"][0]
    assert told["rows"][1].startswith("  parse_amount")
    assert any("Implement `parse_amount`" in line for line in told["exchanges"])
    assert told["diff-buttons"][:2] == ["Accept Proposal (Ctrl+Alt+Enter)", "Reject Proposal (Ctrl+Alt+Backspace)"]
    assert told["tabs-after"] == ["money.py"]
    MEASURED.write_text(f"VS Code says of the extension: {told['activation']}\n")
    assert told["actions"][:2] == [
        "Implement format_amount with SoA",
        "Decompose format_amount only: a skeleton with stubs for its helpers",
    ]
    after = here.text(money)
    assert only_adds(before, after)
    assert "import re\n" in after
    assert here.passes("tests/test_money.py", "-k", "amount")
    assert not here.traffic().unanswered()


def test_saving_in_both_modes_and_ghost_text(project, loopback):
    here = project(loopback(truth).url)
    settle(here, {"soa.onSave": "propose"})
    told = play(here, "saves")
    assert told["proposed"] == "✓ 2/2 tests · Accept"
    assert here.text() == accepted(RETYPED, "total")
    words = WORDS.replace("first letters", "initial letters")
    assert here.text("words.py") == accepted(words.replace("    ...\n", ""), "initials")
    assert here.passes()
    assert not here.traffic().unanswered()


def test_slow_runs_are_cancelled_everywhere(project, loopback):
    server = loopback(silence)
    here = project(server.url)
    told = play(here, "cancel")
    assert "Cancel" in told["running"]
    assert here.text() == MODULE
    for _ in server.requests:
        assert server.left.acquire(timeout=60)
    assert not here.traffic().unanswered()


def test_one_subtree_is_stopped(project, loopback):
    server = loopback(one_hangs)
    here = project(server.url)
    told = play(here, "subtree", settings={"soa.sizeLimit": 0, "soa.depth": 1})
    assert [row.strip().split()[0] for row in told["before"]] == ["total", "total", "_scaled", "_summed"]
    assert told["after"][3].endswith(" · child · stopped")
    assert server.left.acquire(timeout=60)
    here.traffic()


def test_a_skeleton_is_edited_and_the_rest_implemented(project, loopback):
    here = project(loopback(recorded).url, example)
    file = "src/pocketledger/textform.py"
    before = here.text(file)
    told = play(here, "decompose", file=file)
    assert only_adds(before, here.text(file))
    assert "Split up a journal" in here.text(file)
    assert told["notifications"] == []
    here.traffic()


def test_nothing_runs_where_the_user_does_not_trust(project, loopback):
    users, workspaces = loopback(truth), loopback(truth)
    here = project(users.url)
    spy = here.record.with_name("spy")
    python = here.record.with_name("workspaces-python")
    python.write_text(f'#!/bin/sh\ntouch {spy}\nexec {here.record.with_name("python")} "$@"\n')
    python.chmod(0o755)
    settle(here, {"soa.interpreter": str(python), "soa.baseUrl": workspaces.url, "soa.onSave": "apply"})
    told = play(here, "trust", trust=True, spy=str(spy))
    assert told["lens"] == "stub · workspace not trusted"
    assert "trust" in told["hover"]
    assert not told["interpreter-untrusted"]
    assert "soa.implement" not in str(told["commands"])
    assert told["trusted"] == "✓ 2/2 tests · Accept"
    assert spy.exists()
    assert (len(users.requests), len(workspaces.requests)) == (0, 1)


def test_keys_are_kept_and_a_killed_server_comes_back(project, loopback):
    server = loopback(truth, key=KEY)
    here = project(server.url)
    told = play(here, "keys", key=KEY, environ={"OPENAI_API_KEY": ""}, expected="wants a key|ended unexpectedly")
    assert told["box"]["hidden"]
    assert told["answered"] == "✓ 2/2 tests · Accept"
    assert told["earlier"][0] == "Earlier runs"
    assert any("2/2 tests" in row and "child" in row for row in told["earlier"])
    assert told["after-restart"] == "✓ 1/1 tests · Accept"
    assert told["told"] == [told["killed"]["text"]]
    assert here.text("words.py") == accepted(WORDS.replace("    ...\n", ""), "initials")
    place = here.record.parent
    kept = [file for file in place.rglob("*") if file.is_file() and "browser" not in file.parts]
    assert [str(file) for file in kept if KEY.encode() in file.read_bytes() and file.name != "stage.json"] == []


def test_folders_of_a_window_have_settings_of_their_own(project, loopback):
    first, second = loopback(truth), loopback(truth)
    here = project(first.url)
    other = here.folder.with_name("other")
    lay_out(other)
    (other / ".vscode").mkdir()
    (other / ".vscode" / "settings.json").write_text(json.dumps({"soa.baseUrl": second.url}))
    both = here.folder.with_name("both.code-workspace")
    both.write_text(json.dumps({"folders": [{"path": str(here.folder)}, {"path": str(other)}]}))
    told = play(here, "folders", folder=str(both))
    assert (told["first"], told["second"]) == ("✓ 2/2 tests · Accept", "✓ 1/1 tests · Accept")
    assert [[request.name for request in server.requests] for server in (first, second)] == [["total"], ["initials"]]
    assert any("other" in choice for choice in told["choices"])
    assert not here.traffic().unanswered()


def test_documents_of_the_server_follow_what_happens_and_outlive_it(project, loopback):
    here = project(loopback(truth, latency=3.0).url)
    told = play(here, "documents", expected="The SoA server has ended unexpectedly")
    assert "    return sum(amounts) * RATE" in told["transcript"]
    assert told["line"] == "Ln 8, Col 1"
    assert told["tabs-with-diff"] == ["amounts.py", "amounts.py: total (verified, 2/2 tests)"]
    assert told["tabs-after"] == ["amounts.py"]
    assert here.text() == accepted(MODULE, "total")


def test_models_interpreters_and_the_doctor(project, loopback, tmp_path):
    here = project(loopback(truth, models=("loopback", "small")).url)
    (tmp_path / "answer").write_text(BODIES["total"])
    extensions = [packed(HERE / "extensions" / name, tmp_path) for name in ("model", "python")]
    environ = {
        "TEST_FIRST": str(recording_python(here)),
        "TEST_SECOND": "/usr/bin/python3",
        "TEST_ASKED": str(tmp_path / "asked"),
        "TEST_ANSWER": str(tmp_path / "answer"),
    }
    settings = {"soa.interpreter": "", "chat.disableAIFeatures": False}
    told = play(here, "models", settings=settings, extensions=extensions, environ=environ, other="/usr/bin/python3")
    assert told["answered"] == "✓ 2/2 tests · Accept"
    assert "Parrot" in told["doctor"] or "parrot" in told["doctor"]
    assert "Implement `total`" in (tmp_path / "asked").read_text()


def test_beginners_find_their_way(project, loopback):
    """On a bare Python, without a network: what is compiled comes from the extension."""
    server = loopback(truth)
    here = project(server.url)
    bare = here.record.with_name("bare")
    venv.create(bare, with_pip=False)
    settings = {"soa.interpreter": str(bare / "bin" / "python")}
    environ = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_NO_INDEX": "1"}
    told = play(here, "beginning", folder="", file="", settings=settings, environ=environ)
    assert len(told["steps"]) >= 4
    assert "Accept" in told["recorded"]
    assert server.requests == []
    assert list(here.record.parent.glob("vscode/User/globalStorage/soa.*/natives/*/tree_sitter"))
