"""Our own values as JSON: snake_case here, camelCase there; nothing that was sent is converted or guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from attrs import fields, has, resolve_types
from cattrs import ClassValidationError, Converter, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
LONGEST = 60
"""Characters of a wrong value that a message repeats."""


def camel_case(name: str) -> str:
    """A field's name on the wire: `prompt_tokens` becomes `promptTokens`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


class Wire:
    """Reads and writes values of our own classes.

    Parameters
    ----------
    closed
        Keys that a class does not know are errors; else they are passed over.
    """

    def __init__(self, *, closed: bool) -> None:
        self._converter = Converter()
        self._converter.register_structure_hook(str, _strict(str, "a text"))
        self._converter.register_structure_hook(bool, _strict(bool, "true or false"))
        self._converter.register_structure_hook(int, _strict(int, "a whole number"))
        self._converter.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _texts)
        self._converter.register_structure_hook_factory(has, lambda cls: self._reader(cls, closed))
        self._converter.register_unstructure_hook_factory(has, self._writer)

    def read(self, value: object, cls: type[T]) -> T:
        """A value that came as JSON; a key whose value is null counts as not given.

        Raises
        ------
        ValueError
            It is no such value; the message is the end of a sentence that says why.
        """
        if not isinstance(value, dict):
            raise ValueError(f"{expected(cls)}, not {shown(value)}")
        try:
            return self._converter.structure({k: v for k, v in value.items() if v is not None}, cls)
        except ClassValidationError as error:
            raise ValueError(_explain(error.exceptions[0], cls)) from None

    def write(self, value: object) -> dict[str, Any]:
        """A value as JSON."""
        written: dict[str, Any] = self._converter.unstructure(value)
        return written

    def _reader(self, cls: type, closed: bool) -> Callable[..., Any]:
        read: Any = make_dict_structure_fn(cls, self._converter, _cattrs_forbid_extra_keys=closed, **_renamed(cls))

        def checked(value: Any, kind: Any) -> Any:  # noqa: ANN401 - JSON
            if not isinstance(value, dict):
                raise ValueError(f"{_object(cls)}, not {shown(value)}")
            return read(value, kind)

        return checked

    def _writer(self, cls: type) -> Callable[..., Any]:
        return make_dict_unstructure_fn(cls, self._converter, **_renamed(cls))


def expected(cls: type) -> str:
    """What a value of a class looks like, as the end of a sentence."""
    return f"expected is {_object(cls)}"


def _object(cls: type) -> str:
    return f"an object with {', '.join(repr(camel_case(a.name)) for a in fields(cls))}"


def shown(value: object) -> str:
    """A value that somebody else sent, short enough for a message."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _renamed(cls: type) -> dict[str, Any]:
    return {a.name: override(rename=camel_case(a.name)) for a in fields(resolve_types(cls))}


def _explain(error: Exception, cls: type) -> str:
    if isinstance(error, ForbiddenExtraKeysError):
        return f"there is no {', '.join(sorted(map(shown, error.extra_fields)))}; {expected(cls)}"
    if isinstance(error, KeyError):
        return f"{error.args[0]!r} is missing; {expected(cls)}"
    name = next((note.name for note in getattr(error, "__notes__", ()) if hasattr(note, "name")), "")
    if isinstance(error, ClassValidationError):
        return f"in {camel_case(name)!r} {_explain(error.exceptions[0], error.cl)}"
    return f"{camel_case(name)!r} is to be {error}"


def _strict(kind: type, called: str) -> Callable[[object, object], object]:
    def read(value: object, _: object) -> object:
        if type(value) is not kind:
            raise ValueError(f"{called}, not {shown(value)}")
        return value

    return read


def _texts(value: object, _: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise ValueError(f"a list of texts, not {shown(value)}")
    return tuple(value)
