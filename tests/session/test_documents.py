"""Documents hold exactly what the editor holds, whatever it changes, and know what is new since the last save."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from soa.session.documents import LARGEST, OpenDocument, TextChange
from soa.session.lines import Place
from soa.session.views import Key
from soa.source.stubs import find_stubs

WIDTHS = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
STUB = 'def double(n):\n    """Twice n."""\n'
pieces = st.one_of(
    st.sampled_from(
        ["\n", "\r\n", "\r", "\f", "\u2028", "\x85", "🦉", "e\u0301", '"""', "#", STUB, "    ", "def f():"]
    ),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=5),
)
texts = st.lists(pieces, max_size=12).map("".join)


class Buffer:
    """The same text as an editor might hold it: code units in a list, lines found by walking over them."""

    def __init__(self, text: str, encoding: str) -> None:
        self.codec, self.width = CODECS[encoding], WIDTHS[encoding]
        self.units = self.encode(text)

    def encode(self, text: str) -> list[bytes]:
        data = text.encode(self.codec)
        return [data[n : n + self.width] for n in range(0, len(data), self.width)]

    @property
    def text(self) -> str:
        return b"".join(self.units).decode(self.codec)

    def boundaries(self) -> list[int]:
        """Where characters begin; an editor puts no cursor anywhere else, nor between CR and LF."""
        found = [0]
        for character in self.text:
            found.append(found[-1] + len(self.encode(character)))
        feed, ret = self.encode("\n"), self.encode("\r")
        return [n for n in found if not (self.units[n : n + 1] == feed and n and self.units[n - 1 : n] == ret)]

    def place(self, at: int) -> Place:
        line = column = 0
        feed, ret = self.encode("\n")[0], self.encode("\r")[0]
        for n, unit in enumerate(self.units[:at]):
            ends = unit == feed or (unit == ret and self.units[n + 1 : n + 2] != [feed])
            line, column = (line + 1, 0) if ends else (line, column + 1)
        return Place(line, column)

    def replace(self, start: int, end: int, text: str) -> None:
        self.units[start:end] = self.encode(text)


@settings(deadline=None, max_examples=200)
@given(st.data(), texts, st.sampled_from(sorted(WIDTHS)))
def test_any_changes_give_the_editors_text(data: st.DataObject, text: str, encoding: str):
    from pathlib import Path

    document = OpenDocument("file:///a.py", Path("/a.py"), Path("/"), 1, text)
    buffer = Buffer(text, encoding)
    for version in range(2, 2 + data.draw(st.integers(1, 4))):
        changes = []
        for _ in range(data.draw(st.integers(0, 3))):
            start, end = sorted(data.draw(st.tuples(*[st.sampled_from(buffer.boundaries())] * 2)))
            new = data.draw(texts)
            if data.draw(st.integers(0, 9)) == 0:
                changes.append(TextChange(new))
                buffer = Buffer(new, encoding)
            else:
                changes.append(TextChange(new, buffer.place(start), buffer.place(end)))
                buffer.replace(start, end, new)
        document.change(version, tuple(changes), encoding)
        assert document.text == buffer.text
        assert document.version == version
        assert document.stubs == find_stubs(buffer.text)
        assert document.lines.text == buffer.text


def opened(path: Path, text: str) -> OpenDocument:
    document = OpenDocument(path.as_uri(), path, path.parent, 1, text)
    document.compare_with_disk()
    return document


def test_what_is_on_disk_is_not_new(tmp_path: Path):
    path = tmp_path / "a.py"
    path.write_text(STUB)
    document = opened(path, STUB)
    assert not document.unsaved
    assert document.note_save() == frozenset()


def test_what_is_not_on_disk_is_new(tmp_path: Path):
    path = tmp_path / "a.py"
    document = opened(path, STUB)
    assert document.unsaved
    assert document.note_save() == document.digests != frozenset()
    assert not document.unsaved
    assert document.note_save() == frozenset()


def test_what_was_restored_but_not_saved_is_new(tmp_path: Path):
    path = tmp_path / "a.py"
    path.write_text(STUB)
    document = opened(path, STUB + STUB.replace("double", "triple"))
    assert document.unsaved
    new = document.note_save()
    assert [s.contract.name for s in document.stubs if s.contract.digest in new] == ["triple"]


def test_a_contract_that_comes_back_after_a_save_is_new(tmp_path: Path):
    path = tmp_path / "a.py"
    path.write_text(STUB)
    document = opened(path, STUB)
    first = document.digests
    for text in (STUB.replace("Twice", "Two times"), STUB):
        document.change(2, (TextChange(text),), "utf-16")
        assert document.unsaved
        assert document.note_save() == document.digests
    assert document.digests == first


def test_a_file_that_cannot_be_read_is_no_obstacle(tmp_path: Path):
    path = tmp_path / "a.py"
    path.write_bytes(b"\xff\xfe\x00")
    assert opened(path, STUB).unsaved


def test_keys_follow_the_workspace(tmp_path: Path):
    document = opened(tmp_path / "src" / "a.py", STUB)
    (digest,) = document.digests
    assert document.keys == {Key(tmp_path / "src", "a.py", digest)}
    document.root = tmp_path
    assert document.keys == {Key(tmp_path, "src/a.py", digest)}


def test_backward_ranges_and_places_outside_change_nothing_they_should_not(tmp_path: Path):
    document = opened(tmp_path / "a.py", "ab\ncd\n")
    document.change(2, (TextChange("X", Place(1, 1), Place(0, 1)),), "utf-16")
    assert document.text == "ab\ncXd\n"
    document.change(3, (TextChange("Y", Place(7, 0), Place(9, 9)),), "utf-16")
    assert document.text == "ab\ncXd\nY"


def test_nothing_is_looked_for_in_a_text_that_is_too_long():
    text = 'def f():\n    """One."""\n'
    path = Path("/nowhere/a.py")
    assert OpenDocument("file:///nowhere/a.py", path, path.parent, 1, text).stubs
    assert not OpenDocument("file:///nowhere/a.py", path, path.parent, 1, text + "#" * LARGEST).stubs
