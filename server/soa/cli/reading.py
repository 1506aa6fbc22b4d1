"""Reading a Python file for the terminal."""

from __future__ import annotations

import io
import tokenize
from typing import TYPE_CHECKING

from soa.errors import FileProblem

if TYPE_CHECKING:
    from pathlib import Path


def read_python(path: Path) -> str:
    """The text of a Python file, line ends as they are.

    Raises
    ------
    FileProblem
        It cannot be read, or is no text in the encoding it claims.
    """
    try:
        data = path.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except OSError as error:
        raise FileProblem(f"{path} cannot be read: {error.strerror}.") from None
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise FileProblem(
            f"{path} is no Python text: {error}.", "Save it as UTF-8, or name its encoding in line 1."
        ) from None
