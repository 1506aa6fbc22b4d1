"""What an agent may see of a project besides its contract, most valuable first, within a limit."""

from __future__ import annotations

import asyncio
import builtins
import re
import sys
import threading
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from soa.source import sections
from soa.source.files import read_text
from soa.source.project_tests import Target
from soa.source.sections import Draft, Place
from soa.source.structure import Structure, read_structure
from soa.source.views import Item, cut_lines, view_at
from soa.tokens import estimate_tokens
from soa.workspace import import_root, module_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from soa.contracts import Stub
    from soa.source.call_sites import CallSite
    from soa.source.meaning import Meaning
    from soa.source.project import ProjectIndex

KEPT_TEXTS = 16
"""How many texts' structures are remembered."""
KEPT_DEFINITIONS = 2000
"""How many names' definitions are remembered."""
DEFINITIONS = 12
"""Definitions from elsewhere in the project that are looked for, at most."""
TESTS = 6
"""Tests whose source is shown, at most."""

_LOOKS_LIKE_A_NAME = re.compile(r"_|[a-z][A-Z]|^[A-Z]\w*[a-z]")


@frozen
class Section:
    """One piece of what an agent may see besides the contract."""

    title: str
    """A few words: `class Ledger`, `called from`, `definition of Entry`."""
    text: str
    """Python source or plain text."""


@frozen
class Context:
    """What an agent sees besides the contract, most valuable first, cut to a limit."""

    sections: tuple[Section, ...] = ()

    def render(self) -> str:
        """The sections as one text, each under its title."""
        return "\n\n".join(f"# {s.title}\n{s.text.rstrip()}" for s in self.sections)


class ContextBuilder:
    """Builds the contexts of stubs.

    Parameters
    ----------
    index
        The project.
    meaning
        Finds the definitions of names; None: those are left out that need it.
    limit_tokens
        What a context may have, as `soa.tokens` estimates.
    """

    def __init__(self, index: ProjectIndex, meaning: Meaning | None, limit_tokens: int) -> None:
        self._index = index
        self._meaning = meaning
        self._limit = limit_tokens
        self._structures: dict[str, Structure] = {}
        self._definitions: dict[tuple[Path, str, str, int], tuple[str, ...]] = {}
        self._lock = threading.Lock()

    async def build(self, stub: Stub, text: str, path: Path, *, mother: str = "", bodies: bool = True) -> Context:
        """The context of a stub.

        Parameters
        ----------
        stub
            The stub, as found in `text`.
        text
            The file's text as it is now; it need not parse.
        path
            The file.
        mother
            Qualified name of the function that a helper was made for; its skeleton stands in `text`.
        bodies
            Whether bodies, callers and tests are shown; without them it is what a tester may see.
        """
        place = await asyncio.to_thread(self._place, stub, text, mother, bodies)
        elsewhere = await self._elsewhere(place, path)
        drafts = await asyncio.to_thread(self._drafts, place, path, elsewhere)
        return fit(drafts, self._limit)

    def _place(self, stub: Stub, text: str, mother: str, bodies: bool) -> Place:
        return Place.of(self._structure(text), stub, mother, bodies=bodies)

    def _structure(self, text: str) -> Structure:
        with self._lock:
            if text not in self._structures:
                self._structures[text] = read_structure(text)
                while len(self._structures) > KEPT_TEXTS:
                    del self._structures[next(iter(self._structures))]
            return self._structures[text]

    def _drafts(self, place: Place, path: Path, elsewhere: Draft) -> list[Draft]:
        return [
            sections.callers(place),
            sections.enclosing_class(place),
            sections.enclosing_function(place),
            sections.imports(place),
            sections.named_siblings(place),
            elsewhere,
            sections.constants(place),
            sections.other_siblings(place),
            *(self._uses(place, path) if place.bodies and place.mother is None else ()),
            sections.module_docstring(place),
        ]

    def _uses(self, place: Place, path: Path) -> tuple[Draft, Draft]:
        """The places that call a stub, and the tests that name it."""
        contract, name = place.stub.contract, Target.of(place.stub.contract, module_name(path))
        nodes = self._index.tests_naming(contract, path, limit=TESTS, callers=False)
        tests = (f"# {n}\n{self._index.test_source(n)}" for n in nodes)
        sites: Iterable[CallSite] = ()
        if place.function is None:
            lines = (path, place.stub.line, place.own.last_line if place.own else place.stub.line)
            sites = self._index.call_sites(name.name, exclude=lines, owner=name.owner)
        shown = {node.partition("::")[0] for node in nodes}
        whole = {(self._relative(str(path)), c.qualname) for c in place.callers}
        callers = (_site_view(s) for s in sites if s.path not in shown and (s.path, s.within) not in whole)
        return Draft.of("called from", callers, 0.15), Draft.of("tests that name it", tests, 0.25)

    async def _elsewhere(self, place: Place, path: Path) -> Draft:
        """The project's definitions, outside of the file, of names in the contract and the class."""
        wanted, unbound = await asyncio.to_thread(self._wanted, place)
        views = await self._resolve(place.structure, path, wanted)
        views += await asyncio.to_thread(self._named_elsewhere, unbound, path)
        return Draft.of("used in the header, docstring or examples, from the project", views, 0.3)

    def _wanted(self, place: Place) -> tuple[list[str], list[str]]:
        """Names to look up through the file's imports, and names that look like ones but are bound nowhere in it."""
        imports = place.structure.imports
        bound = {name: i.module for i in imports for name in i.names}
        local = {d.name for d in place.structure.definitions} | {c.name for c in place.structure.constants}
        members = {c.name for c in place.owner.children} if place.owner else set()
        known = local | members | {p.name for p in place.stub.contract.parameters} | set(dir(builtins))
        ranked = place.signature_names(), place.docstring_names(), place.attribute_names(), place.caller_names()
        names = list(dict.fromkeys(name for group in ranked for name in sorted(group)))
        roots = {name: name.partition(".")[0] for name in names}
        wanted = [n for n in names if roots[n] in bound and self._is_ours(bound[roots[n]])]
        unbound = [n for n in names if roots[n] not in bound.keys() | known and _LOOKS_LIKE_A_NAME.search(n)]
        starred = "*" in bound and self._is_ours(bound["*"])
        return [*wanted, *(unbound if starred else [])][:DEFINITIONS], unbound[:DEFINITIONS]

    def _is_ours(self, module: str) -> bool:
        top = module.partition(".")[0]
        return not top or (top not in sys.stdlib_module_names and self._index.has_module(top))

    async def _resolve(self, structure: Structure, path: Path, names: list[str]) -> list[str]:
        """What names mean, asked by a text that has only the file's imports and these names: it always parses."""
        if self._meaning is None:
            return []
        imported = "\n".join(i.text for i in structure.imports)
        keys = {name: (path, imported, name, self._index.version) for name in names}
        new = [name for name in names if keys[name] not in self._definitions]
        if len(self._definitions) > KEPT_DEFINITIONS:
            self._definitions.clear()
        positions = [(imported.count("\n") + 1 + i, name.rfind(".") + 1) for i, name in enumerate(new)]
        roots = [await asyncio.to_thread(import_root, path)]
        answers = await self._meaning.definitions(path, "\n".join((imported, *new, "")), positions, roots=roots)
        for name, answer in zip(new, answers, strict=True):
            views = (self._view(d.path, d.text) for d in answer if d.path != str(path))
            self._definitions[keys[name]] = tuple(views)
        return [view for name in names for view in self._definitions.get(keys[name], ())]

    def _named_elsewhere(self, names: list[str], path: Path) -> list[str]:
        """The definitions of names that one file of the project, and only one, defines."""
        views: list[str] = []
        for name in dict.fromkeys(n.rpartition(".")[2] for n in names):
            found = [p for p in self._index.defining(name) if p != path]
            if len(found) == 1:
                text = view_at(self._structure(read_text(found[0])), name, 0)
                views.extend([self._view(str(found[0]), text)] if text else [])
        return views

    def _view(self, path: str, text: str) -> str:
        return f"# {self._relative(path)}\n{cut_lines(text, 80)}"

    def _relative(self, path: str) -> str:
        return path.removeprefix(f"{self._index.root}").lstrip("/\\")


