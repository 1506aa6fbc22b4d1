"""Replies from a file instead of a model, and how they get there.

The file is text, to be read and diffed as text. A line `=== STEP TARGET` opens a reply, the lines after it are the
reply as it came:

    What stands before the first reply is a note to the reader.
    === write src/ledger.py::Ledger.post
    ```python
    def post(self, entry):
        self.entries.append(entry)
    ```
    === repair src/ledger.py::Ledger.post [cut]
    ```python

`[cut]` marks a reply that a length limit ended. A line of a reply that itself starts with `===` stands behind a
backslash; so does one that starts with backslashes and `===`.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from attrs import frozen

from soa.errors import FileProblem, ModelError
from soa.model import Reply
from soa.model.usage import estimate_usage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from soa.model import Model, Query

HEAD = re.compile(r"=== (?P<step>[a-z]+) (?P<target>.+?)(?P<cut> \[cut\])?\s*")
CUT_MARK = " [cut]"


@frozen
class Record:
    """One reply and the question it belongs to."""

    step: str
    target: str
    """`src/ledger.py::Ledger.post`."""
    text: str
    cut: bool = False


class RecordedModel:
    """Replays records: those of the same step and target in their order, the last one again and again.

    Parameters
    ----------
    records
        In the order in which they are replayed.
    name
        What it is called.
    latency
        Seconds until an answer, for demonstrations and benchmarks.
    """

    def __init__(self, records: Iterable[Record], *, name: str = "recorded", latency: float = 0.0) -> None:
        self.name = name
        self._latency = latency
        self._replies: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
        self._asked: Counter[tuple[str, str]] = Counter()
        for record in records:
            self._replies[record.step, record.target].append(record)

    async def answer(self, query: Query) -> Reply:
        """The next recorded reply; its usage is estimated from the texts.

        Raises
        ------
        ModelError
            Nothing is recorded for this step and target.
        """
        key = (query.step, _flat(str(query.target)))
        if key not in self._replies:
            raise self._missing(*key)
        replies = self._replies[key]
        record = replies[min(self._asked[key], len(replies) - 1)]
        self._asked[key] += 1
        if self._latency:
            await asyncio.sleep(self._latency)
        return Reply(record.text, estimate_usage(query, record.text), record.cut)

    async def close(self) -> None:
        """Nothing to release."""

    def _missing(self, step: str, target: str) -> ModelError:
        steps = sorted(s for s, t in self._replies if t == target)
        known = f"For this target there is: {', '.join(steps)}." if steps else "There is nothing for this target."
        return ModelError(f"No reply is recorded for the step {step!r} of {target}.", known)


class Recorder:
    """Passes queries on to a model and appends each reply to a file, from which `RecordedModel` replays it.

    Only replies are written, neither prompts nor settings.

    Parameters
    ----------
    model
        What answers.
    path
        The file; made if it is missing, continued if it is there.

    Raises
    ------
    FileProblem
        The file cannot be written.
    """

    def __init__(self, model: Model, path: Path) -> None:
        self.name = model.name
        self._model = model
        self._path = path
        fresh = not path.exists()
        _append(path, b"")  # an answer that could not be kept would be paid for in vain
        if fresh:
            path.unlink(missing_ok=True)

    async def answer(self, query: Query) -> Reply:
        """The model's reply, once it is in the file.

        Raises
        ------
        ModelError
            The model gave no answer.
        FileProblem
            The file cannot be written.
        """
        reply = await self._model.answer(query)
        append_record(self._path, Record(query.step, str(query.target), reply.text, reply.cut))
        return reply

    async def close(self) -> None:
        """Release the model's connections."""
        await self._model.close()


def load_records(path: Path) -> tuple[Record, ...]:
    """Read a file of replies.

    Raises
    ------
    FileProblem
        It is missing, unreadable, or holds no reply.
    """
    try:
        text = path.read_bytes().decode("utf-8", "surrogatepass")
    except (OSError, UnicodeDecodeError) as error:
        raise _problem(path, "read", error) from error
    records = parse_records(text)
    if not records:
        raise FileProblem(f"{path} holds no recorded reply.", "A reply starts with a line '=== write FILE::NAME'.")
    return records


def append_record(path: Path, record: Record) -> None:
    """Add a reply at the end of a file.

    Raises
    ------
    FileProblem
        It cannot be written.
    """
    _append(path, render_record(record).encode("utf-8", "surrogatepass"))


def _append(path: Path, data: bytes) -> None:
    try:
        with path.open("ab") as file:
            file.write(data)
    except OSError as error:
        raise _problem(path, "written", error) from error


def render_record(record: Record) -> str:
    """A reply as it stands in a file."""
    lines = (f"\\{line}" if _escaped(line) else line for line in record.text.split("\n"))
    return "\n".join((f"=== {record.step} {_flat(record.target)}{CUT_MARK if record.cut else ''}", *lines, ""))


def parse_records(text: str) -> tuple[Record, ...]:
    """The replies in a text; what stands before the first is skipped."""
    blocks: list[tuple[re.Match[str], list[str]]] = []
    for line in text.removesuffix("\n").split("\n"):
        if head := HEAD.fullmatch(line):
            blocks.append((head, []))
        elif blocks:
            blocks[-1][1].append(line[1:] if line.startswith("\\") and _escaped(line) else line)
    return tuple(Record(h["step"], h["target"], "\n".join(lines), h["cut"] is not None) for h, lines in blocks)


def _escaped(line: str) -> bool:
    return line.lstrip("\\").startswith("===")


def _flat(target: str) -> str:
    """A target on one line."""
    return " ".join(target.split())


def _problem(path: Path, done: str, error: Exception) -> FileProblem:
    reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
    return FileProblem(f"{path} cannot be {done}: {reason}.", "Choose another file for the recorded replies.")
