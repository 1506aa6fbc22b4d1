"""`soa stubs` and `soa check`, and what is said where a target is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from soa.cli import soa
from soa.cli.boundary import guarded

LEDGER = '''\
"""A ledger."""
from typing import overload
from abc import abstractmethod


def total(amounts):
    """Add up."""


def done():
    """Is done."""
    return True


def bare():
    pass


class Ledger:
    """Entries."""

    @property
    def size(self):
        """How many."""

    @size.setter
    def size(self, value):
        """Set how many."""
        raise NotImplementedError

    async def post(self, entry):
        """Add an entry."""
        ...

    @overload
    def find(self, key: int):
        """By number."""

    @abstractmethod
    def close(self):
        """Close."""
'''


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "src").mkdir()
    (tmp_path / "src/ledger.py").write_text(LEDGER, encoding="utf-8")
    (tmp_path / "src/plain.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / ".venv/lib").mkdir(parents=True)
    (tmp_path / ".venv/lib/other.py").write_text('def f():\n    """Do."""\n', encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys):
    def call(*arguments):
        code = guarded(soa, arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_stubs_are_listed_with_their_lines(project, run):
    code, out, _ = run("stubs", "src")
    assert code == 0
    assert out.splitlines() == [
        "src/ledger.py:6: total",
        "src/ledger.py:23: Ledger.size",
        "src/ledger.py:27: Ledger.size",
        "src/ledger.py:31: Ledger.post",
    ]


def test_stubs_as_json(project, run):
    code, out, _ = run("stubs", "src/ledger.py", "--json")
    assert code == 0
    assert json.loads(out)[0] == {"file": "src/ledger.py", "name": "total", "line": 6}


def test_a_name_selects_all_that_carry_it(project, run):
    assert run("stubs", "src/ledger.py::Ledger.size")[1].count("Ledger.size") == 2
    assert run("stubs", "src/ledger.py::Ledger::post")[1] == "src/ledger.py:31: Ledger.post\n"


def test_a_file_is_listed_once(project, run):
    _, out, _ = run("stubs", "src/ledger.py::total", "src", str(project / "src/ledger.py"))
    assert out.count(": total") == 1
    _, out, _ = run("stubs", "src/ledger.py::Ledger.post", "src/ledger.py::total")
    assert [line.split()[-1] for line in out.splitlines()] == ["total", "Ledger.post"]


def test_nothing_found_is_no_error(project, run):
    assert run("stubs", "src/plain.py") == (0, "", "soa: no stubs found\n")
    assert run("stubs", "src/plain.py", "--json")[:2] == (0, "[]\n")


def test_check_fails_while_a_stub_is_left(project, run):
    code, out, err = run("check", "src")
    assert code == 1
    assert "src/ledger.py:6: total" in out
    assert err == "soa: 4 stubs left\n"
    assert run("check", "src/plain.py") == (0, "", "soa: no stub is left\n")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("src/ledgre.py", "Did you mean src/ledger.py?"),
        ("src/ledger.py::totl", "Did you mean src/ledger.py::total?"),
        ("src/ledger.py::post", "Did you mean src/ledger.py::Ledger.post?"),
        ("src/ledger.py::zzz", "It has the stubs total, Ledger.size, Ledger.post."),
        ("src/plain.py::zzz", "It has no stubs."),
        ("src/ledger.py::done", "is not a stub: it has a body"),
        ("src/ledger.py::bare", "is not a stub: it has no docstring"),
        ("src/ledger.py::Ledger", "is not a stub: it is a class"),
        ("src/ledger.py::Ledger.find", "is not a stub: it is an overload"),
        ("src/ledger.py::Ledger.close", "is not a stub: it is abstract"),
        ("src/ledger.py::", "names no function"),
        ("nowhere/x.py::f", "There is no file nowhere/x.py"),
        ("src::f", "src is a folder"),
    ],
)
def test_a_wrong_target_is_explained(project, run, target, said):
    code, out, err = run("stubs", target)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("types.pyi", b"def f(): ...\n", "only declares types"),
        ("notes.txt", b"hello\n", "is not a Python file"),
        ("binary.py", bytes(range(256)), "binary.py"),
        ("latin.py", 'x = "é"\n'.encode("latin-1"), "UTF-8"),
        ("odd.py", b"# coding: no-such-encoding\n", "odd.py"),
    ],
)
def test_a_file_that_is_no_python_is_refused(project, run, name, content, said):
    Path(name).write_bytes(content)
    code, out, err = run("stubs", name)
    assert (code, out) == (2, "")
    assert said in err


def test_a_bad_file_in_a_folder_is_passed_over(project, run):
    Path("src/binary.py").write_bytes(b"\xff\xfe\x00")
    code, out, err = run("stubs", "src")
    assert code == 0
    assert "total" in out
    assert "warning" in err
    assert "binary.py" in err


def test_a_missing_argument_and_an_unknown_flag_are_usage(project, run):
    assert run("stubs")[0] == 2
    assert run("stubs", "--colour", "src")[0] == 2
    assert run("no-such-command")[0] == 2


def test_help_has_examples(run):
    for command in ([], ["stubs"], ["check"], ["implement"], ["demo"], ["doctor"]):
        code, out, _ = run(*command, "--help")
        assert code == 0
        assert "Examples:\n" in out
        assert f"soa {' '.join(command)}".strip() in out


def test_the_version_is_shown(run):
    assert run("--version")[:2] == (0, "soa, version 0.1.0\n")
