"""Where settings come from: flags, then the editor, then `SOA_*`, then `[tool.soa]`, then the defaults.

What a repository says in its own pyproject.toml is the word of whoever wrote the repository. It may set numbers, the
model's name and a stricter sandbox; it may not run a foreign interpreter, send code or keys to a foreign host,
switch the sandbox off in favour of a plain process, or have a model's code written whenever somebody saves. Those take
a flag, a variable or the editor's settings.
"""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from attrs import evolve, fields_dict, resolve_types

from soa.errors import ConfigurationError
from soa.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PREFIX = "SOA_"
NOT_SETTINGS = frozenset({"SOA_DEBUG"})
LOOPBACK = re.compile(r"(https?://)?(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?(/[A-Za-z0-9._/-]*)?")
SAFETY = frozenset({"sandbox", "budget_tokens", "budget_usd", "price_prompt", "price_completion"})
"""A bad value of these is never replaced by a default: it would be less safe than what was meant."""

GONE = {("sandbox", "bubblewrap"): "Write zygote instead, which is bubblewrap as well, or auto."}
"""What to do about values that there were, by setting and value."""


def resolve_settings(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    pyproject: Path | None,
    editor: Mapping[str, Any] | None = None,
) -> tuple[Settings, tuple[str, ...]]:
    """Resolve the settings of one command, or of one workspace of an editor.

    Parameters
    ----------
    flags
        Values by name of the setting; None and empty texts stand for a flag that was not given.
    environ
        The environment; only `SOA_*` is read. An empty value counts as not set.
    pyproject
        The workspace's pyproject.toml, which need not exist.
    editor
        The editor's settings, names in camelCase; null and empty texts count as not set.

    Returns
    -------
    The settings, and one warning for each entry that was passed over, naming the entry and the reason.

    Raises
    ------
    ConfigurationError
        A flag is bad, a safety setting is bad wherever it stands, or pyproject.toml cannot be read.
    """
    settings, warnings = Settings(), list[str]()
    for name, place, value in (
        *_from_pyproject(pyproject, warnings),
        *_from_environ(environ, warnings),
        *_from_editor(editor or {}, warnings),
    ):
        try:
            settings = with_value(settings, name, value)
        except ValueError as error:
            if name in SAFETY:
                raise ConfigurationError(f"{place}: {error}.", _instead(name, value)) from None
            warnings.append(f"{place}: {error}; {getattr(settings, name)!r} is used")
    for name, value in flags.items():
        if value is not None and str(value).strip():
            settings = _with_flag(settings, name, value)
    return settings, tuple(warnings)


def with_value(settings: Settings, name: str, value: object) -> Settings:
    """Set one setting, converted from text or from a value of TOML or JSON.

    Raises
    ------
    ValueError
        The value is of another kind or out of range; the message says what was expected.
    """
    kind = fields_dict(resolve_types(Settings))[name].type
    try:
        changes: dict[str, Any] = {name: _convert(value, kind)}
    except ValueError:
        raise ValueError(f"{value!r} is not {_describe(kind)}") from None
    try:
        return evolve(settings, **changes)
    except ValueError as error:
        raise ValueError(_in_words(str(error.args[0]).replace("\n", " "))) from None


def _instead(name: str, value: object) -> str:
    """What to do about a value that cannot be used."""
    return GONE.get((name, str(value).strip()), "Correct it or take it out.")


def _in_words(complaint: str) -> str:
    """What an attrs validator says, without the name of its field."""
    choice = re.fullmatch(r"'\w+' must be in \((.*)\) \(got (.*)\)", complaint)
    limit = re.fullmatch(r"'\w+' must be (.*): (.*)", complaint)
    if choice:
        return f"{choice[2]} is none of {choice[1].replace(chr(39), '')}"
    return f"must be {limit[1]}, not {limit[2]}" if limit else complaint


def _convert(value: object, kind: object) -> object:
    if kind is int and (isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))):
        return int(value)
    if kind is float and isinstance(value, str | int | float) and not isinstance(value, bool):
        return float(value)
    if kind not in (int, float) and isinstance(value, str):
        return value.strip()
    raise ValueError


