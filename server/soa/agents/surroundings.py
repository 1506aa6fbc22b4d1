"""What agents may know of the text and the project around a function."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from attrs import field, frozen

from soa import syntax_tree
from soa.agents.board import assemble
from soa.agents.coverage import Coverage
from soa.agents.harvest import Known
from soa.agents.names import Module, bindings_of
from soa.evidence import Test
from soa.source.context import ContextBuilder
from soa.source.definitions import class_names
from soa.source.imports import import_conflicts
from soa.source.meaning import Meaning
from soa.source.project import ProjectIndex
from soa.source.scopes import visible_names
from soa.source.splice import splice
from soa.source.structure import Definition, Structure, read_structure
from soa.source.stubs import find_stubs, locate
from soa.workspace import module_name

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from soa.agents.board import Board, Entry
    from soa.contracts import Candidate, Contract, Stub
    from soa.evidence import TestResult
    from soa.settings import Settings
    from soa.store import Store
    from soa.workspace import Workspace

_NAME = re.compile(r"[^\W\d]\w*")
CONTEXT_SHARE = 0.6
"""Part of a prompt's limit that context may take; the rest is for the contract, code and feedback."""


@frozen
class View:
    """What the text around an entry binds."""

    text: str = field(repr=False)
    known: Known
    imported: dict[str, Module]
    """What its imports bind, by name."""

    def conflicts(self, candidate: Candidate, others: frozenset[str]) -> tuple[str, ...]:
        """Why a candidate's imports cannot stand in this text, or beside what other agents import."""
        found = import_conflicts(self.text, candidate.imports)
        bound = {name: i for i in others for name in _bound(i)}
        clashes = [(i, bound[n]) for i in candidate.imports for n in _bound(i) if bound.get(n, i) != i]
        return found + tuple(f"`{mine}` clashes with `{theirs}`, which this file gets too." for mine, theirs in clashes)


class Surroundings:
    """Reads texts and the project for the agents of all runs in a workspace."""

    def __init__(self, workspace: Workspace, settings: Settings, store: Store) -> None:
        self._index = ProjectIndex(workspace.root)
        self._coverage = Coverage(self._index, store.coverage)
        self._meaning = Meaning(workspace.root, workspace.python)
        self._context = ContextBuilder(self._index, self._meaning, int(settings.context_tokens * CONTEXT_SHARE))
        self._texts: WeakKeyDictionary[Entry, tuple[tuple[Candidate | None, ...], str]] = WeakKeyDictionary()
        self._views: WeakKeyDictionary[Entry, View] = WeakKeyDictionary()

    async def close(self) -> None:
        """End the processes that were started."""
        await asyncio.to_thread(self._meaning.close)

    async def context(self, entry: Entry, *, bodies: bool = True) -> str:
        """What the agent of an entry sees besides the contract; without bodies, what a tester may see."""
        text = await self._text(entry)
        stub = entry.stub or await asyncio.to_thread(locate, text, entry.contract)
        if stub is None:
            return ""
        mother = entry.parent.contract.qualname if entry.parent else ""
        return (await self._context.build(stub, text, entry.document.path, mother=mother, bodies=bodies)).render()

    async def view(self, entry: Entry) -> View:
        """The names around an entry."""
        text = await self._text(entry)
        view = self._views.get(entry)
        if view is None or view.text != text:
            module = module_name(entry.document.path)
            view = await asyncio.to_thread(_read_view, text, entry.contract.qualname, module)
            self._views[entry] = view
        return view

    async def project_tests(self, entry: Entry) -> tuple[Test, ...]:
        """The project's tests that name an entry, or were seen to reach it; a new helper has none."""
        if entry.parent is not None:
            return ()
        return tuple(Test("project", node) for node in await self._coverage.tests(entry))

    async def learn(self, board: Board, whole: Sequence[TestResult]) -> None:
        """Remember which functions tests have called; `whole` are the results of whole test files."""
        await self._coverage.learn(board, whole)

    async def names_in(self, contract: Contract, tests: Sequence[Test]) -> frozenset[str]:
        """All names in the sources of tests, the contract's examples among them."""
        nodes = [t.name for t in tests if t.origin == "project"]
        sources = await asyncio.to_thread(lambda: [self._index.test_source(n) for n in nodes])
        sources += [t.source for t in tests] + [e.source for e in contract.examples]
        return frozenset(name for source in sources for name in _NAME.findall(source))

    async def test_files(self, board: Board) -> tuple[str, ...]:
        """The project's test files that import a module of the run."""
        found: dict[str, None] = {}
        for document in board.documents:
            found |= dict.fromkeys(await asyncio.to_thread(self._index.test_files_for, document.path))
        return tuple(found)

    async def helper_stubs(self, entry: Entry, names: tuple[str, ...]) -> dict[str, Stub]:
        """The helper stubs of an entry's skeleton, as they stand in the text with the skeleton in place."""
        text = await self._skeleton_text(entry)
        owner = entry.contract.qualname.rpartition(".")[0]
        stubs = {s.contract.qualname: s for s in await asyncio.to_thread(find_stubs, text)}
        scopes = {h.name: h.scope for h in entry.candidate.helpers} if entry.candidate else {}
        qualnames = {n: f"{owner}.{n}" if scopes[n] == "class" else n for n in names}
        return {n: stubs[q] for n, q in qualnames.items() if q in stubs}

    async def _text(self, entry: Entry) -> str:
        """The text an agent works in: the document, with the skeletons of the mothers above and nothing else.

        It does not depend on how far others have come, so that the same prompts are written when a run is resumed.
        """
        return entry.document.text if entry.parent is None else await self._skeleton_text(entry.parent)

    async def _skeleton_text(self, mother: Entry) -> str:
        line = (mother, *mother.ancestors())
        key = tuple(e.candidate for e in line)
        kept = self._texts.get(mother)
        if kept is not None and kept[0] == key:
            return kept[1]
        root = mother.root
        whole = assemble(root, lambda e: e in line)
        if whole is None or root.stub is None:
            return mother.document.text
        text = (await asyncio.to_thread(splice, mother.document.text, [(root.stub, whole)])).text
        self._texts[mother] = (key, text)
        return text


def _definitions(found: tuple[Definition, ...]) -> Iterator[Definition]:
    for definition in found:
        yield definition
        yield from _definitions(definition.children)


def _read_view(text: str, qualname: str, module: str) -> View:
    structure = read_structure(text)
    functions = {d.qualname: d.text for d in _definitions(structure.definitions) if d.kind == "function"}
    owner = qualname.rpartition(".")[0]
    members = class_names(text, owner) if owner else frozenset[str]()
    known = Known(visible_names(text, qualname), members, module, functions)
    return View(text, known, _imported(text, structure))


def _imported(text: str, structure: Structure) -> dict[str, Module]:
    """What the file surely imports: imports that are indented may be for another platform or version."""
    surely = (i.text for i in structure.imports if f"\n{i.text.partition(chr(10))[0]}" in f"\n{text}")
    nodes = (node for statement in surely for node in _parsed(statement))
    return {name: module for node in nodes for name, module in bindings_of(node).items()}


def _bound(statement: str) -> list[str]:
    return [name for node in _parsed(statement) for name in bindings_of(node) if "." not in name]


def _parsed(statement: str) -> list[ast.stmt]:
    try:
        return syntax_tree.parse(statement).body
    except SyntaxError:
        return []
