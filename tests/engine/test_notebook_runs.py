"""A notebook's function is tested in one module of all its cells."""

from __future__ import annotations

import asyncio
import json

from soa.contracts import Status
from soa.engine.request import Request, Target
from soa.source.cells import compose
from soa.source.splice import splice
from soa.source.stubs import find_stubs

CELLS = (
    "%matplotlib inline\nimport math\nfrom near import UNIT\n",
    "df = load_everything('big.csv')\nSCALE = 2\n\ndef doubled(x):\n    return SCALE * x\n",
    'print(area(3))\n\ndef area(r: float) -> int:\n    """Twice the area of a circle, rounded up.\n\n'
    '    >>> area(1)\n    7\n    """\n    # soa: use doubled\n',
    "%%bash\nls",
)
REPLY = """
    === write study/circles.ipynb::area
    from math import ceil

    def area(r):
        return _area_rounded(doubled(math.pi * r * r)) * UNIT

    def _area_rounded(x):
        return ceil(x)
"""


def test_it_is_verified_with_helpers_imports_and_neighbours_and_goes_into_its_cell(bench):
    path = bench.file("study/circles.ipynb", json.dumps({"cells": [], "nbformat": 4}))
    bench.file("study/near.py", "UNIT = 1\n")
    before = path.read_bytes()

    async def go():
        async with await bench.engine(bench.records(REPLY)) as engine:
            return await engine.implement(Request((Target(path, ("area",), text=compose(CELLS)),)), bench.events.append)

    (proposal,) = asyncio.run(go()).proposals
    assert proposal.status is Status.VERIFIED
    assert proposal.address.path == "study/circles.ipynb"
    assert path.read_bytes() == before
    (stub,) = find_stubs(CELLS[2])
    assert proposal.contract == stub.contract
    assert splice(CELLS[2], [(stub, proposal.candidate)]).text == (
        "from math import ceil\n\nprint(area(3))\n\n\ndef _area_rounded(x):\n    return ceil(x)\n\n\n"
        'def area(r: float) -> int:\n    """Twice the area of a circle, rounded up.\n\n'
        '    >>> area(1)\n    7\n    """\n'
        "    # soa: use doubled\n    return _area_rounded(doubled(math.pi * r * r)) * UNIT\n"
    )


def test_in_a_cell_with_a_magic_on_top_imports_go_below_it(bench):
    cell = '%%time\ndef area(r):\n    """Area.\n\n    >>> area(0)\n    0.0\n    """\n'
    path = bench.file("circles.ipynb", "{}")
    reply = "=== write circles.ipynb::area\nimport math\n\ndef area(r):\n    return math.pi * r * r\n"

    async def go():
        async with await bench.engine(bench.records(reply)) as engine:
            return await engine.implement(Request((Target(path, text=compose([cell])),)), bench.events.append)

    (proposal,) = asyncio.run(go()).proposals
    assert proposal.status is Status.VERIFIED
    new = splice(cell, [(find_stubs(cell)[0], proposal.candidate)]).text
    assert new.startswith("%%time\n\nimport math\n\n\ndef area(r):\n")
    assert new.endswith("    return math.pi * r * r\n")
