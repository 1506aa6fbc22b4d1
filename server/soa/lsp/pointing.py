"""From what a command was given to the stubs that are meant; what points at nothing is refused with a sentence."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from pygls.exceptions import JsonRpcInvalidParams

from soa.lsp.wire import shown
from soa.source.layout import canonical

if TYPE_CHECKING:
    from soa.lsp.arguments import Pointing
    from soa.session.session import Session
    from soa.session.views import DocumentView


def document(session: Session, command: str, uri: str) -> DocumentView:
    """An open document.

    Raises
    ------
    JsonRpcInvalidParams
        It is not open, or no Python.
    """
    view = session.snapshot(uri)
    if view is None:
        raise JsonRpcInvalidParams(f"{command}: {shown(uri)} is no open Python document; open it in the editor first.")
    return view


def documents(session: Session, command: str, uri: str) -> tuple[DocumentView, ...]:
    """An open document, or all cells of the notebook that it is, or that it is a cell of.

    Raises
    ------
    JsonRpcInvalidParams
        It is not open, or no Python.
    """
    view = session.snapshot(uri)
    cells = session.cells((view.notebook if view is not None else "") or uri)
    return cells or (document(session, command, uri),)


def names(view: DocumentView, command: str, arguments: Pointing) -> tuple[str, ...]:
    """The qualified names that are meant; none: all stubs of the document.

    Raises
    ------
    JsonRpcInvalidParams
        There is no stub of that name, or at that place; the message offers the nearest.
    """
    found = tuple(dict.fromkeys(canonical(name) for name in (arguments.name, *arguments.names) if name))
    for name in found:
        if view.named(name) is None:
            raise JsonRpcInvalidParams(
                f"{command}: there is no stub {shown(name)} in {view.relative}. {_near(view, name)}"
            )
    return found or _at_place(view, command, arguments)


def points(arguments: Pointing) -> bool:
    """Whether a place is given, that only an open document has."""
    return not (arguments.line is None and arguments.position is None and arguments.range is None)


def _at_place(view: DocumentView, command: str, arguments: Pointing) -> tuple[str, ...]:
    if arguments.range is not None:
        return _in_lines(view, command, arguments.range.start.line, arguments.range.end.line)
    line = arguments.position.line if arguments.position is not None else arguments.line
    return () if line is None else _in_lines(view, command, line, line)[-1:]


def _in_lines(view: DocumentView, command: str, first: int, last: int) -> tuple[str, ...]:
    """The stubs that some lines touch, in the document's order."""
    lines = view.lines
    if 0 <= first <= last and first < len(lines.starts):
        touched = view.within(lines.starts[first], lines.ends[min(last, len(lines.ends) - 1)])
        if touched:
            return tuple(dict.fromkeys(stub.name for stub in touched))
    raise JsonRpcInvalidParams(
        f"{command}: there is no stub at line {first + 1} of {view.relative}. {_nearest(view, first)}"
    )


def _near(view: DocumentView, name: str) -> str:
    known = dict.fromkeys(stub.name for stub in view.stubs)
    same = [k for k in known if k.rpartition(".")[2] == name.rpartition(".")[2]]
    near = same or get_close_matches(name, known, n=1, cutoff=0.4)
    return f"Did you mean {near[0]}?" if near else _known(view)


def _nearest(view: DocumentView, line: int) -> str:
    stub = min(view.stubs, key=lambda s: abs(s.stub.line - line), default=None)
    return f"The nearest is {stub.name}, at line {stub.stub.line + 1}." if stub else _known(view)


def _known(view: DocumentView) -> str:
    if not view.stubs:
        return "It has none: a stub is a function with a docstring and no body."
    return f"Its first is {view.stubs[0].name}."
