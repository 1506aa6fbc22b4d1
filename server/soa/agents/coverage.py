"""Which of the project's tests are run for a function: those that name it, and those that were seen to reach it.

What is learned is what runs of whole test files show at the end, so that a test counts here that no name leads to, and
one that names a function but never calls it takes no time any more. All of them run again at the end of each run:
what was learned wrongly, or has changed, is put right there.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from soa.contracts import Address
from soa.evidence import Outcome
from soa.source.files import read_text
from soa.source.structure import read_structure
from soa.store.coverage import Seen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from soa.agents.board import Board, Document, Entry
    from soa.evidence import TestResult
    from soa.source.project import ProjectIndex
    from soa.source.structure import Definition
    from soa.store.coverage import Coverage as Store

MOST = 30
"""Tests of the project for one function."""
MOST_LEARNED = 10
"""Those among them that no name leads to; such tests often reach much else besides, and those that do come last."""


class Coverage:
    """What was seen of the tests of one workspace."""

    def __init__(self, index: ProjectIndex, store: Store) -> None:
        self._index = index
        self._store = store
        self._workspace = str(index.root)

    async def tests(self, entry: Entry) -> tuple[str, ...]:
        """The tests to run for an entry, as pytest nodes: those that name it come first.

        What is known of a test that has changed or is gone is forgotten.
        """
        named = await self._naming(entry)
        seen = await self._store.of(self._workspace, entry.address)
        valid = await asyncio.to_thread(lambda: [s for s in seen if self._holds(s)])
        if len(valid) < len(seen):
            await self._store.forget(self._workspace, [s for s in seen if s not in valid])
        return choose(named, {s.test: s.reached for s in valid})

    async def learn(self, board: Board, whole: Sequence[TestResult]) -> None:
        """Remember what the tests of whole files have called, and what the tests of each stub have.

        That a slow test reaches a function is not: unless it names that one, it waits for the end of each run.
        """
        judged = [r for root in board.roots if root.ending for r in root.ending.evidence.results]
        results = {r.test.name: r for r in (*judged, *whole) if r.test.origin == "project"}
        passed = {r.test.name: r for r in whole if r.outcome is Outcome.PASSED}
        missed = [(root.address, t) for root in board.wanted for t in await self._expected(root) if t in passed]
        found = dict.fromkeys(((f, t) for f, t in missed if str(f) not in passed[t].reached), False)
        found |= dict.fromkeys((c for r in results.values() if not r.slow for c in _calls(r)), True)
        await self._store.learn(self._workspace, await asyncio.to_thread(self._seen, found))
        slow = [Seen(f, test, True, "") for r in results.values() if r.slow for f, test in _calls(r)]
        await self._store.forget(self._workspace, slow)
        await self._forget_functions(board)

    async def _naming(self, entry: Entry) -> tuple[str, ...]:
        return await asyncio.to_thread(self._index.tests_naming, entry.contract, entry.document.path)

    async def _expected(self, entry: Entry) -> set[str]:
        """The tests of which one might think that they reach an entry."""
        return {*await self._naming(entry), *(s.test for s in await self._store.of(self._workspace, entry.address))}

    def _seen(self, found: Mapping[tuple[Address, str], bool]) -> list[Seen]:
        prints = {test: self._fingerprint(test) for _, test in found}
        return [Seen(f, test, reached, prints[test]) for (f, test), reached in found.items() if prints[test]]

    def _holds(self, seen: Seen) -> bool:
        """Whether knowledge still counts: a test that reached a function is taken to do so as long as it exists."""
        there = bool(self._index.test_source(seen.test))
        return (seen.reached and there) or self._fingerprint(seen.test) == seen.source

    def _fingerprint(self, test: str) -> str:
        """Of a test's source; of its file, where the test cannot be found there: pytest may make it up."""
        text = self._index.test_source(test)
        if not text:
            path = test.partition("::")[0]
            text = read_text(self._index.root / path) if self._index.has_tests(path) else ""
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16] if text else ""

    async def _forget_functions(self, board: Board) -> None:
        """Forget functions whose file is gone, or whose file of this run has them no longer."""
        known = await self._store.functions(self._workspace)
        gone = await asyncio.to_thread(lambda: frozenset(self._gone(known, board.documents)))
        if gone - board.addresses():
            await self._store.forget_functions(self._workspace, gone - board.addresses())

    def _gone(self, known: Collection[Address], documents: Sequence[Document]) -> Iterator[Address]:
        there = {d.relative: set(_functions(read_structure(d.text).definitions)) for d in documents}
        files = {f.path.relative_to(self._index.root).as_posix() for f in self._index.files()}
        for function in known:
            names = there.get(function.path)
            if function.path not in files if names is None else function.qualname not in names:
                yield function


def choose(named: Sequence[str], seen: Mapping[str, bool]) -> tuple[str, ...]:
    """Of tests that name a function, and of what was seen of tests, those to run.

    If nothing is left of those that name it and none was seen to reach it, those that name it are all there is.
    """
    hopeful = [t for t in named if seen.get(t, True)]
    learned = [t for t, reached in seen.items() if reached and t not in hopeful][:MOST_LEARNED]
    return tuple((*hopeful[: MOST - len(learned)], *learned) or named)


def _calls(result: TestResult) -> Iterator[tuple[Address, str]]:
    """The functions that a test called, each with the test's name."""
    for function in result.reached | result.blocked_by:
        path, _, qualname = function.partition("::")
        yield Address(path, qualname), result.test.name


def _functions(found: Sequence[Definition]) -> Iterator[str]:
    for one in found:
        yield one.qualname
        yield from _functions(one.children)
