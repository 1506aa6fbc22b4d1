"""Whether messages are valid against the LSP specification's metamodel, by the types that `lsprotocol` makes from it.

Stricter than those types are by themselves: a key that the specification does not know is an error, and so is a null
where a property may only be left out.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Literal, Union

import attrs
from lsprotocol import types

CUSTOM = "soa/"
NO_TYPES = (None, None, None, None)
PROGRESS_KINDS = {
    "begin": types.WorkDoneProgressBegin,
    "report": types.WorkDoneProgressReport,
    "end": types.WorkDoneProgressEnd,
}
MAY_BE_LEFT_OUT_OR_NULL = {
    "InitializeParams.root_path",
    "InitializeParams.workspace_folders",
    "SignatureHelp.active_parameter",
    "SignatureInformation.active_parameter",
}
"""The few properties that are both; all others that lsprotocol calls special have to be there."""
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class Invalid(AssertionError):
    """What is wrong, after where it is."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


def check(message: Any, *, from_server: bool, requests: Mapping[Any, str]) -> None:
    """Check one message.

    Parameters
    ----------
    message
        As it was read from JSON.
    requests
        Methods of the requests that the other side has sent, by their ids: by these responses are judged.

    Raises
    ------
    AssertionError
        It is not valid; says where and why.
    """
    _demand(isinstance(message, dict), "message", "not an object")
    _demand(message.get("jsonrpc") == "2.0", "message.jsonrpc", f"{message.get('jsonrpc')!r} is not '2.0'")
    if "method" in message:
        _check_call(message, from_server=from_server)
    else:
        _check_response(message, requests)


def _check_call(message: Mapping[str, Any], *, from_server: bool) -> None:
    method = message["method"]
    _demand(isinstance(method, str), "message.method", f"{method!r} is not a string")
    _demand_keys(message, {"jsonrpc", "id", "method", "params"}, method)
    if "id" in message:
        _check_id(message["id"], f"{method}.id")
    if "params" in message:
        _demand(isinstance(message["params"], dict | list), f"{method}.params", "neither an object nor an array")
    if method.startswith(CUSTOM):
        return
    _demand(method in types.METHOD_TO_TYPES, method, "no method of the specification, nor one of ours")
    allowed = ("serverToClient" if from_server else "clientToServer", "both")
    _demand(types.message_direction(method) in allowed, method, "sent in the wrong direction")
    shape, response = types.METHOD_TO_TYPES[method][:2]
    _demand(("id" in message) == (response is not None), method, "a request has an id, a notification has none")
    expected = _fields(shape)["params"][1]
    if "params" in message:
        conform(message["params"], expected, f"{method}.params")
    else:
        _demand(_allows_null(expected), f"{method}.params", "missing")
    _check_particulars(method, message.get("params"))


def _check_particulars(method: str, params: Any) -> None:
    """What the types leave open, but the specification does not."""
    if method == types.PROGRESS:
        value, path = params["value"], f"{method}.params.value"
        kind = str(value.get("kind")) if isinstance(value, dict) else ""
        _demand(kind in PROGRESS_KINDS, f"{path}.kind", f"{kind!r} is no kind of progress")
        conform(value, PROGRESS_KINDS[kind], path)
    elif method == types.CLIENT_REGISTER_CAPABILITY:
        for number, registration in enumerate(params["registrations"]):
            options = types.METHOD_TO_TYPES.get(registration["method"], NO_TYPES)[3]
            if options is not None and "registerOptions" in registration:
                path = f"{method}.params.registrations[{number}].registerOptions"
                conform(registration["registerOptions"], options, path)


def _check_response(message: Mapping[str, Any], requests: Mapping[Any, str]) -> None:
    _demand("id" in message, "message", "neither a method nor an id")
    ident = message["id"]
    _demand_keys(message, {"jsonrpc", "id", "result", "error"}, f"response {ident!r}")
    _demand(("result" in message) != ("error" in message), f"response {ident!r}", "not one of result and error")
    if "error" in message:
        if ident is not None:
            _check_id(ident, "response.id")
        conform(message["error"], types.ResponseError, f"{requests.get(ident, 'response')}.error")
        return
    _check_id(ident, "response.id")
    _demand(ident in requests, f"response {ident!r}", "answers no request")
    method = requests[ident]
    if not method.startswith(CUSTOM):
        conform(message["result"], _fields(types.METHOD_TO_TYPES[method][1])["result"][1], f"{method}.result")


def conform(value: Any, expected: Any, path: str) -> None:
    """Check that a JSON value is of a type: one of lsprotocol's, or made of them.

    Raises
    ------
    AssertionError
        It is not; says where and why.
    """
    if expected is Any or expected is object:
        return
    if expected is types.LSPObject:
        _demand(isinstance(value, dict), path, f"{value!r} is not an object")
    elif attrs.has(expected):
        _conform_to_class(value, expected, path)
    elif typing.get_args(expected):
        _conform_to_generic(value, typing.get_origin(expected), typing.get_args(expected), path)
    else:
        _conform_to_primitive(value, expected, path)


