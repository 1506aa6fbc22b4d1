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