def fit(drafts: Sequence[Draft], limit: int) -> Context:
    """Cut sections to a limit: first each to its share, then what is left goes to those that were cut, in order.

    What is left after that goes to the items that can be shown at greater length.
    """
    filled = [(d, [i for i in d.items if i.text.strip()]) for d in drafts]
    wanted = [(d, items, _cost(d.title, _text(items))) for d, items in filled if items]
    allowed = [min(cost, int(d.share * limit)) for d, _, cost in wanted]
    kept: list[tuple[str, list[Item], bool]] = []
    left = limit
    for (draft, items, cost), allowance, later in zip(wanted, allowed, _sums_after(allowed), strict=True):
        fitting = _cut(draft.title, items, min(left, max(allowance, left - later)), cost)
        if fitting:
            kept.append((draft.title, fitting, fitting != items))
            left -= _cost(draft.title, _text(fitting, cut=fitting != items))
    return Context(tuple(Section(t, _text(i, cut=c)) for t, i, c in _lengthened(kept, left)))


def _lengthened(kept: list[tuple[str, list[Item], bool]], left: int) -> Iterator[tuple[str, list[Item], bool]]:
    for title, items, cut in kept:
        longer = []
        for item in items:
            more = estimate_tokens(item.full) - estimate_tokens(item.text) + 1
            fits = bool(item.full) and more <= left
            longer.append(evolve(item, text=item.full) if fits else item)
            left -= more if fits else 0
        yield title, longer, cut


def _text(items: Sequence[Item], *, cut: bool = False) -> str:
    texts = [i.text for i in sorted(items, key=lambda i: i.line)]
    return "\n\n".join(texts) + ("\n..." if cut else "")


def _sums_after(numbers: list[int]) -> list[int]:
    return [sum(numbers[i + 1 :]) for i in range(len(numbers))]


def _cut(title: str, items: list[Item], allowance: int, cost: int) -> list[Item]:
    """As many whole items as fit; of the first one, if even that does not, as many lines."""
    if cost <= allowance:
        return items
    kept: list[Item] = []
    for item in items:
        if _cost(title, _text([*kept, item], cut=True)) > allowance:
            break
        kept.append(item)
    lines = items[0].text.split("\n") if not kept else []
    while lines and _cost(title, "\n".join((*lines, "..."))) > allowance:
        lines.pop()
    return kept or ([Item("\n".join(lines), line=items[0].line)] if lines else [])


def _cost(title: str, text: str) -> int:
    return estimate_tokens(f"# {title}\n{text}\n\n")


def _site_view(site: CallSite) -> str:
    where = f" in {site.within}" if site.within else ""
    return f"# {site.path}:{site.line + 1}{where}\n{site.text}"
