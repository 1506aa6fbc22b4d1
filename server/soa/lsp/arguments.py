"""What commands are called with: one JSON object, or the same values one after another."""

from __future__ import annotations

from attrs import frozen


@frozen
class StubArguments:
    """For `soa.implement`, `soa.decompose`, `soa.accept`, `soa.reject`, `soa.regenerate`, `soa.showDiff`."""

    uri: str
    name: str = ""
    """Qualified name of a stub; empty with a line: the stub there; empty without: all stubs of the document."""
    names: tuple[str, ...] = ()
    """Several stubs."""
    line: int | None = None
    """From 0."""
    remark: str = ""
    """What the user asks for besides the contract."""


@frozen
class FileArguments:
    """For `soa.implementFile`."""

    uri: str


@frozen
class WorkspaceArguments:
    """For `soa.implementWorkspace`."""

    folders: tuple[str, ...] = ()
    """URIs of workspace folders; none: all of them."""


@frozen
class CancelArguments:
    """For `soa.cancel`; nothing given: all runs."""

    run: str = ""
    uri: str = ""
    name: str = ""
