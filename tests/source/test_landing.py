"""Where in a new text the edits of an old one lead."""

from soa.source.edits import Edit, apply, landing

TEXT = "a\nb\nc\n"


def test_it_is_where_the_first_edit_behind_the_offset_has_its_text():
    edits = (Edit(0, 0, "import x\n"), Edit(3, 3, "\n  new"), Edit(6, 6, "later"))
    new = apply(TEXT, edits)
    assert [new[landing(edits, offset) :][:3] for offset in (0, 1, 3, 4)] == ["imp", "new", "new", "lat"]


def test_without_such_an_edit_it_is_where_the_offset_is_now():
    edits = (Edit(0, 1, "longer"),)
    assert apply(TEXT, edits)[landing(edits, 2)] == "b"


def test_an_edit_that_only_takes_away_has_a_place_too():
    edits = (Edit(0, 2, ""), Edit(2, 4, ""))
    assert landing(edits, 2) == 0
