import codecs
import contextlib
import os
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soa.errors import FileProblem
from soa.source.disk import SourceFile, read_source, write_source

READABLE = {
    "plain": (b"x = 1\n", "utf-8", "x = 1\n"),
    "empty": (b"", "utf-8", ""),
    "windows": (b"x = 1\r\ny = 2\r\n", "utf-8", "x = 1\r\ny = 2\r\n"),
    "mixed": (b"x\r\ny\nz\r", "utf-8", "x\r\ny\nz\r"),
    "utf-8": ("x = 'é\N{PILE OF POO}'".encode(), "utf-8", "x = 'é\N{PILE OF POO}'"),
    "byte order mark": (codecs.BOM_UTF8 + b"x = 1\n", "utf-8", "x = 1\n"),
    "mark and cookie": (codecs.BOM_UTF8 + b"# coding: utf-8\nx\n", "utf-8", "# coding: utf-8\nx\n"),
    "latin-1": (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "iso-8859-1", "# -*- coding: latin-1 -*-\nx = 'é'\n"),
    "cookie in line 2": (
        b"#!/bin/python\n# vim: fileencoding=cp1252\n'\x80'",
        "cp1252",
        "#!/bin/python\n# vim: fileencoding=cp1252\n'€'",
    ),
    "cookie too late": (b"x = 1\ny = 2\n# coding: latin-1\n", "utf-8", "x = 1\ny = 2\n# coding: latin-1\n"),
    "form feeds and odd line separators": (
        "\x0cx = '\u2028\x85\x1c'\x0b\n".encode(),
        "utf-8",
        "\x0cx = '\u2028\x85\x1c'\x0b\n",
    ),
}


@pytest.mark.parametrize(("data", "encoding", "text"), READABLE.values(), ids=READABLE)
def test_read(tmp_path, data, encoding, text):
    path = tmp_path / "a.py"
    path.write_bytes(data)
    file = read_source(path)
    assert (file.path, file.text, file.encoding) == (path, text, encoding)
    assert file.bom == data.startswith(codecs.BOM_UTF8)
    assert file.encode(file.text) == data


UNREADABLE = {
    "binary": (b"x = 1\n\0", "position 6"),
    "UTF-16": ("x = 1".encode("utf-16"), "binary"),
    "not UTF-8": (b"x = 1\ny = '\xe9'\n", r"0xe9 at position 11 \(line 2\)"),
    "not UTF-8 in line 1": (b"x = '\xe9'\n", r"not UTF-8.*position 5"),
    "not UTF-8 after a mark": (codecs.BOM_UTF8 + b"x = '\xe9'\n", "position 8"),
    "not as declared": (b"# coding: ascii\nx = '\xe9'\n", "not ascii, as it declares.*position 21"),
    "declares UTF-8": (b"# coding: utf-8\nx = '\xe9'\n", "position 21"),
    "unknown cookie": (b"# coding: klingon\nx = 1\n", "klingon, which Python does not know"),
    "unknown cookie in line 2": (b"#!x\n# coding: klingon\nx = 1\n", "klingon, which Python does not know"),
    "mark against cookie": (codecs.BOM_UTF8 + b"# coding: latin-1\n", "contradicts its byte order mark"),
    "no text encoding": (b"# coding: rot13\nk = 1\n", "rot13"),
    "too large": (b"#" * ((20 << 20) + 1), "larger than 20 MB"),
}