def _conform_to_generic(value: Any, origin: Any, arguments: Sequence[Any], path: str) -> None:
    if origin in (Union, UnionType):
        _conform_to_one(value, arguments, path)
    elif origin is Literal:
        _demand(value in arguments, path, f"{value!r} is none of {arguments}")
    elif origin is tuple:
        _conform_to_tuple(value, arguments, path)
    elif origin is Sequence:
        _demand(isinstance(value, list), path, f"{value!r} is not an array")
        for number, item in enumerate(value):
            conform(item, arguments[0], f"{path}[{number}]")
    else:
        _demand(isinstance(value, dict), path, f"{value!r} is not an object")
        for key, item in value.items():
            conform(key, arguments[0], f"{path} (key)")
            conform(item, arguments[1], f"{path}[{key!r}]")


def _conform_to_one(value: Any, choices: Sequence[Any], path: str) -> None:
    found: list[Invalid] = []
    for choice in choices:
        try:
            conform(value, choice, path)
        except Invalid as invalid:
            found.append(invalid)
        else:
            return
    raise max(found, key=lambda invalid: len(invalid.path))


def _conform_to_tuple(value: Any, arguments: Sequence[Any], path: str) -> None:
    _demand(isinstance(value, list) and len(value) == len(arguments), path, f"{value!r} is not {len(arguments)} values")
    for number, (item, expected) in enumerate(zip(value, arguments, strict=True)):
        conform(item, expected, f"{path}[{number}]")


def _conform_to_class(value: Any, expected: type, path: str) -> None:
    _demand(isinstance(value, dict), path, f"{value!r} is not an object ({expected.__name__})")
    fields = _fields(expected)
    _demand_keys(value, fields.keys(), path, f" in a {expected.__name__}")
    for name, (attribute, kind) in fields.items():
        where = f"{path}.{name}"
        if name not in value:
            _demand(not _is_required(expected, attribute), where, f"missing in a {expected.__name__}")
        elif value[name] is None:
            _demand(_may_be_null(expected, attribute, kind), where, "null, where it may only be left out")
        else:
            conform(value[name], kind, where)
            _validate(value[name], attribute, kind, where)
    if expected is types.Range:
        start, end = ((value[side]["line"], value[side]["character"]) for side in ("start", "end"))
        _demand(start <= end, path, f"starts at {start}, after its end {end}")


def _conform_to_primitive(value: Any, expected: Any, path: str) -> None:
    if expected is None or expected is type(None):
        fits = value is None
    elif isinstance(expected, type) and issubclass(expected, Enum):
        fits = isinstance(value, type(next(iter(expected)).value)) and value in list(expected)
    elif expected is float:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    elif expected is int:
        fits = isinstance(value, int) and not isinstance(value, bool)
    else:
        fits = isinstance(value, expected)
    _demand(fits, path, f"{value!r} is not of type {getattr(expected, '__name__', expected)}")


def _validate(value: Any, attribute: attrs.Attribute[Any], kind: Any, path: str) -> None:
    """Ask lsprotocol's validators: they know the range of integers. Those of decimals refuse JSON's whole numbers."""
    if attribute.validator is not None and isinstance(value, int | str) and kind is not float:
        try:
            attribute.validator(None, attribute, value)
        except (TypeError, ValueError) as error:
            raise Invalid(path, f"{value!r} is not allowed") from error
    if isinstance(value, str) and (attribute.name == "uri" or attribute.name.endswith("_uri")):
        _demand(bool(ADDRESS.match(value)), path, f"{value!r} is not a URI")


@cache
def _fields(shape: type) -> dict[str, tuple[attrs.Attribute[Any], Any]]:
    """A class's attributes with their types, by the names that they have in JSON."""
    kinds = typing.get_type_hints(shape, vars(types))
    return {_camel_case(a.name): (a, kinds[a.name]) for a in attrs.fields(shape)}


def _camel_case(name: str) -> str:
    first, *others = name.removesuffix("_").split("_")
    return first + "".join(other.title() for other in others)


def _is_required(shape: type, attribute: attrs.Attribute[Any]) -> bool:
    if f"{shape.__name__}.{attribute.name}" in MAY_BE_LEFT_OUT_OR_NULL:
        return False
    return attribute.default is attrs.NOTHING or types.is_special_property(shape, attribute.name)


def _may_be_null(shape: type, attribute: attrs.Attribute[Any], kind: Any) -> bool:
    if Any in typing.get_args(kind):
        return True
    special = attribute.default is attrs.NOTHING or types.is_special_property(shape, attribute.name)
    return special and _allows_null(kind)


def _allows_null(kind: Any) -> bool:
    return kind is Any or kind is None or kind is type(None) or type(None) in typing.get_args(kind)


def _check_id(ident: Any, path: str) -> None:
    _demand(isinstance(ident, int | str) and not isinstance(ident, bool), path, f"{ident!r} is no id")


def _demand_keys(value: Mapping[str, Any], known: Iterable[str], path: str, where: str = "") -> None:
    unknown = sorted(value.keys() - set(known))
    _demand(not unknown, path, f"unknown{where}: {', '.join(unknown)}")


def _demand(fits: bool, path: str, problem: str) -> None:
    if not fits:
        raise Invalid(path, problem)
