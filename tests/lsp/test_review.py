"""What a stranger with a client of his own would try, with nothing but the protocol and the names of our commands."""

import pytest

CAFE = '''
    def cafe\u0301(x):
        """Itself \U0001d4b3\u0301.

        >>> cafe\u0301("\U0001f468\u200d\U0001f469")
        '\U0001f468\u200d\U0001f469'
        """
'''
REPLIES = """
    === write m.py::caf\xe9
    def cafe\u0301(x):
        return x
"""


@pytest.mark.parametrize("name", ["cafe\u0301", "caf\xe9"], ids=["of two characters", "of one"])
async def test_a_name_with_an_accent_is_one_name(open_editor, file, name):
    editor = await open_editor(REPLIES)
    uri = editor.open(file("m.py", CAFE))
    answer = await editor.execute("soa.implement", uri, name)
    assert [stub["status"] for stub in answer["stubs"]] == ["verified"]


async def test_a_diagnostic_stands_at_the_name_as_it_is_written(open_editor, file):
    editor = await open_editor(REPLIES)
    uri = editor.open(file("m.py", CAFE))
    report = await editor.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    place = report["items"][0]["range"]
    assert (place["start"]["character"], place["end"]["character"]) == (4, 9)


async def test_each_of_several_quick_runs_has_a_bar(open_editor, file):
    module = "".join(f'def f{n}(x):\n    """Itself.\n\n    >>> f{n}(1)\n    1\n    """\n\n\n' for n in range(5))
    replies = "".join(f"=== write m.py::f{n}\ndef f{n}(x):\n    return x\n" for n in range(5))
    editor = await open_editor(replies)
    uri = editor.open(file("m.py", module))
    runs = [(await editor.execute("soa.implement", uri, f"f{n}"))["run"] for n in range(5)]
    for run in runs:
        await editor.wait_for("$/progress", lambda p, run=run: (p["token"], p["value"]["kind"]) == (run, "end"))
    begun = [p["token"] for p in editor.seen("$/progress") if p["value"]["kind"] == "begin"]
    assert begun == runs
