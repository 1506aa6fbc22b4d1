"""The demo: the example project from stubs to a passing suite, and what it is promised to contain."""

from __future__ import annotations

import ast
import difflib
import os
import re
import subprocess
import sys

import pytest

from soa.agents.sizing import estimate
from soa.cli import soa
from soa.cli.boundary import guarded
from soa.demo import HERE, REPLIES
from soa.model.recorded import load_records
from soa.settings import Settings
from soa.source.stubs import find_stubs


def stubs():
    files = sorted((HERE / "project/src").rglob("*.py"))
    return [(file, stub) for file in files for stub in find_stubs(file.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The demo, run once: its end, and the folder with the result."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "soa", "demo", "--to", str(folder / "ledger")]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SOA_")}
    environment["XDG_DATA_HOME"] = str(folder / "data")
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=environment, timeout=120
    )
    return ended, folder


def test_the_demo_ends_with_verified_code(shown):
    ended, folder = shown
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "14 stubs in 5 modules" in ended.stdout
    assert "Its tests before: 0 of 20 pass." in ended.stdout
    assert "Its tests after: 20 of 20 pass." in ended.stdout
    assert ended.stdout.count("\nverified ") == 14
    assert re.search(r"^14 verified; \d+ agents, ", ended.stdout, re.MULTILINE)
    assert not (folder / "data").exists()


def test_a_wrong_reply_is_repaired_and_a_mother_has_a_mother_below_her(shown):
    lines = shown[0].stderr.splitlines()
    assert "asks     child   src/pocketledger/money.py::parse_amount  repair" in lines
    assert "asks     mother  src/pocketledger/textform.py::parse_journal  skeleton" in lines
    assert "asks     mother    src/pocketledger/textform.py::read_posting  skeleton" in lines
    assert "agent    child       src/pocketledger/textform.py::part_fields" in lines
    assert "agent    tester  src/pocketledger/reports.py::common_parent" in lines


def test_the_suite_passes_outside_of_the_sandbox_too(shown):
    suite = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(suite, cwd=shown[1] / "ledger", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_only_stubs_change(shown):
    for before in sorted(path for path in (HERE / "project").rglob("*.*") if "__pycache__" not in path.parts):
        after = shown[1] / "ledger" / before.relative_to(HERE / "project")
        old, new = (path.read_text(encoding="utf-8").splitlines() for path in (before, after))
        removed = [line[1:].strip() for line in difflib.ndiff(old, new) if line.startswith("-")]
        assert set(removed) <= {"...", "raise NotImplementedError"}
        assert old == new or "src" in before.parts


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert guarded(soa, ["demo", "--to", str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_without_a_sandbox_it_says_so(capsys):
    assert guarded(soa, ["demo", "--sandbox", "off"]) == 1
    assert "nothing can be run: the sandbox is off" in capsys.readouterr().err


def test_the_project_has_stubs_of_many_kinds():
    found = [stub for _, stub in stubs()]
    decorators = {d for stub in found for d in stub.contract.decorators}
    assert len(found) == 14
    assert {"property", "classmethod"} <= decorators
    assert any(stub.contract.is_async for stub in found)
    assert any("Iterator" in stub.contract.signature for stub in found)
    assert {stub.scope for stub in found} >= {"module", "class"}
    assert any(not stub.contract.examples for stub in found)


def test_one_stub_and_one_of_its_helpers_are_too_large_for_a_child():
    limit = Settings().size_limit
    large = [stub.contract.name for _, stub in stubs() if estimate(stub.contract).total > limit]
    assert large == ["parse_journal"]
    skeletons = {r.target.rpartition("::")[2]: r.text for r in load_records(REPLIES) if r.step == "skeleton"}
    code = skeletons["parse_journal"].partition("```python\n")[2].rpartition("```")[0]
    helpers = find_stubs(code)
    assert len(helpers) >= 3
    assert [h.contract.name for h in helpers if estimate(h.contract).total > limit] == ["read_posting"]
    assert set(skeletons) == {"parse_journal", "read_posting"}


@pytest.mark.parametrize("file", sorted((HERE / "project").rglob("*.py")), ids=lambda f: f.name)
def test_the_project_is_python(file):
    ast.parse(file.read_text(encoding="utf-8"))


def test_the_replies_come_in_different_forms():
    texts = [record.text for record in load_records(REPLIES) if record.step == "write"]
    assert any(not text.count("```") for text in texts)
    assert any(text.count("```") > 2 for text in texts)
    assert any(text.startswith("```") for text in texts)
    assert any("class " in text for text in texts)
    assert any('"""' in text for text in texts)
    assert any('"""' not in text for text in texts)
