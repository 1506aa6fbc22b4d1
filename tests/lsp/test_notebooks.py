"""Notebooks over the wire: stubs in cells get what stubs in files get."""

from __future__ import annotations

import asyncio
import json

from editor import DEADLINE

SETUP = "%matplotlib inline\nimport math\n\ndef half(x):\n    return x / 2\n"
AREA = '''area(3)

def area(r):
    """Half of a circle's area, rounded up.

    >>> area(1)
    2
    """
'''
REPLY = """
    === write study.ipynb::area
    from math import ceil

    def area(r):
        return _area_up(half(math.pi * r * r))

    def _area_up(x):
        return ceil(x)
"""


def titles(lenses):
    return [lens["command"]["title"] for lens in lenses]


async def lenses(editor, uri):
    return await editor.request("textDocument/codeLens", {"textDocument": {"uri": uri}})


def shape(server):
    """What the session holds: URI and text of each cell."""
    return [(uri.rpartition("#")[2], server.session.snapshot(uri).text) for uri in server.session.documents()]


async def test_a_stub_in_a_cell_is_implemented_and_accepted_into_it(open_editor, file):
    path = file("study.ipynb", '{"cells": []}')
    editor = await open_editor(REPLY)
    setup, area = editor.open_notebook(path, SETUP, AREA)
    assert titles(await lenses(editor, area)) == ["Implement", "Decompose"]
    assert titles(await lenses(editor, setup)) == []
    await editor.execute("soa.implement", {"uri": area, "name": "area"})
    assert titles(await lenses(editor, area))[0].startswith("✓ 1/1 tests")
    await editor.execute("soa.accept", {"uri": area, "name": "area"})
    await editor.until(lambda: "_area_up(half" in editor.text(area))
    assert editor.text(area) == (
        "from math import ceil\n\narea(3)\n\n\ndef _area_up(x):\n    return ceil(x)\n\n\n"
        + AREA.removeprefix("area(3)\n\n")
        + "    return _area_up(half(math.pi * r * r))\n"
    )
    assert editor.text(setup) == SETUP
    assert titles(await lenses(editor, area)) == []


async def test_a_whole_notebook_is_implemented_from_any_of_its_cells(open_editor, file):
    path = file("study.ipynb", '{"cells": []}')
    more = """
    === write study.ipynb::twice
    def twice(x):
        return 2 * x
    """
    editor = await open_editor(REPLY.rstrip() + more)
    twice = 'def twice(x):\n    """Double.\n\n    >>> twice(2)\n    4\n    """\n'
    _, area, other = editor.open_notebook(path, SETUP, AREA, twice)
    for uri in (area, path.as_uri()):
        answer = await editor.execute("soa.implementFile", {"uri": uri})
        assert {(stub["uri"], stub["name"]) for stub in answer["stubs"]} == {(area, "area"), (other, "twice")}
        assert {stub["status"] for stub in answer["stubs"]} == {"verified"}


async def test_saving_a_notebook_proposes_what_is_new_in_it(open_editor, file):
    path = file("study.ipynb", '{"cells": []}')
    editor = await open_editor(REPLY)
    _, area = editor.open_notebook(path, SETUP, "x = 1\n")
    editor.rewrite(area, AREA)
    editor.notify("notebookDocument/didSave", {"notebookDocument": {"uri": path.as_uri()}})
    found: list[str] = []
    async with asyncio.timeout(DEADLINE):
        while not (found and "Accept" in found[0]):
            found = titles(await lenses(editor, area))
    assert found[0] == "✓ 1/1 tests · Accept"


async def test_cells_come_go_move_and_change_kind(open_editor, file):
    path = file("study.ipynb", '{"cells": []}')
    editor = await open_editor()
    a, b = editor.open_notebook(path, "A = 1\n", "B = 2\n")
    uri, server = path.as_uri(), editor.server
    new = editor.cell(uri, "new", "N = 3\n")
    array = {"start": 1, "deleteCount": 1, "cells": [{"kind": 2, "document": new["uri"]}]}
    editor.change_notebook(uri, structure={"array": array, "didOpen": [new], "didClose": [{"uri": b}]})
    await lenses(editor, a)
    assert shape(server) == [("0", "A = 1\n"), ("new", "N = 3\n")]
    cells = [{"kind": 2, "document": new["uri"]}, {"kind": 2, "document": a, "executionSummary": {"executionOrder": 1}}]
    editor.change_notebook(uri, structure={"array": {"start": 0, "deleteCount": 2, "cells": cells}})
    editor.replace(a, 0, 1, "AA")
    await lenses(editor, a)
    assert server.session._shelf.notebooks[uri].target.text == "N = 3\nAA = 1\n"
    editor.change_notebook(uri, data=[{"kind": 1, "document": a}])
    editor.notify("notebookDocument/didChange", {"notebookDocument": {"uri": uri, "version": 3}, "change": {}})
    await lenses(editor, a)
    assert shape(server) == [("new", "N = 3\n")]


async def test_a_closed_notebook_leaves_nothing(open_editor, file):
    path = file("study.ipynb", '{"cells": []}')
    editor = await open_editor()
    (area,) = editor.open_notebook(path, AREA)
    assert await lenses(editor, area)
    closed = {"notebookDocument": {"uri": path.as_uri()}, "cellTextDocuments": [{"uri": area}]}
    editor.notify("notebookDocument/didClose", closed)
    assert not await lenses(editor, area)
    assert editor.server.session.documents() == ()


async def test_a_change_that_cannot_be_read_gives_the_notebook_up(open_editor, file):
    path = file("study.ipynb", '{"cells": []}')
    editor = await open_editor()
    (area,) = editor.open_notebook(path, AREA)
    broken = {"notebookDocument": {"uri": path.as_uri(), "version": 2}, "change": {"cells": {"textContent": [{}]}}}
    message = {"jsonrpc": "2.0", "method": "notebookDocument/didChange", "params": broken}
    editor.send_raw(json.dumps(message).encode())
    await editor.until(lambda: any("lost track" in text for text in editor.shown))
    assert not await lenses(editor, area)


async def test_columns_are_those_of_the_client(open_editor, file):
    path = file("study.ipynb", '{"cells": []}')
    editor = await open_editor()
    (cell,) = editor.open_notebook(path, "x = '🙂🙂' + y\n")
    editor.replace(cell, 11, 12, "z")
    await lenses(editor, cell)
    assert shape(editor.server) == [("0", editor.text(cell))]
