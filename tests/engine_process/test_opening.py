"""One way to an engine, for the terminal as for editors."""

from __future__ import annotations

import json

import pytest

from soa.cli import soa
from soa.cli.boundary import guarded
from soa.engine.opening import find_model
from soa.errors import FileProblem
from soa.model import Reply
from soa.settings import Settings


@pytest.fixture
def terminal(project, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        code = guarded(soa, ("implement", str(project.root / "ledger.py"), "--json", *arguments))
        return code, *capsys.readouterr()

    return call


def test_the_terminal_replays_recorded_replies_of_the_workspace(terminal, project):
    code, out, _ = terminal("--model", "recorded:replies.txt", "--write")
    assert code == 0
    assert [s["status"] for s in json.loads(out)["stubs"]] == ["verified", "verified"]
    assert "return n * 3" in (project.root / "ledger.py").read_text()


def test_a_repository_may_name_recorded_replies(terminal, project):
    project.file("pyproject.toml", '[tool.soa]\nmodel = "recorded:replies.txt"\n')
    assert terminal()[0] == 0


@pytest.mark.parametrize("name", ["editor", "editor:small"])
def test_the_terminal_has_no_editor_to_ask(terminal, name):
    code, _, err = terminal("--model", name)
    assert code == 2
    assert f"The model {name!r} is an editor's own, and there is no editor here." in err
    assert "OPENAI_API_KEY" in err


async def test_a_model_that_only_sounds_like_an_editors_is_one_of_the_endpoint(tmp_path):
    settings = Settings(model="editorial", base_url="http://127.0.0.1:1/v1")
    model = await find_model(tmp_path, settings, ask=_silent)
    assert (type(model).__name__, model.name) == ("OpenAIModel", "editorial")
    await model.close()


async def test_a_file_without_replies_is_named(tmp_path):
    (tmp_path / "empty.txt").touch()
    with pytest.raises(FileProblem, match=r"empty\.txt holds no recorded reply"):
        await find_model(tmp_path, Settings(model="recorded:empty.txt"))


async def _silent(query):
    return Reply("")
