"""Where settings come from, what outranks what, and what a repository may not set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import fields_dict
from hypothesis import given
from hypothesis import strategies as st

from soa.errors import ConfigurationError
from soa.resolve import camel, is_loopback, resolve_settings, with_value
from soa.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def pyproject(tmp_path):
    def write(table: str) -> Path:
        path = tmp_path / "pyproject.toml"
        path.write_text(f"[tool.soa]\n{table}\n", encoding="utf-8")
        return path

    return write


def test_defaults_without_anything(tmp_path):
    assert resolve_settings({}, {}, None) == (Settings(), ())
    assert resolve_settings({"depth": None}, {"PATH": "/bin"}, tmp_path / "pyproject.toml") == (Settings(), ())


def test_flags_outrank_environment_outranks_pyproject(pyproject):
    path = pyproject("depth = 1\nsize-limit = 5\nattempts = 6")
    settings, warnings = resolve_settings({"depth": 3}, {"SOA_DEPTH": "2", "SOA_SIZE_LIMIT": "7"}, path)
    assert (settings.depth, settings.size_limit, settings.attempts) == (3, 7, 6)
    assert warnings == ()


def test_the_editor_stands_between_flags_and_environment(pyproject):
    path = pyproject("depth = 1\nsize-limit = 5\nattempts = 6")
    environ = {"SOA_DEPTH": "2", "SOA_SIZE_LIMIT": "7", "SOA_RETRIES": "1"}
    editor = {"depth": 3, "sizeLimit": 8, "onSave": "apply", "attempts": None, "model": " ", "timeout": 2.5}
    settings, warnings = resolve_settings({"depth": 4}, environ, path, editor)
    assert (settings.depth, settings.size_limit, settings.attempts, settings.retries) == (4, 8, 6, 1)
    assert (settings.on_save, settings.model, settings.timeout) == ("apply", "", 2.5)
    assert warnings == ()


def test_each_setting_has_a_name_in_camel_case():
    editor = {camel(name): getattr(Settings(), name) for name in fields_dict(Settings)}
    assert {"baseUrl", "testMemoryMb", "onSave"} <= set(editor)
    assert resolve_settings({}, {}, None, editor) == (Settings(), ())


@pytest.mark.parametrize(
    ("key", "meant"), [("onSav", "onSave"), ("size_limit", "sizeLimit"), ("size-limt", "sizeLimit"), ("zzz", "")]
)
def test_unknown_names_in_the_editor_offer_the_nearest_as_editors_write_it(key, meant):
    _, (warning,) = resolve_settings({}, {}, None, {key: 1})
    assert warning.startswith(f"soa.{key} (editor): no such setting")
    assert ("did you mean" in warning) is bool(meant)
    assert meant in warning


@pytest.mark.parametrize("value", ["many", True, 2.5, -1, [1], {"of": 3}])
def test_bad_values_of_the_editor_fall_back_to_what_stands_below(value):
    settings, (warning,) = resolve_settings({}, {"SOA_DEPTH": "3"}, None, {"depth": value})
    assert settings.depth == 3
    assert "soa.depth (editor)" in warning
    assert "3 is used" in warning


def test_a_bad_safety_setting_of_the_editor_fails():
    with pytest.raises(ConfigurationError, match=r"soa\.budgetTokens \(editor\): 'plenty' is not a whole number"):
        resolve_settings({}, {"SOA_BUDGET_TOKENS": "5"}, None, {"budgetTokens": "plenty"})


def test_the_editor_may_weaken_safety():
    weaker = {"sandbox": "process", "python": "/usr/bin/python3", "baseUrl": "https://example.org/v1"}
    settings, warnings = resolve_settings({}, {}, None, weaker)
    assert (settings.sandbox, settings.python, settings.base_url) == tuple(weaker.values())
    assert warnings == ()


def test_kebab_and_snake_case(pyproject):
    assert resolve_settings({}, {}, pyproject("context-tokens = 4000"))[0].context_tokens == 4000
    assert resolve_settings({}, {}, pyproject("context_tokens = 4000"))[0].context_tokens == 4000


def test_unknown_names_warn_and_offer_the_nearest(pyproject):
    _, warnings = resolve_settings({}, {"SOA_MODLE": "x", "SOA_DEBUG": "1"}, pyproject("size-limt = 3"))
    assert len(warnings) == 2
    assert "size-limt in [tool.soa]" in warnings[0]
    assert "did you mean size-limit?" in warnings[0]
    assert "SOA_MODLE (environment)" in warnings[1]
    assert "did you mean model?" in warnings[1]


@pytest.mark.parametrize("value", ["'many'", "true", "2.5", "-1", "[1]"])
def test_bad_values_warn_and_fall_back(pyproject, value):
    settings, (warning,) = resolve_settings({}, {}, pyproject(f"depth = {value}"))
    assert settings.depth == Settings().depth
    assert "depth in [tool.soa]" in warning
    assert "2 is used" in warning


def test_a_bad_variable_falls_back_to_what_pyproject_says(pyproject):
    settings, (warning,) = resolve_settings({}, {"SOA_DEPTH": "deep"}, pyproject("depth = 1"))
    assert settings.depth == 1
    assert "SOA_DEPTH (environment): 'deep' is not a whole number; 1 is used" in warning


def test_an_empty_variable_is_not_set():
    assert resolve_settings({}, {"SOA_DEPTH": "", "SOA_MODEL": " "}, None) == (Settings(), ())


def test_an_empty_flag_is_not_given(pyproject):
    environ, path = {"SOA_BASE_URL": "http://127.0.0.1:9"}, pyproject('model = "m"')
    settings, warnings = resolve_settings({"base_url": "", "model": " ", "python": None}, environ, path)
    assert (settings.base_url, settings.model, warnings) == ("http://127.0.0.1:9", "m", ())


@pytest.mark.parametrize("name", ["sandbox", "budget_tokens", "budget_usd", "price_prompt", "price_completion"])
def test_bad_safety_settings_fail_wherever_they_stand(pyproject, name):
    with pytest.raises(ConfigurationError, match=name.upper()):
        resolve_settings({}, {f"SOA_{name.upper()}": "plenty"}, None)
    with pytest.raises(ConfigurationError, match=name):
        resolve_settings({}, {}, pyproject(f"{name} = 'plenty'"))
    with pytest.raises(ConfigurationError, match=name.replace("_", "-")):
        resolve_settings({name: "plenty"}, {}, None)


def test_a_kind_of_sandbox_that_is_gone_fails_with_what_to_write_instead(pyproject):
    for sources in (
        {"environ": {"SOA_SANDBOX": "bubblewrap"}, "pyproject": None},
        {"environ": {}, "pyproject": pyproject("sandbox = 'bubblewrap'")},
        {"environ": {}, "pyproject": None, "editor": {"sandbox": "bubblewrap"}},
    ):
        with pytest.raises(ConfigurationError, match="'bubblewrap' is none of auto, zygote, landlock") as caught:
            resolve_settings({}, **sources)
        assert "Write zygote instead" in caught.value.advice


@pytest.mark.parametrize(
    ("flag", "value"), [("depth", "x"), ("concurrency", 0), ("timeout", float("nan")), ("colour", 1)]
)
def test_bad_flags_fail(flag, value):
    with pytest.raises(ConfigurationError, match=f"--{flag}"):
        resolve_settings({flag: value}, {}, None)


def test_a_broken_pyproject_fails_because_it_might_hold_a_budget(tmp_path):
    path = tmp_path / "pyproject.toml"
    path.write_text("[tool.soa\nbudget-tokens = 10", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"pyproject\.toml cannot be read"):
        resolve_settings({}, {}, path)
    path.write_text("tool = {soa = 3}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="not a table"):
        resolve_settings({}, {}, path)
    path.write_text("tool = 3", encoding="utf-8")
    assert resolve_settings({}, {}, path) == (Settings(), ())


@pytest.mark.parametrize(
    "entry",
    [
        "sandbox = 'process'",
        "sandbox = ' process '",
        "python = './evil'",
        "base-url = 'https://example.org/v1'",
        "on-save = 'apply'",
        "on_save = ' apply '",
    ],
)
def test_a_repository_may_not_weaken_safety(pyproject, entry):
    settings, (warning,) = resolve_settings({}, {}, pyproject(entry))
    assert settings == Settings()
    assert "a repository may not choose" in warning


def test_a_flag_or_a_variable_may(pyproject):
    weaker = {"SOA_SANDBOX": "process", "SOA_PYTHON": "/usr/bin/python3", "SOA_BASE_URL": "https://example.org/v1"}
    settings, warnings = resolve_settings({}, weaker, pyproject("sandbox = 'off'"))
    assert (settings.sandbox, settings.python, settings.base_url) == tuple(weaker.values())
    assert warnings == ()


def test_a_repository_may_choose_what_is_harmless(pyproject):
    path = pyproject("sandbox = 'off'\nbase-url = 'http://localhost:11434/v1'\nmodel = 'small'")
    settings, warnings = resolve_settings({}, {}, path)
    assert (settings.sandbox, settings.base_url, settings.model) == ("off", "http://localhost:11434/v1", "small")
    assert warnings == ()


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:1234/v1", True),
        ("http://localhost", True),
        ("http://[::1]:8080/v1", True),
        ("http://localhost.example.org/v1", False),
        ("http://localhost@example.org/v1", False),
        ("http://localhost:1@example.org/v1", False),
        ("http://example.org\\@localhost/v1", False),
        ("http://127.0.0.1.example.org/v1", False),
        ("http://localhost\t.example.org", False),
        ("", False),
    ],
)
def test_loopback(url, loopback):
    assert is_loopback(url) is loopback


@given(st.sampled_from(sorted(fields_dict(Settings))), st.one_of(st.text(), st.integers(), st.floats(), st.booleans()))
def test_any_value_is_taken_or_refused_with_a_sentence(name, value):
    kept, said = getattr(Settings(), name), ""
    try:
        kept = getattr(with_value(Settings(), name, value), name)
    except ValueError as error:
        said = str(error)
    assert type(kept) is type(getattr(Settings(), name))
    assert "\n" not in said
