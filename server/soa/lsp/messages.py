"""Messages as JSON, before they have a type: what they are, and what is wrong with those that are none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from attrs import frozen
from cattrs import transform_error
from lsprotocol.types import METHOD_TO_TYPES, ErrorCodes, LSPErrorCodes
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from cattrs import Converter

PARSE_ERROR, INVALID_REQUEST = ErrorCodes.ParseError.value, ErrorCodes.InvalidRequest.value
METHOD_NOT_FOUND, INVALID_PARAMS = ErrorCodes.MethodNotFound.value, ErrorCodes.InvalidParams.value
INTERNAL_ERROR, NOT_INITIALIZED = ErrorCodes.InternalError.value, ErrorCodes.ServerNotInitialized.value
CANCELLED, FAILED = LSPErrorCodes.RequestCancelled.value, LSPErrorCodes.RequestFailed.value
CONTENT_MODIFIED = LSPErrorCodes.ContentModified.value
OPTIONAL = ("processId", "clientInfo", "locale", "rootPath", "rootUri", "trace", "workspaceFolders", "workDoneToken")
NOBODY: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}
SECTIONS = ("workspace", "textDocument", "notebookDocument", "window", "general")


@frozen
class Json:
    """A result that is JSON already: for answers so large that writing them takes a hand of its own."""

    text: str


def parse(body: bytes) -> dict[str, Any]:
    """Read one message.

    Raises
    ------
    JsonRpcException
        It is not JSON, or not an object.
    """
    try:
        message = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise JsonRpcException(f"A message is not JSON: {error}.", PARSE_ERROR) from None
    if not isinstance(message, dict):
        raise JsonRpcException("A message is a JSON object; there are no batches here.", INVALID_REQUEST)
    return message


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def is_ident(value: object) -> bool:
    """Whether a value may identify a request."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def structure_params(converter: Converter, method: str, params: Any) -> Any:  # noqa: ANN401 - JSON
    """Parameters with their type in the specification; as they came where there is none.

    Raises
    ------
    JsonRpcException
        They are not what the method takes; says where and why.
    """
    kind: Any = METHOD_TO_TYPES.get(method, (None, None, None))[2]
    if kind is None:
        return params
    try:
        return converter.structure(params, kind)
    except Exception as error:
        problem = problem_with(error, "params")
        raise JsonRpcException(f"The parameters of {method} cannot be read: {problem}.", INVALID_PARAMS) from None


def problem_with(error: Exception, what: str) -> str:
    """Where some JSON, called `what`, does not fit its type; values are not repeated."""
    return "; ".join(transform_error(error, path=what)[:3])


def prune_introduction(converter: Converter, params: Any) -> list[str]:  # noqa: ANN401 - JSON
    """Take out of a client's introduction what cannot be read and can be done without; what that was.

    A server that refuses to start because of one odd capability helps nobody.
    """
    from lsprotocol.types import ClientCapabilities, InitializeParams

    if not isinstance(params, dict):
        return []
    bad = [k for k in OPTIONAL if k in params and not _fits(converter, {**NOBODY, k: params[k]}, InitializeParams)]
    for key in bad:
        del params[key]
    able = params.get("capabilities")
    if isinstance(able, dict):
        for section in [s for s in SECTIONS if s in able and not _fits(converter, {s: able[s]}, ClientCapabilities)]:
            del able[section]
            bad.append(f"{section} capabilities")
    return bad


def _fits(converter: Converter, value: object, kind: type) -> bool:
    try:
        converter.structure(value, kind)
    except Exception:
        return False
    return True
