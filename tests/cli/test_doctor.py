"""`soa doctor`: what works here and what to do."""

from __future__ import annotations

import json
import sys

import pytest

from soa.cli import soa
from soa.cli.boundary import guarded


@pytest.fixture
def doctor(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        code = guarded(soa, ["doctor", *arguments])
        return code, *capsys.readouterr()

    return call


def findings(out, part):
    return [finding for finding in json.loads(out) if finding["part"] == part]


def test_everything_works(doctor, loopback, tmp_path):
    code, out, _ = doctor("--json", "--base-url", loopback().url, "--sandbox", "process")
    assert code == 0
    assert list(json.loads(out)[0]) == ["part", "what", "works", "detail", "advice"]
    model = findings(out, "model")[0]
    assert (model["works"], model["detail"]) == (True, "loopback")
    (interpreter,) = findings(out, "interpreter")
    assert interpreter["what"] == sys.executable
    assert "with pytest" in interpreter["detail"]
    assert findings(out, "jedi")[0]["works"]
    assert findings(out, "store")[0]["what"].startswith(str(tmp_path))
    assert {finding["what"] for finding in findings(out, "sandbox")} == {"bubblewrap", "process"}


def test_the_table_says_what_to_do(doctor, loopback):
    code, out, _ = doctor("--base-url", loopback(models=("small", "large")).url)
    assert code == 1
    assert "--model NAME" in out
    assert "small" in out


def test_an_endpoint_that_is_down(doctor):
    code, out, err = doctor("--base-url", "http://127.0.0.1:9/v1", "--model", "m")
    assert code == 1
    assert "127.0.0.1:9" in out
    assert "Traceback" not in out + err


def test_an_interpreter_that_is_none(doctor, loopback, tmp_path):
    code, out, _ = doctor("--json", "--base-url", loopback().url, "--python", str(tmp_path / "python"))
    assert code == 1
    assert findings(out, "interpreter")[0]["works"] is False


def test_a_store_that_cannot_be_used(doctor, loopback, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    code, out, _ = doctor("--json", "--base-url", loopback().url)
    assert code == 1
    assert "XDG_DATA_HOME" in findings(out, "store")[0]["advice"]
