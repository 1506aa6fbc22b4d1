"""The settings as flags: same names, same meaning; what is not given is left to environment, pyproject and defaults."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click
from attrs import fields_dict

from soa.resolve import resolve_settings
from soa.settings import SandboxChoice, Settings, TestChoice

if TYPE_CHECKING:
    from pathlib import Path

Command = TypeVar("Command", bound=Callable[..., Any])

TEXT, WHOLE, NUMBER = str, int, float
SANDBOX, TESTS = click.Choice(get_args(SandboxChoice)), click.Choice(get_args(TestChoice))

FLAGS: dict[str, tuple[Any, str, str]] = {
    "model": (TEXT, "NAME", "Model, as the endpoint knows it."),
    "base_url": (TEXT, "URL", "Root of an OpenAI-compatible API, e.g. http://localhost:11434/v1."),
    "concurrency": (WHOLE, "N", "Calls to the model at once."),
    "depth": (WHOLE, "N", "How deep mothers may delegate; 0: children only."),
    "size_limit": (WHOLE, "N", "A stub estimated larger goes to a mother; 0: every stub, while depth allows."),
    "attempts": (WHOLE, "N", "How often one agent may write or repair."),
    "agents": (WHOLE, "N", "Agents in one run."),
    "budget_tokens": (WHOLE, "N", "Tokens the run may spend; 0: no limit."),
    "budget_usd": (NUMBER, "USD", "Money the run may spend; 0: no limit. Needs a price."),
    "price_prompt": (NUMBER, "USD", "Price of a million prompt tokens."),
    "price_completion": (NUMBER, "USD", "Price of a million completion tokens."),
    "context_tokens": (WHOLE, "N", "Largest prompt, in tokens."),
    "reply_tokens": (WHOLE, "N", "Longest reply that is read, in tokens."),
    "timeout": (NUMBER, "SECONDS", "Without a sign of life for so long, a call is given up."),
    "retries": (WHOLE, "N", "How often a failed call is repeated."),
    "generate_tests": (TESTS, "", "When a tester writes tests: where there are none, always, never."),
    "sandbox": (SANDBOX, "", "Where candidates run. auto: zygote, else landlock; process: no sandbox; off: nowhere."),
    "test_seconds": (NUMBER, "SECONDS", "Time for the tests of one candidate."),
    "test_memory_mb": (WHOLE, "MB", "Memory of each process of a test run."),
    "python": (TEXT, "PATH", "The project's interpreter."),
}


def setting_flags(*names: str) -> Callable[[Command], Command]:
    """Add the flags of these settings to a command, or of all; each reaches it as an argument, None if not given."""

    def add(command: Command) -> Command:
        for name in reversed(names or tuple(FLAGS)):
            kind, metavar, text = FLAGS[name]
            default = fields_dict(Settings)[name].default
            shown = f"{text} [{default:g}]" if isinstance(default, int | float) else text
            flag = "--" + name.replace("_", "-")
            command = click.option(flag, name, type=kind, metavar=metavar or None, help=shown)(command)
        return command

    return add


def settings_for(root: Path, flags: dict[str, Any]) -> Settings:
    """Resolve the settings for a workspace and say what was passed over."""
    settings, warnings = resolve_settings(flags, os.environ, root / "pyproject.toml")
    for warning in warnings:
        click.echo(f"soa: warning: {warning}", err=True)
    return settings
