"""What the engine says, in an editor's words."""

from __future__ import annotations

import pytest
from attrs import fields_dict

from soa.session.advice import for_editor
from soa.settings import Settings


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Give --python the path of one.", "Give soa.python the path of one."),
        ("Check --base-url and the network.", "Check soa.baseUrl and the network."),
        ("Choose one with --model NAME: a, b.", "Choose one with soa.model: a, b."),
        ("Raise --budget-tokens.", "Raise soa.budgetTokens."),
        ("What was kept is safe; go on with --resume.", "What was kept is safe; ask again."),
        ("`git --version` and --verbose stay.", "`git --version` and --verbose stay."),
        ("", ""),
        ("Set OPENAI_API_KEY.", "Set OPENAI_API_KEY where the editor is started; in VS Code, run SoA: Set API Key."),
    ],
)
def test_flags_become_settings(said, read):
    assert for_editor(said) == read


@pytest.mark.parametrize("name", fields_dict(Settings))
def test_every_setting_has_its_name_in_the_editor(name):
    flag = "--" + name.replace("_", "-")
    assert "-" not in for_editor(f"Set {flag}.")