@pytest.mark.parametrize(("data", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable(tmp_path, data, reason):
    path = tmp_path / "a.py"
    path.write_bytes(data)
    with pytest.raises(FileProblem, match=reason) as caught:
        read_source(path)
    assert str(path) in caught.value.message
    assert caught.value.advice


def test_missing(tmp_path):
    with pytest.raises(FileProblem, match="does not exist"):
        read_source(tmp_path / "no" / "a.py")


def test_folder(tmp_path):
    with pytest.raises(FileProblem, match="is a folder"):
        read_source(tmp_path)


def test_pipe(tmp_path):
    os.mkfifo(tmp_path / "a.py")
    with pytest.raises(FileProblem, match="pipe"):
        read_source(tmp_path / "a.py")


def test_part_of_the_path_is_a_file(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(FileProblem, match="cannot be read"):
        read_source(tmp_path / "a" / "b.py")


def test_link_to_itself(tmp_path):
    (tmp_path / "a.py").symlink_to(tmp_path / "a.py")
    with pytest.raises(FileProblem, match="cannot be read"):
        read_source(tmp_path / "a.py")


def test_zero_byte_in_the_path():
    with pytest.raises(FileProblem, match="cannot be read"):
        read_source(Path("a\0.py"))


@contextlib.contextmanager
def plain_user():
    """Gives up the rights of root for a while, where we have them."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder():
    """A folder that every user may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_no_permission_to_read(open_folder):
    path = open_folder / "a.py"
    path.write_text("x = 1\n")
    path.chmod(0)
    with plain_user(), pytest.raises(FileProblem, match="permission denied"):
        read_source(path)


def test_no_permission_to_write(open_folder):
    path = open_folder / "a.py"
    path.write_text("x = 1\n")
    path.chmod(0o444)
    with plain_user():
        file = read_source(path)
        with pytest.raises(FileProblem, match="cannot be written: it is read-only"):
            write_source(file, "x = 2\n")
    assert path.read_text() == "x = 1\n"


def test_no_permission_for_the_folder(open_folder):
    path = open_folder / "a.py"
    path.write_text("x = 1\n")
    path.chmod(0o666)
    open_folder.chmod(0o555)
    with plain_user():
        file = read_source(path)
        with pytest.raises(FileProblem, match="cannot be written: permission denied"):
            write_source(file, "x = 2\n")
    assert path.read_text() == "x = 1\n"
    assert list(open_folder.iterdir()) == [path]


def test_write(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(codecs.BOM_UTF8 + "x = 'é'\r\n".encode())
    path.chmod(0o751)
    file = read_source(path)
    write_source(file, file.text + "y = 'ü'\r\n")
    assert path.read_bytes() == codecs.BOM_UTF8 + "x = 'é'\r\ny = 'ü'\r\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o751
    assert list(tmp_path.iterdir()) == [path]


def test_owner_stays(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    owner = 12345 if os.geteuid() == 0 else os.getuid()
    os.chown(path, owner, -1)
    write_source(read_source(path), "x = 2\n")
    assert path.stat().st_uid == owner


def test_unchanged_text_is_not_written(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    before = path.stat()
    write_source(read_source(path), "x = 1\n")
    after = path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_links_are_followed(tmp_path):
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "a.py", tmp_path / "b.py"
    real.write_text("x = 1\n")
    link.symlink_to(real)
    write_source(read_source(link), "x = 2\n")
    assert link.is_symlink()
    assert real.read_text() == "x = 2\n"


@pytest.mark.parametrize("change", [lambda p: p.write_text("x = 3\n"), lambda p: p.unlink()])
def test_file_that_changed_meanwhile_is_left_alone(tmp_path, change):
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    file = read_source(path)
    change(path)
    before = path.exists() and path.read_text()
    with pytest.raises(FileProblem, match=r"changed on disk|does not exist"):
        write_source(file, "x = 2\n")
    assert (path.exists() and path.read_text()) == before


def test_text_beyond_the_encoding(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(b"# coding: latin-1\nx = '\xe9'\n")
    file = read_source(path)
    with pytest.raises(FileProblem, match="iso-8859-1, which has no '€'"):
        write_source(file, file.text + "# €\n")
    assert path.read_bytes() == b"# coding: latin-1\nx = '\xe9'\n"


def test_encoding_that_does_not_come_back_the_same(tmp_path):
    path = tmp_path / "a.py"
    data = b"# coding: utf-7\nx = '+AGE-'\n"
    path.write_bytes(data)
    file = read_source(path)
    assert file.text.endswith("x = 'a'\n")
    with pytest.raises(FileProblem, match="byte for byte"):
        write_source(file, file.text + "y = 1\n")
    assert path.read_bytes() == data


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(["", "# coding: utf-8\n", "# coding: latin-1\n", "#!x\n# coding=cp1252\n", "# coding: koi8-r\r\n"]),
    st.booleans(),
    st.one_of(st.binary(max_size=60), st.text(max_size=40).map(str.encode)),
)
def test_what_can_be_read_comes_back_byte_for_byte(cookie, bom, rest):
    data = codecs.BOM_UTF8 * bom + cookie.encode() + rest
    with contextlib.suppress(FileProblem):
        file = SourceFile.decode(Path("a.py"), data)
        assert file.encode(file.text) == data
        assert not file.text.startswith("\ufeff") or data.startswith(codecs.BOM_UTF8 * 2)
