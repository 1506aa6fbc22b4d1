"""The launcher: what it finds missing, how it installs that, and whom it starts SoA for."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from attrs import evolve

ALL = ["tree-sitter", "tree-sitter-python", "pydantic-core", "jiter"]
SUPPOSED = {
    "pydantic_core": ('__version__ = "2.0.0"\n', ["pydantic-core"]),
    "tree_sitter": ("class Language: ...\n", ["tree-sitter-python"]),
    "jiter": ("def from_json(data): ...\n", ["jiter"]),
}
"""Packages that are there and do not fit the rest, and what is missing then besides what is not there."""
TAG = sysconfig.get_config_var("EXT_SUFFIX").split(".")[1]
PRETENCE = """
import runpy, sys
sys.version_info = (3, 9, 7)
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
OLD = [name for minor in range(6, 11) if (name := shutil.which(f"python3.{minor}"))]


@pytest.fixture
def index(bundled, tmp_path):
    """A package index of our own on this machine."""
    for wheel in (bundled / "wheels").iterdir():
        folder = tmp_path / "index" / wheel.name.split("-")[0].replace("_", "-")
        folder.mkdir(parents=True)
        shutil.copy(wheel, folder)

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=tmp_path / "index")) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def test_a_bare_interpreter_lacks_all_natives(launcher):
    found = launcher.check()
    assert found == {
        "python": ".".join(map(str, sys.version_info[:3])),
        "executable": str(launcher.python),
        "supported": True,
        "ready": False,
        "missing": ALL,
        "message": f"{launcher.python} lacks what SoA needs: {', '.join(ALL)}.",
    }
    assert not launcher.storage.exists()


def test_carried_wheels_are_installed_without_a_network(launcher):
    status, said = launcher.install()
    assert (status, [list(line) for line in said]) == (0, [["step"], ["step"], ["done"]])
    assert said[0]["step"].startswith("Installing jiter ")
    found = launcher.check()
    assert (found["ready"], found["missing"], found["message"]) == (True, [], "")
    [name] = launcher.stored()
    assert said[-1]["done"] == str(launcher.storage / name)
    assert name.rpartition("-")[0] == TAG


def test_what_is_there_is_not_installed_again(installed):
    [name] = installed.stored()
    before = (installed.storage / name).stat().st_ino
    assert installed.install() == (0, [{"done": str(installed.storage / name)}])
    assert (installed.storage / name).stat().st_ino == before


def test_what_is_not_carried_comes_from_the_index_of_pip_s_configuration(light, index):
    launcher = light(index=index, environ={"PIP_USER": "1", "PIP_REQUIRE_VIRTUALENV": "1"})
    status, said = launcher.install()
    assert status == 0
    assert said[0]["step"].startswith("Downloading jiter ")
    assert launcher.check()["ready"]


def test_without_wheels_and_without_an_index_it_says_what_to_do(light):
    launcher = light()
    status, said = launcher.install()
    assert status == 1
    assert said[-1]["error"] == "The package index cannot be reached."
    assert f"`{launcher.python} -m pip install jiter==" in said[-1]["advice"]
    assert "soa.interpreter" in said[-1]["advice"]
    assert launcher.stored() == []
    assert launcher.check()["missing"] == ALL


def test_an_index_without_fitting_wheels_is_told_in_pip_s_words(light, index, tmp_path):
    shutil.rmtree(tmp_path / "index" / "tree-sitter")
    status, said = light(index=index).install()
    assert status == 1
    assert said[-1]["error"].startswith("pip: No matching distribution found for tree-sitter==")


def test_a_storage_that_cannot_be_made_is_told(launcher):
    launcher.storage.write_text("a file")
    status, said = launcher.install()
    assert status == 1
    assert said == [
        {"error": f"The packages cannot be put into {launcher.storage}: File exists.", "advice": said[0]["advice"]}
    ]


@pytest.fixture
def equipped(launcher, storage, make_bare):
    """The launcher with an interpreter that has natives of its own, and the folder where they are."""
    python = make_bare()
    site = next(python.parent.parent.glob("lib/python*/site-packages"))
    shutil.copytree(next(storage.iterdir()), site, dirs_exist_ok=True)
    return evolve(launcher, python=python), site