def _describe(kind: object) -> str:
    return {int: "a whole number", float: "a number"}.get(kind, "a text")  # type: ignore[call-overload,no-any-return]


def _with_flag(settings: Settings, name: str, value: object) -> Settings:
    flag = "--" + name.replace("_", "-")
    if name not in fields_dict(Settings):
        raise ConfigurationError(f"There is no setting {flag}.", _nearest(name))
    try:
        return with_value(settings, name, value)
    except ValueError as error:
        raise ConfigurationError(f"{flag}: {error}.") from None


def _from_environ(environ: Mapping[str, str], warnings: list[str]) -> Iterator[tuple[str, str, Any]]:
    for variable in sorted(v for v in environ if v.startswith(PREFIX) and v not in NOT_SETTINGS):
        name = variable.removeprefix(PREFIX).lower()
        if name not in fields_dict(Settings):
            warnings.append(f"{variable} (environment): no such setting; {_nearest(name)}")
        elif environ[variable].strip():
            yield name, f"{variable} (environment)", environ[variable]


def _from_editor(editor: Mapping[str, Any], warnings: list[str]) -> Iterator[tuple[str, str, Any]]:
    names = {camel(name): name for name in fields_dict(Settings)}
    for key, value in editor.items():
        if key not in names:
            near = get_close_matches(key, names, n=1) or get_close_matches(_snake(key), names.values(), n=1)
            advice = f"; did you mean soa.{camel(near[0])}?" if near else ""
            warnings.append(f"soa.{key} (editor): no such setting{advice}")
        elif value is not None and str(value).strip():
            yield names[key], f"soa.{key} (editor)", value


def camel(name: str) -> str:
    """A setting's name as editors have it: `sizeLimit`."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _snake(key: str) -> str:
    return re.sub(r"[-.]|(?<=[a-z])(?=[A-Z])", "_", key).lower()


def _from_pyproject(pyproject: Path | None, warnings: list[str]) -> Iterator[tuple[str, str, Any]]:
    table = read_table(pyproject) if pyproject else {}
    for key, value in table.items():
        name, place = key.replace("-", "_"), f"{key} in [tool.soa] of {pyproject}"
        if name not in fields_dict(Settings):
            warnings.append(f"{place}: no such setting; {_nearest(name)}")
        elif problem := _distrust(name, value):
            warnings.append(f"{place}: {problem}")
        else:
            yield name, place, value


def read_table(pyproject: Path) -> dict[str, Any]:
    """Read `[tool.soa]`; empty if there is none.

    Raises
    ------
    ConfigurationError
        The file cannot be read: it might hold a budget or a sandbox that must not be lost.
    """
    try:
        tool = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("tool", {})
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{pyproject} cannot be read: {error}.", "Correct it; soa reads [tool.soa].") from None
    table = tool.get("soa", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ConfigurationError(f"tool.soa in {pyproject} is not a table.", "Write it as [tool.soa].")
    return table


def _distrust(name: str, value: object) -> str:
    """Why this entry of a repository's own file is passed over; empty if it may stand."""
    if name == "python":
        return "passed over, a repository may not choose what is run; use --python or SOA_PYTHON"
    if name == "sandbox" and str(value).strip() == "process":
        return "passed over, a repository may not choose to run without a sandbox; use --sandbox or SOA_SANDBOX"
    if name == "base_url" and not is_loopback(str(value)):
        return "passed over, a repository may not choose where code and keys go; use --base-url or SOA_BASE_URL"
    if name == "on_save" and str(value).strip() == "apply":
        return "passed over, a repository may not choose that saving writes code; use SOA_ON_SAVE or soa.onSave"
    return ""


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine, beyond any doubt about how it is read."""
    return LOOPBACK.fullmatch(url.strip()) is not None


def _nearest(name: str) -> str:
    near = get_close_matches(name, fields_dict(Settings), n=1)
    return f"did you mean {near[0].replace('_', '-')}?" if near else "`soa implement --help` lists them"
