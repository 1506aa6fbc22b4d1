"""What the user points at: a file, a folder, or `file.py::Qualified.name`."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import field, frozen

from soa.cli.refusals import why_not_a_stub
from soa.errors import ConfigurationError, FileProblem, SoaError, UnknownTarget
from soa.source.disk import read_source
from soa.source.files import python_files
from soa.source.layout import canonical
from soa.source.stubs import find_stubs
from soa.workspace import find_root

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from soa.contracts import Stub

SEPARATOR = "::"


@frozen
class Selection:
    """Stubs of one file that were asked for."""

    path: Path
    """As the user wrote it."""
    stubs: tuple[Stub, ...]
    named: bool = field(default=False, kw_only=True)
    """They were asked for by name, and only they are meant."""


def select(targets: Iterable[str]) -> list[Selection]:
    """Find the stubs that targets stand for, file by file, each file once.

    Raises
    ------
    FileProblem
        A file or folder is missing or cannot be read as Python. Files of a folder that cannot be read are only
        told about.
    UnknownTarget
        A name is not that of a stub; the advice says why, or offers the nearest names.
    """
    found: dict[str, Selection] = {}
    for target in targets:
        for selection in _select(target):
            path = os.path.realpath(selection.path)
            found[path] = _merge(found[path], selection) if path in found else selection
    return list(found.values())


def common_root(paths: Sequence[Path]) -> Path:
    """The workspace that paths belong to; that of the current folder if there are none.

    Raises
    ------
    ConfigurationError
        They belong to several.
    """
    roots = sorted({find_root(path) for path in paths or [Path.cwd()]})
    if len(roots) > 1:
        raise ConfigurationError(
            f"The targets belong to different projects: {', '.join(map(str, roots))}.", "Run soa once for each."
        )
    return roots[0]


def _select(target: str) -> Iterator[Selection]:
    path, name = _split(target)
    if _is_there(path) and path.is_dir() and not name:
        yield from _folder(path)
        return
    _require_python(path)
    text = read_source(path).text
    stubs = tuple(find_stubs(text))
    yield Selection(path, _named(path, text, stubs, name), named=True) if name else Selection(path, stubs)


def _split(target: str) -> tuple[Path, str]:
    whole = Path(target)
    if not target.strip():
        raise UnknownTarget(
            "A target is empty.", "Name a file, a folder or file.py::Qualified.name; `.` is this folder."
        )
    if _is_there(whole) or SEPARATOR not in target:
        return whole, ""
    path, _, name = target.partition(SEPARATOR)
    if not name.strip(".") or not path:
        raise UnknownTarget(
            f"{target} names no function{'' if path else ' of a file'}.", "Write file.py::Qualified.name."
        )
    return Path(path), canonical(name.replace(SEPARATOR, "."))


def _is_there(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - also answers for names that no file can have


def _folder(folder: Path) -> Iterator[Selection]:
    for entry in python_files(folder):
        try:
            yield Selection(Path(entry.path), tuple(find_stubs(read_source(Path(entry.path)).text)))
        except SoaError as error:
            click.echo(f"soa: warning: {error.message} It is passed over.", err=True)


def _require_python(path: Path) -> None:
    if not _is_there(path):
        what = "file" if path.suffix else "file or folder"
        raise FileProblem(f"There is no {what} {path}.", _nearest_files(path))
    if path.is_dir():
        raise FileProblem(f"{path} is a folder, not a file.", "Name the file that holds the function.")
    if path.suffix == ".pyi":
        raise FileProblem(f"{path} only declares types.", "Functions are written in .py files.")
    if path.suffix not in (".py", ".pyw"):
        raise FileProblem(f"{path} is not a Python file.", "soa works on files whose names end in .py.")


def _nearest_files(path: Path) -> str:
    try:
        with os.scandir(path.parent) as found:
            names = [e.name for e in found if e.is_dir(follow_symlinks=False) or e.name.endswith(".py")]
    except OSError:
        names = []
    near = [str(path.parent / name) for name in get_close_matches(path.name, names) if name != path.name]
    return f"Did you mean {' or '.join(near)}?" if near else f"Looked in {path.parent.absolute()}."


def _named(path: Path, text: str, stubs: Sequence[Stub], name: str) -> tuple[Stub, ...]:
    chosen = tuple(s for s in stubs if s.contract.qualname == name)
    if chosen:
        return chosen
    if reason := why_not_a_stub(text, name):
        raise UnknownTarget(
            f"{path}{SEPARATOR}{name} is not a stub: {reason}.", "`soa stubs` lists the stubs of a file."
        )
    names = list(dict.fromkeys(s.contract.qualname for s in stubs))
    near = get_close_matches(name, names, cutoff=0.5) or [n for n in names if n.endswith(f".{name}")]
    offered = [f"{path}{SEPARATOR}{n}" for n in near]
    advice = f"Did you mean {' or '.join(offered)}?" if offered else f"It has {_listed(names)}."
    raise UnknownTarget(f"There is no function {name} in {path}.", advice)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"the stubs {', '.join(names[:8])}{more}" if names else "no stubs"


def _merge(one: Selection, other: Selection) -> Selection:
    if not (one.named and other.named):
        return other if one.named else one
    stubs = dict.fromkeys((*one.stubs, *other.stubs))
    return Selection(one.path, tuple(sorted(stubs, key=lambda s: s.line)), named=True)
