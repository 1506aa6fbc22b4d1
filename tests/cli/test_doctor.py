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
    assert list(json.loads(out)[0]) == ["part", "what", "works", "detail", "advice", "models", "base_url", "automatic"]
    model = findings(out, "model")[0]
    assert (model["works"], model["detail"]) == (True, "loopback")
    assert all(f["models"] == [] and f["base_url"] == "" for f in json.loads(out) if f["part"] != "model")
    (interpreter,) = findings(out, "interpreter")
    assert interpreter["what"] == sys.executable
    assert "with pytest" in interpreter["detail"]
    assert findings(out, "jedi")[0]["works"]
    assert findings(out, "store")[0]["what"].startswith(str(tmp_path))
    assert {finding["what"] for finding in findings(out, "sandbox")} == {"zygote", "landlock", "process"}


def test_each_kind_of_sandbox_is_told_and_which_one_auto_takes(doctor, monkeypatch, tmp_path):
    _, out, _ = doctor("--json")
    assert [(f["what"], f["works"], f["automatic"]) for f in findings(out, "sandbox")] == [
        ("zygote", True, True),
        ("landlock", True, False),
        ("process", True, False),
    ]
    monkeypatch.setenv("PATH", str(tmp_path))
    _, out, _ = doctor()
    assert "sandbox      no     zygote: bubblewrap is missing.\n" in out
    assert "Install bubblewrap: apt install bubblewrap" in out
    assert "sandbox      works  landlock, taken by auto: One wall" in out
    assert "sandbox      works  process: No sandbox" in out


def test_the_table_says_what_to_do(doctor, loopback):
    code, out, _ = doctor("--base-url", loopback(models=("small", "large")).url)
    assert code == 1
    assert "--model NAME" in out
    assert "small" in out


def test_all_models_are_told_and_where_to_ask_them(doctor, loopback):
    names = [f"m{n:02}" for n in range(30)]
    server = loopback(models=tuple(names))
    url = server.url.replace("//", "//user:s3cret@")
    _, out, err = doctor("--json", "--base-url", url, "--model", "m07")
    configured, *here = findings(out, "model")
    assert (configured["works"], configured["models"], configured["base_url"]) == (True, names, server.url)
    assert "and 25 more" in configured["detail"]
    assert "s3cret" not in out + err
    assert "http://127.0.0.1:11434/v1" in {finding["base_url"] for finding in here}


def test_a_flag_that_is_empty_is_not_given(doctor, loopback, monkeypatch):
    server = loopback()
    monkeypatch.setenv("SOA_BASE_URL", server.url)
    code, out, _ = doctor("--json", "--base-url", "", "--model", "", "--python", "", "--sandbox", "process")
    assert code == 0
    assert findings(out, "model")[0]["base_url"] == server.url
    assert findings(out, "interpreter")[0]["what"] == sys.executable


def test_recorded_replies_are_no_endpoint(doctor, tmp_path):
    (tmp_path / "replies.txt").write_text("=== write f\ndef f():\n    return 1\n", encoding="utf-8")
    _, out, _ = doctor("--json", "--model", "recorded:replies.txt")
    (model,) = findings(out, "model")
    assert (model["works"], model["models"], model["base_url"]) == (True, [], "")


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
