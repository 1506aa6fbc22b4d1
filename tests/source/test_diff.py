from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from soa.source.diff import NO_LINE_END, unified_diff
from soa.source.layout import LINE_END


def test_a_change_is_shown_with_its_file_and_its_surroundings():
    before = 'def f():\n    """Do."""\n    ...\n\n\ndef g(): ...\n'
    after = 'def f():\n    """Do."""\n    return 1\n\n\ndef g(): ...\n'
    assert unified_diff("src/m.py", before, after) == (
        "--- a/src/m.py\n+++ b/src/m.py\n@@ -1,6 +1,6 @@\n"
        ' def f():\n     """Do."""\n-    ...\n+    return 1\n \n \n def g(): ...\n'
    )


def test_nothing_changed_shows_nothing():
    assert unified_diff("m.py", "a\n", "a\n") == ""


def test_a_last_line_without_an_end_is_marked():
    shown = unified_diff("m.py", "a", "a\nb")
    assert shown.endswith(f"-a\n{NO_LINE_END}\n+a\n+b\n{NO_LINE_END}\n")


def test_every_line_end_of_an_editor_ends_a_line_and_nothing_else():
    shown = unified_diff("m.py", "a\r\nb\rc\n", "a\r\nB\rc\n")
    assert shown.splitlines()[3:] == [" a", "-b", "+B", " c"]
    one = unified_diff("m.py", "x = '\f\u2028'\n", "x = '\f\u2028\v'\n")
    assert one.split("\n")[3:] == ["-x = '\f\u2028'", "+x = '\f\u2028\v'", ""]


@given(st.text("ab\r\n\f\u2028é😀", max_size=30), st.text("ab\r\n\f\u2028é😀", max_size=30))
@settings(deadline=None, max_examples=100)
def test_the_new_lines_can_be_read_from_it(before, after):
    shown = unified_diff("m.py", before, after)
    kept = [line[1:] for line in shown.split("\n")[3:] if line[:1] in ("+", " ")]
    new = LINE_END.split(after)
    assert not shown or kept == (new if new[-1] else new[:-1])
