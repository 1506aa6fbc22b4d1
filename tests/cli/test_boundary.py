"""Where errors become words and an exit code."""

from __future__ import annotations

import click
import pytest

from soa.cli.boundary import guarded
from soa.errors import ConfigurationError, FileProblem, LimitReached, ModelRefused, NoModel, SandboxError


def failing(error):
    @click.command()
    def command():
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigurationError("Wrong.", "Right it."), 2),
        (NoModel("Wrong.", "Right it."), 2),
        (FileProblem("Wrong.", "Right it."), 2),
        (ModelRefused("Wrong.", "Right it."), 1),
        (SandboxError("Wrong.", "Right it."), 1),
        (LimitReached("Wrong.", "Right it."), 1),
    ],
)
def test_our_errors_say_what_happened_and_what_to_do(capsys, error, code):
    assert guarded(failing(error), []) == code
    assert capsys.readouterr() == ("", "soa: Wrong.\nRight it.\n")


def test_an_unexpected_error_is_one_line_and_no_traceback(capsys, monkeypatch):
    monkeypatch.delenv("SOA_DEBUG", raising=False)
    assert guarded(failing(KeyError("lost")), []) == 1
    err = capsys.readouterr().err
    assert err.startswith("soa: KeyError: 'lost'\nThis is a bug in soa.")
    assert "Traceback" not in err


def test_the_traceback_is_there_for_those_who_ask(capsys, monkeypatch):
    monkeypatch.setenv("SOA_DEBUG", "1")
    guarded(failing(KeyError("lost")), [])
    assert "Traceback" in capsys.readouterr().err


def test_keys_are_never_shown(capsys, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "abcdef-123456")
    monkeypatch.setenv("SOA_DEBUG", "1")
    guarded(failing(RuntimeError("refused abcdef-123456")), [])
    err = capsys.readouterr().err
    assert "abcdef-123456" not in err
    assert "refused [key]" in err


def test_an_interrupt_gives_130(capsys):
    assert guarded(failing(KeyboardInterrupt()), []) == 130
    assert capsys.readouterr().err.strip() == ""


def test_a_command_may_give_its_exit_code():
    @click.command()
    def command():
        return 1

    assert guarded(command, []) == 1
