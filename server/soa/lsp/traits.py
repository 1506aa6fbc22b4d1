"""What the client can do, read once from its `initialize` request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from soa.session.lines import Encoding


@frozen
class Traits:
    """A client's capabilities, as far as they matter here."""

    encoding: Encoding = "utf-16"
    apply_edit: bool = False
    document_changes: bool = False
    change_annotations: bool = False
    lens_refresh: bool = False
    pull_diagnostics: bool = False
    diagnostic_refresh: bool = False
    progress: bool = False
    configuration: bool = False
    configuration_registration: bool = False
    markdown: bool = False
    show_document: bool = False
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
    waits_for_commands: bool = False
    """Whether the editor stands still until a command is answered: then a run is answered for at once."""
