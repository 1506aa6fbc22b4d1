"""Values of secret variables are taken out of texts."""

from __future__ import annotations

import pytest

from soa.secrets import without_secrets

SECRETS = (
    "OPENAI_API_KEY", "my_token", "DB_PASSWORD", "AWS_SECRET_ACCESS", "KEY", "KEY_OF_MINE", "KEY2", "API_KEYS",
    "PGPASSWORD", "MYAPIKEY", "SECRETKEY", "GITHUB_TOKEN_2",
)  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_values_of_secret_variables_are_masked(monkeypatch, name):
    monkeypatch.setenv(name, "abcdef-123456")
    assert without_secrets("x abcdef-123456 y, abcdef-123456") == "x [key] y, [key]"


def test_of_two_that_overlap_nothing_is_left(monkeypatch):
    monkeypatch.setenv("FIRST_KEY", "abcdef-1")
    monkeypatch.setenv("SECOND_KEY", "abcdef-123456")
    assert without_secrets("abcdef-123456 abcdef-1") == "[key] [key]"


def test_white_space_around_a_value_hides_nothing(monkeypatch):
    monkeypatch.setenv("SOME_KEY", " abcdef-123456\n")
    assert without_secrets("'abcdef-123456'") == "'[key]'"


def test_each_line_of_a_key_of_several_lines_is_masked(monkeypatch):
    monkeypatch.setenv("SIGNING_KEY", "-----BEGIN-----\nMIIEvAIBADAN\nBgkqhkiG9w0B\n-----END-----\n")
    text = without_secrets("KEY = '''-----BEGIN-----\n    MIIEvAIBADAN\n    BgkqhkiG9w0B\n'''")
    assert text == "KEY = '''[key]\n    [key]\n    [key]\n'''"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SOME_KEY", "seven77"),
        ("SOA_BUDGET_TOKENS", "100000000"),
        ("HOME_X", "abcdefgh"),
        ("GNOME_KEYRING_CONTROL", "/run/user/1000/keyring"),
        ("KEYCHAIN", "something"),
        ("HOTKEY", "something"),
        ("TOKENIZERS_PARALLELISM", "something"),
        ("SECRETARY", "something"),
    ],
)
def test_what_is_no_key_stays(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert without_secrets(f"a {value} b") == f"a {value} b"


def test_a_token_of_digits_is_a_key(monkeypatch):
    monkeypatch.setenv("ACCESS_TOKEN", "1234567890")
    assert without_secrets("1234567890") == "[key]"
