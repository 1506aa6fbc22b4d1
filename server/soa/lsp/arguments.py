"""What commands are called with: one JSON object, or the same values one after another.

A stub may be named, or pointed at as requests of the protocol do: with a position or a range, in a `textDocument`.
"""

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
class Position:
    """A position, as the protocol has it; only its line matters, stubs stand on lines of their own."""

    line: int
    character: int = 0


@frozen
class Range:
    """A range, as the protocol has it."""

    start: Position
    end: Position


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
    position: Position | None = None
    """The same as its line."""
    range: Range | None = None
    """The stubs that it touches."""


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
    names: tuple[str, ...] = ()
    line: int | None = None
    position: Position | None = None
    range: Range | None = None
    agent: str = ""
    """Only this agent of the run, and those below it: `a1`, `a2`, ..."""


@frozen
class AgentArguments:
    """For `soa.goToStub` and `soa.showExchanges`."""

    run: str
    agent: str = ""
    """`a1`, `a2`, ... in its run; empty: the run as a whole."""


Pointing = StubArguments | CancelArguments


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
    if cls is WorkspaceArguments:
        return _folders(values)
    if len(values) == 1 and isinstance(values[0], dict):
        named: dict[str, Any] = with_uri(values[0])
        return named
    keys = _keys(values, cls)
    if len(values) > len(keys):
        raise ValueError(f"{len(values)} values are too many; {expected(cls)}")
    return dict(zip(keys, map(_uri_or_same, values), strict=False))


def with_uri(given: Any) -> Any:  # noqa: ANN401 - JSON
    """An object with the document's URI in the place of its `textDocument`."""
    if not isinstance(given, dict) or "uri" in given or "textDocument" not in given:
        return given
    rest = {key: value for key, value in given.items() if key != "textDocument"}
    return {**rest, "uri": _uri_or_same(given["textDocument"])}


def _keys(values: Sequence[Any], cls: type) -> list[str]:
    """What values stand for that came one after another; the second may point at a stub in place of naming it."""
    keys = [a.name for a in fields(cls)]
    if cls is CancelArguments and values and ":" in str(_uri_or_same(values[0])):
        keys.remove("run")
    if cls is not FileArguments and len(values) == 2:
        keys[1] = _pointer(values[1]) or keys[1]
    return keys


def _pointer(value: object) -> str:
    if isinstance(value, dict):
        return "range" if "start" in value else "position"
    return "line" if type(value) is int else ""


def _folders(values: Sequence[Any]) -> dict[str, Any]:
    """Folders in one list or one after another, as URIs or as the protocol's own workspace folders."""
    given = values[0] if len(values) == 1 else list(values)
    if isinstance(given, dict) and "uri" not in given:
        return {**given, "folders": _uris(given.get("folders"))}
    return {"folders": _uris(given if isinstance(given, list) or given is None else [given])}


def _uris(listed: object) -> object:
    return [_uri_or_same(one) for one in listed] if isinstance(listed, list) else listed


def _uri_or_same(value: object) -> object:
    return value["uri"] if isinstance(value, dict) and "uri" in value else value
