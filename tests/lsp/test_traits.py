"""What is read from what real editors say of themselves, in their words; what does not matter here is left out."""

from __future__ import annotations

import pytest
from lsprotocol import types
from pygls.protocol import default_converter

from soa.lsp.traits import Traits, read_traits

EGLOT = {
    "processId": 1,
    "rootUri": "file:///p",
    "initializationOptions": {},
    "capabilities": {
        "workspace": {
            "applyEdit": True,
            "workspaceEdit": {"documentChanges": True},
            "configuration": True,
            "workspaceFolders": True,
        },
        "textDocument": {
            "hover": {"dynamicRegistration": False, "contentFormat": ["plaintext"]},
            "codeAction": {
                "dynamicRegistration": False,
                "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}},
                "isPreferredSupport": True,
            },
            "publishDiagnostics": {"relatedInformation": False, "tagSupport": {"valueSet": [1, 2]}},
        },
        "experimental": {},
    },
}
"""Version 1.9: it does not say who it is."""
NEOVIM = {
    "processId": 1,
    "rootUri": None,
    "clientInfo": {"name": "Neovim", "version": "0.11.4+v0.11.4"},
    "capabilities": {
        "general": {"positionEncodings": ["utf-8", "utf-16", "utf-32"]},
        "window": {"showDocument": {"support": True}, "workDoneProgress": True},
        "workspace": {
            "applyEdit": True,
            "configuration": True,
            "didChangeConfiguration": {"dynamicRegistration": False},
            "workspaceEdit": {"resourceOperations": ["rename", "create", "delete"]},
        },
        "textDocument": {
            "codeLens": {"dynamicRegistration": False, "resolveSupport": {"properties": ["command"]}},
            "codeAction": {
                "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "refactor", "source"]}},
                "resolveSupport": {"properties": ["edit", "command"]},
                "isPreferredSupport": True,
                "dataSupport": True,
            },
            "diagnostic": {"dynamicRegistration": False},
            "publishDiagnostics": {"dataSupport": True},
            "hover": {"contentFormat": ["markdown", "plaintext"]},
        },
    },
}


def traits(said):
    return read_traits(default_converter().structure(said, types.InitializeParams))


def test_eglot_waits_for_commands_and_shows_plain_text():
    assert traits(EGLOT) == Traits(apply_edit=True, document_changes=True, configuration=True, waits_for_commands=True)


def test_neovim_takes_versioned_edits_and_is_sent_its_diagnostics():
    """It fetches diagnostics too, but cannot be told to fetch them again."""
    read = traits(NEOVIM)
    assert read.document_changes
    assert not read.pull_diagnostics
    assert not read.diagnostic_refresh
    assert not read.lens_refresh
    assert not read.waits_for_commands
    assert read.action_resolve
    assert read.action_data
    assert read.progress
    assert read.markdown


def test_a_client_that_can_be_told_to_fetch_diagnostics_fetches_them():
    workspace = {**NEOVIM["capabilities"]["workspace"], "diagnostics": {"refreshSupport": True}}
    read = traits({**NEOVIM, "capabilities": {**NEOVIM["capabilities"], "workspace": workspace}})
    assert read.pull_diagnostics
    assert read.diagnostic_refresh


@pytest.mark.parametrize(
    ("options", "trusted"),
    [
        (None, True),
        ([], True),
        ({}, True),
        ({"trusted": None}, True),
        ({"trusted": True}, True),
        ({"trusted": False}, False),
        ({"trusted": "true"}, False),
        ({"trusted": 1}, False),
        ({"trusted": 0}, False),
        ({"trusted": {}}, False),
    ],
)
def test_what_does_not_say_that_it_is_trusted_is_not(options, trusted):
    assert traits({**EGLOT, "initializationOptions": options}).trusted is trusted
