"""Source files on disk: read as Python reads them, written back whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import stat
import tempfile
import tokenize
from pathlib import Path

from attrs import frozen

from soa.errors import FileProblem

LARGEST = 20 << 20
"""Bytes of the largest file that is read."""
BOM = b"\xef\xbb\xbf"
COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.ASCII)


@frozen
class SourceFile:
    """A file's text and what is needed to write it back."""

    path: Path
    text: str
    """With the line ends of the file, without a byte order mark."""
    encoding: str
    bom: bool
    """Whether the file begins with a byte order mark."""
    digest: str
    """SHA-256 of the bytes that were read."""

    def encode(self, text: str) -> bytes:
        """A text as bytes of this file.

        Raises
        ------
        FileProblem
            The file's encoding lacks a character of the text.
        """
        try:
            return (BOM if self.bom else b"") + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            character = text[error.start : error.end][:1]
            raise FileProblem(
                f"{self.path} is encoded in {self.encoding}, which has no {character!r} (U+{ord(character):04X}).",
                "Convert the file to UTF-8 and change its coding line.",
            ) from None

    @classmethod
    def decode(cls, path: Path, data: bytes) -> SourceFile:
        """The source file that these bytes are, decoded as Python does.

        Raises
        ------
        FileProblem
            They are not text, or not in the encoding that they declare.
        """
        if b"\0" in data:
            raise FileProblem(
                f"{path} is a binary file: it holds a zero byte at position {data.index(0)}.",
                "Give a Python source file. If it is one, in UTF-16, convert it to UTF-8.",
            )
        bom = data.startswith(BOM)
        encoding = _encoding(path, data)
        try:
            text = data[len(BOM) * bom :].decode(encoding)
        except UnicodeDecodeError as error:
            raise _undecodable(path, data, encoding, error.start + len(BOM) * bom) from None
        except (ValueError, LookupError) as error:
            raise FileProblem(f"{path} cannot be decoded as {encoding}: {error}.", "Convert it to UTF-8.") from None
        return cls(path, text, encoding, bom, digest(data))

    @classmethod
    def held(cls, path: Path, text: str) -> SourceFile:
        """A text that an editor holds; tests meet it as UTF-8, whatever the file declares to be.

        A coding line that names another encoding would be obeyed when the text is run, so that encoding is used where
        it can hold the text.
        """
        encoded = text.encode("utf-8", "surrogatepass")
        try:
            encoding = _encoding(path, encoded)
            encoded = text.encode(encoding)
        except (FileProblem, UnicodeEncodeError):
            encoding = "utf-8"
        return cls(path, text, encoding, bom=False, digest=digest(encoded))


def digest(data: bytes) -> str:
    """The fingerprint by which a change on disk is noticed."""
    return hashlib.sha256(data).hexdigest()


def read_source(path: Path) -> SourceFile:
    """Read a Python source file.

    Raises
    ------
    FileProblem
        It is missing, no regular file, unreadable, larger than 20 MB, binary, or not in its declared encoding.
    """
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        raise FileProblem(f"The name {shown} is not UTF-8.", "Rename the file.") from None
    return SourceFile.decode(path, _read(path))


def write_source(file: SourceFile, text: str) -> None:
    """Write a new text in place of the one that was read; on any error the file stays as it is.

    The new file takes the old one's place in one step, with its mode and, where that is allowed, its owner. Links are
    followed. A text that did not change is not written.

    Raises
    ------
    FileProblem
        The file changed on disk since it was read, cannot be written, or cannot hold the text.
    """
    if text == file.text:
        return
    data = file.encode(text)
    if digest(file.encode(file.text)) != file.digest:
        raise FileProblem(f"{file.path} cannot be kept byte for byte in {file.encoding}.", "Convert it to UTF-8.")
    real = Path(os.path.realpath(file.path))
    if digest(_read(real)) != file.digest:
        raise FileProblem(f"{file.path} changed on disk meanwhile; nothing was written.", "Run the command again.")
    if not os.access(real, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise _unwritable(file.path, "it is read-only")
    try:
        _replace(real, data)
    except OSError as error:
        raise _unwritable(file.path, _reason(error)) from None


def _replace(path: Path, data: bytes) -> None:
    """Put a file with this content in the place of another."""
    status = path.stat()
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(data)
            target.flush()
            with contextlib.suppress(PermissionError):
                os.fchown(target.fileno(), status.st_uid, status.st_gid)
            os.fchmod(target.fileno(), stat.S_IMODE(status.st_mode))
            os.fsync(target.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _read(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise FileProblem(f"{path} is {_kind(status.st_mode)}, not a file.", "Give a Python source file.")
        with path.open("rb") as source:
            data = source.read(LARGEST + 1)
    except FileNotFoundError:
        raise FileProblem(f"{path} does not exist.", "Check the path.") from None
    except (OSError, ValueError) as error:
        raise FileProblem(f"{path} cannot be read: {_reason(error)}.", "Check the path and its permissions.") from None
    if len(data) > LARGEST:
        raise FileProblem(f"{path} is larger than {LARGEST >> 20} MB.", "Leave it out; it is hardly written by hand.")
    return data


def _kind(mode: int) -> str:
    return "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:]


def _unwritable(path: Path, why: str) -> FileProblem:
    return FileProblem(f"{path} cannot be written: {why}.", "Check the permissions of the file and its folder.")


def _encoding(path: Path, data: bytes) -> str:
    """The encoding that Python would read the bytes with, without a byte order mark's `-sig`."""
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0].removesuffix("-sig")
    except SyntaxError as error:
        declared = _declared(data)
        if declared is None:
            return "utf-8"
        raise FileProblem(
            f"{path} declares the encoding {declared}, which {_why_not(data, error)}.",
            "Correct the coding line, or convert the file to UTF-8 and remove it.",
        ) from None


def _why_not(data: bytes, error: SyntaxError) -> str:
    if data.startswith(BOM) and "unknown" not in str(error):
        return "contradicts its byte order mark"
    return "Python does not know"


def _declared(data: bytes) -> str | None:
    """The name in the coding line, if there is one."""
    first, _, rest = data.removeprefix(BOM).partition(b"\n")
    may_be_second = not first.strip() or first.lstrip().startswith(b"#")
    match = COOKIE.match(first) or (COOKIE.match(rest) if may_be_second else None)
    return match[1].decode("ascii") if match else None


def _undecodable(path: Path, data: bytes, encoding: str, position: int) -> FileProblem:
    line = data.count(b"\n", 0, position) + 1
    what = "UTF-8 and declares no other encoding" if _declared(data) is None else f"{encoding}, as it declares"
    return FileProblem(
        f"{path} is not {what}: byte {data[position]:#04x} at position {position} (line {line}).",
        "Convert it to UTF-8, or name its encoding in line 1, e.g. `# -*- coding: latin-1 -*-`.",
    )
