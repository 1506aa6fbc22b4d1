"""What others see of entries."""

from __future__ import annotations

import asyncio
from pathlib import Path

from soa.agents.board import Board, Document, Entry
from soa.agents.scope import STOPPED
from soa.contracts import Address
from soa.source.disk import SourceFile
from soa.source.stubs import find_stubs

TEXT = '''
def whole():
    """All of it."""

def part():
    """A part."""

def other():
    """Something else."""
'''


async def test_who_waits_for_a_helper_does_not_wait_for_one_whose_mother_was_stopped():
    path = Path("/p/a.py")
    document = Document(path, "a.py", SourceFile.held(path, TEXT))
    whole, part, other = (
        Entry(document, Address("a.py", s.contract.qualname), s.contract, stub=s) for s in find_stubs(TEXT)
    )
    document.entries += [whole, other]
    part.parent, whole.children = whole, {"part": part}
    board = Board([document])
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(board.wait(other, frozenset({part})))
        await asyncio.sleep(0)
        await board.settle(whole, STOPPED)
    assert not other.waiting_for
