"""What the client can do, read once from its `initialize` request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen
from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder, get_capability

if TYPE_CHECKING:
    from soa.session.lines import Encoding

RESOURCE_OPERATIONS = "workspace.workspace_edit.resource_operations"
"""Neovim says these alone, which only `documentChanges` can hold: it takes them, and the versions in them."""


@frozen
class Traits:
    """A client's capabilities, as far as they matter here."""

    encoding: Encoding = "utf-16"
    apply_edit: bool = False
    document_changes: bool = False
    change_annotations: bool = False
    lens_refresh: bool = False
    pull_diagnostics: bool = False
    """Whether it fetches diagnostics, and can be told to fetch them again: without that they would stay as they were
    until the next keystroke, so they are sent to it."""
    diagnostic_refresh: bool = False
    inline_completion: bool = False
    notebooks: bool = False
    progress: bool = False
    configuration: bool = False
    configuration_registration: bool = False
    markdown: bool = False
    show_document: bool = False
    text_content: bool = False
    """Whether documents that stand in no file can be had from us."""
    action_disabled: bool = False
    action_resolve: bool = False
    """Whether an action's edit may be asked for later."""
    action_data: bool = False
    action_tags: bool = False
    """Whether `LLMGenerated` may be said of an action."""
    command_links: bool = False
    """Whether hovers may link to our commands; said in `initializationOptions.commandLinks`."""
    complete: bool = False
    """Whether the client answers `soa/complete`; said in `initializationOptions.complete`."""
    trusted: bool = True
    """Whether the user trusts the workspace; said in `initializationOptions.trusted`. What is neither true nor null is
    no trust."""
    waits_for_commands: bool = False
    """Whether the editor stands still until a command is answered: then a run is answered for at once."""


def read_traits(params: types.InitializeParams) -> Traits:
    """Read what a client says of itself; what it does not say it cannot do."""
    capabilities, options = params.capabilities, params.initialization_options
    own = options if isinstance(options, dict) else {}

    def can(name: str) -> bool:
        return get_capability(capabilities, name, False) is True

    resolvable: Any = get_capability(capabilities, "text_document.code_action.resolve_support.properties", ()) or ()
    formats: Any = get_capability(capabilities, "text_document.hover.content_format", ()) or ()
    pulls = _has(capabilities, "text_document.diagnostic") and can("workspace.diagnostics.refresh_support")
    return Traits(
        encoding=_encoding(capabilities),
        apply_edit=can("workspace.apply_edit"),
        document_changes=can("workspace.workspace_edit.document_changes") or _has(capabilities, RESOURCE_OPERATIONS),
        change_annotations=_has(capabilities, "workspace.workspace_edit.change_annotation_support"),
        lens_refresh=can("workspace.code_lens.refresh_support"),
        pull_diagnostics=pulls,
        diagnostic_refresh=pulls,
        inline_completion=_has(capabilities, "text_document.inline_completion"),
        notebooks=_has(capabilities, "notebook_document"),
        progress=can("window.work_done_progress"),
        configuration=can("workspace.configuration"),
        configuration_registration=can("workspace.did_change_configuration.dynamic_registration"),
        markdown=types.MarkupKind.Markdown in formats,
        show_document=can("window.show_document.support"),
        text_content=_has(capabilities, "workspace.text_document_content"),
        action_disabled=can("text_document.code_action.disabled_support"),
        action_resolve="edit" in resolvable,
        action_data=can("text_document.code_action.data_support"),
        action_tags=_has(capabilities, "text_document.code_action.tag_support"),
        command_links=own.get("commandLinks") is True,
        complete=own.get("complete") is True,
        trusted=own.get("trusted") is None or own["trusted"] is True,
        waits_for_commands=_waits(params),
    )


def _has(capabilities: types.ClientCapabilities, name: str) -> bool:
    return get_capability(capabilities, name, None) is not None


def _encoding(capabilities: types.ClientCapabilities) -> Encoding:
    """The first that the client names and we know; lsprotocol leaves names as plain texts."""
    chosen = ServerCapabilitiesBuilder.choose_position_encoding(capabilities)
    return types.PositionEncodingKind(chosen).value


def _waits(params: types.InitializeParams) -> bool:
    """Emacs waits for a command's answer and gives up after ten seconds.

    eglot 1.9 does not say who it is: it says that it has no experimental capabilities, and nothing of windows.
    """
    name = params.client_info.name.casefold() if params.client_info else ""
    capabilities = params.capabilities
    nameless = not name and capabilities.window is None and capabilities.general is None
    return "emacs" in name or "eglot" in name or (nameless and capabilities.experimental is not None)
