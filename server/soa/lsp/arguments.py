"""What commands are called with: one JSON object, or the same values one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from attrs import fields, frozen
from pygls.exceptions import JsonRpcInvalidParams

from soa.lsp.wire import expected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soa.lsp.wire import Wire

T = TypeVar("T")


@frozen
class StubArguments:
    """For `soa.implement`, `soa.decompose`, `soa.accept`, `soa.reject`, `soa.regenerate`, `soa.showDiff`."""

    uri: str
    name: str = ""
    """Qualified name of a stub; empty with a line: the stub there; empty without: all stubs of the document."""
    remark: str = ""
    """What the user asks for besides the contract."""
    names: tuple[str, ...] = ()
    """Several stubs."""
    line: int | None = None
    """From 0."""
    beside: bool = False
    """For `soa.accept`: the body stands there already, only what it needs beside it is to be added."""


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


def read_arguments(wire: Wire, command: str, values: Sequence[Any], cls: type[T]) -> T:
    """What a command is called with. A key whose value is null counts as not given.

    Raises
    ------
    JsonRpcInvalidParams
        A key is unknown or missing, a value of the wrong kind, or there are too many; the message says which.
    """
    try:
        return wire.read(_by_name(values, cls), cls)
    except ValueError as error:
        raise JsonRpcInvalidParams(f"{command}: {error}.") from None


def _by_name(values: Sequence[Any], cls: type) -> dict[str, Any]:
    """The values by the names of their fields, in whichever form they came."""
    if len(values) == 1 and isinstance(values[0], dict):
        return values[0]
    if cls is WorkspaceArguments:
        return {"folders": list(values)}
    names = [a.name for a in fields(cls)]
    if len(values) > len(names):
        raise ValueError(f"{len(values)} values are too many; {expected(cls)}")
    return dict(zip(names, values, strict=False))
