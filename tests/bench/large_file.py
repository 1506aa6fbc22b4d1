"""A file such as the benchmarks of the server open: about 10,000 lines, 1,000 stubs among code that is finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

STUBS = 1000
FINISHED = '''\
def finished_{n}(values: list[int], limit: int = {n}) -> dict[str, int]:
    """Count what is below the limit."""
    counts: dict[str, int] = {{}}
    for value in values:
        if value < limit:
            counts[str(value)] = counts.get(str(value), 0) + 1
    return counts
'''
FUNCTION = '''\
def stub_{n}(text: str, width: int = {n}) -> str:
    """Cut a text to a width.

    >>> stub_{n}("abc", 2)
    'ab'
    """
'''
CLASS = '''\
class Account{n}:
    """Money of one person, in cents."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.cents = 0

    def deposit(self, cents: int) -> int:
        """Add money; the balance after it.

        >>> Account{n}("Ada").deposit({n})
        {n}
        """
        raise NotImplementedError

    @property
    def label(self) -> str:
        """The owner in capital letters."""
        ...
'''


def large_text(stubs: int = STUBS) -> str:
    """The text: of each five stubs three are functions and two are methods of one class, ten lines to a stub."""
    pieces = ['"""Generated."""\n\nfrom __future__ import annotations\n']
    for n in range(stubs // 5):
        functions = [FUNCTION.format(n=3 * n + k) for k in range(3)]
        pieces += [*functions, FINISHED.format(n=n), CLASS.format(n=n)]
    return "\n\n".join(pieces)


def write_large_project(folder: Path) -> Path:
    """A project that holds nothing but the large file; the file's path."""
    return write_project(folder, {"large.py": STUBS})[0]


def write_project(folder: Path, files: dict[str, int]) -> list[Path]:
    """A project of files with so many stubs each; their paths."""
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "large"\nversion = "1"\n')
    for name, stubs in files.items():
        (folder / name).write_text(large_text(stubs))
    return [folder / name for name in files]
