"""Candidates are tested with what the editor holds, not with what was last saved."""

from __future__ import annotations

import asyncio
import textwrap
from pathlib import Path

import pytest

from soa.contracts import Status
from soa.engine.held import unsaved_files
from soa.engine.request import Request, Target, Unsaved
from soa.errors import FileProblem

PRICE = '''
    from rates import RATE


    def price(net: int) -> int:
        """Net price and tax.

        >>> price(100)
        107
        """
'''
ANSWER = """
    === write price.py::price
    def price(net):
        return net + net * RATE // 100
"""


@pytest.fixture
def implement(bench):
    """Implements what an editor holds."""

    async def go(replies, request, **options):
        async with await bench.engine(bench.records(replies), **options) as engine:
            return await engine.implement(request, bench.events.append)

    return lambda *args, **options: asyncio.run(go(*args, **options))


def held(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


def test_the_text_of_the_target_is_the_editors(bench, implement):
    path = bench.file("price.py", "# nothing here yet\n")
    text = "RATE = 7\n" + held(PRICE).partition("\n")[2]
    (proposal,) = implement(ANSWER, Request((Target(path, text=text),))).proposals
    assert proposal.status is Status.VERIFIED
    assert bench.read("price.py") == "# nothing here yet\n"


def test_other_files_count_as_the_editor_holds_them(bench, implement):
    price = bench.file("price.py", PRICE)
    rates = bench.file("rates.py", "RATE = 19\n")
    request = Request((Target(price),), unsaved=(Unsaved(rates, "RATE = 7\n"),))
    (proposal,) = implement(ANSWER, request).proposals
    assert proposal.status is Status.VERIFIED
    (proposal,) = implement(ANSWER, Request((Target(price),)), depth=0, attempts=1).proposals
    assert proposal.status is Status.FAILED


def test_another_target_counts_as_the_editor_holds_it_even_if_nothing_comes_of_its_stubs(bench, implement):
    price = bench.file("price.py", PRICE)
    rates = bench.file("rates.py", "RATE = 19\n")
    text = 'RATE = 7\n\ndef rate(year):\n    """The rate of a year.\n\n    >>> rate(1999)\n    16\n    """\n'
    replies = f"{ANSWER}\n    === write rates.py::rate\n    I cannot.\n"
    result = implement(replies, Request((Target(price), Target(rates, text=text))), depth=0, attempts=1)
    assert {p.contract.name: str(p.status) for p in result.proposals} == {"price": "verified", "rate": "failed"}


def test_an_open_test_file_is_run_as_the_editor_holds_it(bench, implement):
    path = bench.file("double.py", 'def double(n):\n    """Twice n."""\n')
    saved = "from double import double\n\ndef test_double():\n    assert double(2) == 5\n"
    tests = bench.file("tests/test_double.py", saved)
    replies = "=== write double.py::double\ndef double(n):\n    return 2 * n\n"
    unsaved = (Unsaved(tests, saved.replace("5", "4")),)
    (proposal,) = implement(replies, Request((Target(path),), unsaved=unsaved)).proposals
    assert proposal.status is Status.VERIFIED
    assert [(c.origin, c.passed) for c in proposal.evidence.counts] == [("project", 1)]


BREAKING = """
    === write price.py::price
    _price_rate = 1 // 0

    def price(net):
        return net + _price_rate
"""


def test_a_module_that_only_the_editor_has_whole_is_broken_by_the_candidate(bench, implement):
    path = bench.file("price.py", "import nothing_of_this_name\n")
    text = "RATE = 7\n" + held(PRICE).partition("\n")[2]
    (proposal,) = implement(BREAKING, Request((Target(path, text=text),)), depth=0, attempts=1).proposals
    assert proposal.status is Status.FAILED
    assert "ZeroDivisionError" in proposal.evidence.broken


def test_a_module_that_cannot_be_imported_as_the_editor_holds_it_is_no_fault_of_the_candidate(bench, implement):
    bench.file("rates.py", "RATE = 7\n")
    path = bench.file("price.py", PRICE)
    text = f"import nothing_of_this_name\n{held(PRICE)}"
    (proposal,) = implement(ANSWER, Request((Target(path, text=text),)), depth=0, attempts=1).proposals
    assert proposal.status is Status.UNVERIFIED
    assert "with or without the candidate" in proposal.evidence.refused


def test_unsaved_files_that_cannot_count_are_left_out(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    for path in (root / "here.py", root / "odd.py", tmp_path / "outside.py"):
        path.write_text("")
    names = ("here.py", "odd.py", "missing.py", "../outside.py")
    texts = dict.fromkeys(names, "X = 'é'\r\n") | {"odd.py": "X = '\ud800'\n"}
    found = unsaved_files([Unsaved(root / n, texts[n]) for n in names], root)
    assert found == {root / "here.py": "X = 'é'\r\n".encode()}


def test_an_unsaved_file_keeps_the_encoding_that_it_declares(tmp_path):
    path = tmp_path / "old.py"
    path.write_text("")
    text = "# -*- coding: latin-1 -*-\nX = 'é'\n"
    assert unsaved_files([Unsaved(path, text)], tmp_path) == {path: text.encode("latin-1")}


def test_a_text_that_cannot_be_a_file_is_named(bench, implement):
    path = bench.file("price.py", PRICE)
    text = f"X = '\ud800'\n{held(PRICE)}"
    with pytest.raises(FileProblem, match=r"U\+D800"):
        implement(ANSWER, Request((Target(Path(path), text=text),)))