def test_natives_of_the_environment_are_taken(equipped):
    launcher, _ = equipped
    assert launcher.check()["ready"]
    assert not launcher.storage.exists()


@pytest.mark.parametrize("module", SUPPOSED)
def test_natives_of_the_environment_that_do_not_fit_are_missing_until_ours_are_there(equipped, storage, module):
    launcher, site = equipped
    text, lacking = SUPPOSED[module]
    shutil.rmtree(site / module)
    (site / f"{module}.py").write_text(text)
    assert launcher.check()["missing"] == lacking
    shutil.copytree(storage, launcher.storage)
    assert launcher.check()["ready"]


def test_two_windows_may_install_at_once(launcher):
    windows = [launcher.start("install", str(launcher.storage)) for _ in range(2)]
    ends = [(window.communicate(timeout=120)[0].splitlines()[-1], window.returncode) for window in windows]
    assert {status for _, status in ends} == {0}
    assert {json.loads(line)["done"] for line, _ in ends} == {
        str(launcher.storage / name) for name in launcher.stored()
    }
    assert launcher.check()["ready"]


def test_what_was_killed_half_way_is_never_used(launcher):
    with launcher.start("install", str(launcher.storage)) as process:
        assert "Installing" in process.stdout.readline()
        process.kill()
    [name] = launcher.stored()
    assert name.startswith(".new-")
    assert launcher.check()["missing"] == ALL


def test_what_is_cancelled_leaves_nothing_behind(launcher):
    with launcher.start("install", str(launcher.storage)) as process:
        assert "Installing" in process.stdout.readline()
        process.terminate()
        assert process.communicate(timeout=120) == ("", "")
    assert process.returncode == 1
    assert launcher.stored() == []


def test_a_damaged_folder_is_replaced(installed):
    [name] = installed.stored()
    shutil.rmtree(installed.storage / name / "jiter")
    assert installed.check()["missing"] == ["jiter"]
    assert installed.install()[0] == 0
    assert installed.check()["ready"]
    assert installed.stored() == [name]


def test_natives_in_other_versions_go_and_those_of_other_interpreters_stay(installed):
    [current] = installed.stored()
    for name in (f"{TAG}-0123456789ab", "cpython-399-abacus-0123456789ab", ".new-young", ".new-old"):
        (installed.storage / name).mkdir(parents=True)
    os.utime(installed.storage / ".new-old", (0, 0))
    assert installed.install()[0] == 0
    assert installed.stored() == sorted([".new-young", "cpython-399-abacus-0123456789ab", current])


def test_other_versions_live_in_another_folder(installed, bundled, tmp_path):
    newer = tmp_path / "newer" / "bundled"
    newer.mkdir(parents=True)
    shutil.copy(bundled / "start.py", newer)
    (newer / "libs").symlink_to(bundled / "libs")
    (newer / "natives.txt").write_text("jiter==99.0\n")
    assert installed.check()["ready"]
    assert evolve(installed, script=newer / "start.py").check()["missing"] == ALL


def test_it_is_started_isolated_or_not_at_all(launcher):
    command = [launcher.python, launcher.script, "check"]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == "start.py must be started as: PYTHON -I start.py COMMAND\n"


def test_old_pythons_can_read_it(bundled):
    ast.parse((bundled / "start.py").read_text(), feature_version=(3, 6))


def old_ones(launcher):
    """The old interpreters of this machine that work, and this one with the word that it is old."""
    yield [str(launcher.python), "-I", "-c", PRETENCE, str(launcher.script)]
    for python in OLD:
        if subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0:
            yield [python, "-I", str(launcher.script)]


def test_an_old_python_is_told_so(launcher):
    for old in old_ones(launcher):
        run = partial(subprocess.run, check=False, capture_output=True, text=True)
        found = json.loads(run([*old, "--natives", str(launcher.storage), "check"]).stdout)
        assert (found["supported"], found["ready"], found["missing"]) == (False, False, [])
        assert found["message"].startswith("SoA needs Python 3.11 or newer; ")
        served = run([*old, "serve", "--stdio"])
        assert (served.returncode, served.stdout, served.stderr) == (2, "", found["message"] + "\n")
        installed = run([*old, "install", str(launcher.storage)])
        assert installed.returncode == 1
        assert json.loads(installed.stdout)["error"] == found["message"]
