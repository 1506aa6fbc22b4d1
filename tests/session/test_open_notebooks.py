"""Notebooks: cells that come, go, move and change, and runs on all of a notebook at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from soa.session.documents import TextChange
from soa.session.lines import Place
from soa.session.notebooks import Cell, CellChange, NotebookChange, OpenNotebook

if TYPE_CHECKING:
    from collections.abc import Callable

URI = "file:///project/study.ipynb"
VERIFYING = {"generate_tests": "never", "depth": 0, "attempts": 1, "sandbox": "auto"}
SETUP = "%matplotlib inline\nimport math\n\ndef half(x):\n    return x / 2\n"
AREA = '''area(3)

def area(r):
    """Half of a circle's area, rounded up.

    >>> area(1)
    2
    """
'''
ANSWER = "from math import ceil\n\ndef area(r):\n    return ceil(half(math.pi * r * r))\n"
TWICE = 'def twice(x):\n    """Two areas.\n\n    >>> twice(1)\n    4\n    """\n'
TWICE_ANSWER = "def twice(x):\n    return 2 * area(x)\n"


def cell(name: str, text: str | None = "", **more) -> Cell:
    return Cell(name, **{"language": "python", "version": 1, "text": text, **more})


def notebook(*cells: Cell) -> OpenNotebook:
    return OpenNotebook.open(URI, Path("/project/study.ipynb"), Path("/project"), cells)


def held(book: OpenNotebook) -> list[tuple[str, str]]:
    return [(document.uri, document.text) for document in book.documents]


# The notebook alone


def test_python_cells_are_documents_of_the_notebook():
    book = notebook(
        cell("a", "X = 1"), cell("b", "# Words", is_code=False, language="markdown"),
        cell("c", "SELECT", language="sql"), cell("d", AREA, version=7), Cell("e"),
    )  # fmt: skip
    first, second = book.documents
    assert (first.uri, second.uri, second.version) == ("a", "d", 7)
    assert {(d.path, d.relative, d.notebook) for d in book.documents} == {(book.path, "study.ipynb", URI)}
    assert [s.contract.name for s in second.stubs] == ["area"]
    assert second.saved == second.digests


def test_the_target_is_one_module_of_all_cells_and_contracts_are_those_of_the_cells():
    book = notebook(cell("a", SETUP), cell("b", AREA))
    target = book.target
    assert target.path == Path("/project/study.ipynb")
    assert target.text is not None
    assert "area(3)" not in target.text.splitlines()
    assert book.target.text is target.text
    book.change(NotebookChange(typed=(CellChange("a", 2, (TextChange("X = 1"),)),)), "utf-16")
    assert "half" not in (book.target.text or "")


def test_cells_come_and_go_and_what_came_is_new():
    book = notebook(cell("a"), cell("b"), cell("c"))
    new = cell("d", AREA)
    effect = book.change(NotebookChange(1, 1, (Cell("d"),), ("b",), (new,)), "utf-16")
    assert held(book) == [("a", ""), ("d", AREA), ("c", "")]
    assert [d.uri for d in effect.added] == ["d"]
    assert (effect.gone, effect.typed) == (("b",), ())
    assert effect.added[0].note_save() == effect.added[0].digests != frozenset()


def test_a_cell_that_moves_keeps_its_text_and_its_document():
    book = notebook(cell("a", "A = 1"), cell("b", "B = A"))
    before = book.documents
    assert book.change(NotebookChange(0, 2, (Cell("b"), Cell("a"))), "utf-16").added == ()
    assert book.documents == (before[1], before[0])
    book.change(NotebookChange(0, 1), "utf-16")
    effect = book.change(NotebookChange(1, 0, (Cell("b"),)), "utf-16")
    assert held(book) == [("a", "A = 1"), ("b", "B = A")]
    assert effect.added == (before[1],)


def test_typing_goes_to_its_cell_in_the_units_of_the_editor():
    book = notebook(cell("a", "x = '🙂'\n"), cell("b", "y = 1\n"))
    change = TextChange("!", Place(0, 7), Place(0, 7))
    effect = book.change(NotebookChange(typed=(CellChange("a", 2, (change,)), CellChange("?", 2, (change,)))), "utf-16")
    assert held(book) == [("a", "x = '🙂!'\n"), ("b", "y = 1\n")]
    assert effect.typed == ("a",)
    assert book.documents[0].version == 2


def test_a_cell_of_another_kind_or_language_is_no_document_any_more():
    book = notebook(cell("a"), cell("b"))
    assert book.change(NotebookChange(altered=(Cell("a", is_code=False),)), "utf-16").gone == ("a",)
    effect = book.change(NotebookChange(closed=("b",), opened=(cell("b", language="sql"),)), "utf-16")
    assert effect.gone == ("b",)
    effect = book.change(NotebookChange(altered=(Cell("a"),), closed=("b",), opened=(cell("b", "Y = 1"),)), "utf-16")
    assert [d.uri for d in effect.added] == ["a", "b"]


def test_what_does_not_fit_breaks_nothing():
    book = notebook(cell("a"))
    book.change(NotebookChange(7, 3, (Cell("b"),), ("c",), (cell("d", "x"),), (Cell("e"),)), "utf-16")
    assert held(book) == [("a", "")]


@dataclass
class Model:
    """A notebook as plain lists."""

    cells: list[list[str]] = field(default_factory=list)
    count: int = 0

    def insert(self, start: int, deleted: int, texts: list[str]) -> NotebookChange:
        new = [[f"c{self.count + i}", text] for i, text in enumerate(texts)]
        self.count += len(new)
        gone = tuple(name for name, _ in self.cells[start : start + deleted])
        self.cells[start : start + deleted] = new
        inserted = tuple(Cell(name) for name, _ in new)
        return NotebookChange(start, deleted, inserted, gone, tuple(cell(name, text) for name, text in new))

    def move(self, start: int, count: int) -> NotebookChange:
        part = self.cells[start : start + count][::-1]
        self.cells[start : start + count] = part
        return NotebookChange(start, len(part), tuple(Cell(name) for name, _ in part))

    def type(self, number: int, column: int, text: str) -> NotebookChange:
        if not self.cells:
            return NotebookChange()
        name, old = self.cells[number % len(self.cells)]
        column = min(column, len(old))
        self.cells[number % len(self.cells)][1] = old[:column] + text + old[column:]
        place = Place(0, column)
        return NotebookChange(typed=(CellChange(name, 2, (TextChange(text, place, place),)),))


numbers = st.integers(0, 4)
texts = st.text("ab =1", max_size=5)
steps = st.one_of(
    st.tuples(st.just("insert"), numbers, numbers, st.lists(texts, max_size=3)),
    st.tuples(st.just("move"), numbers, numbers),
    st.tuples(st.just("type"), numbers, numbers, texts),
)


@settings(max_examples=150, deadline=None, database=None)
@given(st.lists(texts, max_size=4), st.lists(steps, max_size=12))
def test_cells_are_those_of_the_editor_whatever_happens(start, steps):
    model = Model()
    model.insert(0, 0, start)
    book = notebook(*(cell(name, text) for name, text in model.cells))
    shelf = {document.uri: document for document in book.documents}
    for name, *arguments in steps:
        effect = book.change(getattr(model, name)(*arguments), "utf-32")
        for uri in effect.gone:
            del shelf[uri]
        shelf |= {document.uri: document for document in effect.added}
        assert held(book) == [tuple(c) for c in model.cells]
        assert shelf == {document.uri: document for document in book.documents}


# In a session


def open_notebook(w, *texts: str, name: str = "study.ipynb") -> list[str]:
    """Open a notebook with these cells; their URIs."""
    (w.root / name).write_text('{"cells": []}')
    uris = [f"vscode-notebook-cell:{w.root / name}#{n}" for n in range(len(texts))]
    for uri, text in zip(uris, texts, strict=True):
        w.editor.texts[uri], w.editor.versions[uri] = text, 1
    w.session.notebooks.open(uri_of(w, name), [cell(u, t) for u, t in zip(uris, texts, strict=True)])
    return uris


def uri_of(w, name: str = "study.ipynb") -> str:
    return (w.root / name).as_uri()


async def test_a_stub_is_tested_with_the_other_cells_and_goes_into_its_own(window: Callable):
    w = window(VERIFYING, ready={"area": ANSWER})
    setup, area = open_notebook(w, SETUP, AREA)
    settled = await w.implement(area, "area")
    (kept,) = settled.proposals
    assert kept.proposal.status == "verified"
    assert kept.proposal.address.path == "study.ipynb"
    change = await w.session.change_for(area, ["area"])
    assert change.uri == area
    assert change.after == f"from math import ceil\n\n{AREA}    return ceil(half(math.pi * r * r))\n"
    assert w.text(setup) == SETUP


async def test_stubs_of_several_cells_are_one_run(window: Callable):
    w = window(VERIFYING, ready={"area": ANSWER, "twice": TWICE_ANSWER})
    _, area, twice = open_notebook(w, SETUP, AREA, TWICE)
    w.session.notebooks.change(
        uri_of(w), NotebookChange(typed=(CellChange(area, 2, (TextChange(AREA + " "),)),)), "utf-16"
    )
    w.session.save(uri_of(w))
    assert w.session.runs() == ()
    for uri, text in ((area, AREA.replace("Half of", "Half")), (twice, TWICE.replace("Two", "Both"))):
        change = NotebookChange(typed=(CellChange(uri, 3, (TextChange(text),)),))
        w.session.notebooks.change(uri_of(w), change, "utf-16")
    w.session.save(uri_of(w))
    await w.until(lambda: w.state(area, "area") == w.state(twice, "twice") == "ready")
    assert [s.status for s in (w.stub(area, "area"), w.stub(twice, "twice"))] == ["verified", "verified"]
    await w.settled()
    assert len(w.session.runs()) == 1


async def test_a_cell_that_is_removed_ends_what_only_it_wanted(window: Callable):
    w = window()
    _, area = open_notebook(w, SETUP, AREA)
    task = w.ask(area)
    await w.until(lambda: w.model.waiting)
    w.session.notebooks.change(uri_of(w), NotebookChange(1, 1, closed=(area,)), "utf-16")
    await task
    assert [run.status for run in w.session.runs()] == ["cancelled"]
    assert w.session.snapshot(area) is None


async def test_closing_a_notebook_ends_what_its_saves_wanted(window: Callable):
    w = window()
    (area,) = open_notebook(w, AREA)
    text = TextChange(AREA.replace("Half", "One half"))
    w.session.notebooks.change(uri_of(w), NotebookChange(typed=(CellChange(area, 2, (text,)),)), "utf-16")
    w.session.save(uri_of(w))
    await w.until(lambda: w.model.waiting)
    assert w.session.notebooks.close(uri_of(w))
    assert not w.session.notebooks.close(uri_of(w))
    await w.settled()
    assert [run.status for run in w.session.runs()] == ["cancelled"]
    assert w.session.documents() == ()


async def test_what_was_proposed_comes_back_for_a_notebook(window: Callable):
    w = window(VERIFYING, ready={"area": ANSWER})
    _, area = open_notebook(w, SETUP, AREA)
    await w.implement(area)
    later = window(VERIFYING)
    _, area = open_notebook(later, SETUP, AREA)
    await later.until(lambda: later.state(area, "area") == "ready")
    assert later.model.count == {}


async def test_a_notebook_that_is_no_file_says_so(window: Callable):
    w = window()
    w.session.notebooks.open("untitled:Untitled-1.ipynb", [cell("vscode-notebook-cell:Untitled#1", AREA)])
    settled = await w.implement("vscode-notebook-cell:Untitled#1")
    assert "Save the file first" in settled.problem
    w.session.notebooks.open("git:/study.ipynb", [cell("vscode-notebook-cell:git#1", AREA)])
    assert w.session.snapshot("vscode-notebook-cell:git#1") is None
