"""One test at a time: its share of the time, its output, and what its result is worth."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from signal import ITIMER_REAL, SIGALRM
from signal import setitimer as set_timer
from signal import signal as set_handler
from time import monotonic
from typing import TYPE_CHECKING, Any

from . import failures
from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401
from .seal import sealed_modules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from .channel import Channel
    from .project import Project

    Key = int | str | None
    """What results go by; None: nobody asked for it."""
    Choose = Callable[[str], Key]
    """From the name of a pytest node, without its parameters, to the key of its test; None: not wanted."""

OUTPUT = 16 << 10
"""Characters kept of what one test prints."""


class Paper(io.StringIO):
    """A text that stops growing at a limit."""

    def __init__(self, limit: int = OUTPUT) -> None:
        super().__init__()
        self._room = limit

    def text(self) -> str:
        """What it holds, whatever has been made of this object."""
        return io.StringIO.getvalue(self)

    def write(self, text: str) -> int:
        """Keep what still fits."""
        kept = text[: max(0, self._room)]
        self._room -= len(text)
        super().write(kept)
        return len(text)


class Trials:
    """Runs tests, judges them and sends the results."""

    def __init__(self, channel: Channel, project: Project, task: dict[str, Any]) -> None:
        self.project = project
        self.suspect = channel.suspect
        self.subject: str = task.get("subject", "")
        """The address of the function under test; empty: every test counts."""
        self.file: str = (task.get("module") or {}).get("file", "")
        self._speak = channel.speak
        self._share: float = task["share"]
        self._margin: float = task["seconds"] / 20
        """Seconds kept for telling a result before everything is ended from outside."""
        self._end = monotonic() + task["seconds"] - self._margin
        self._rushed = False
        """Whether the running test has far less than its share."""
        self._seconds = 0.0
        """How long the test took whose result is told next."""
        self._blocked: set[str] = project.reached & project.empty
        """Empty stubs that were called at import: what they did not do may spoil any test."""

    @contextmanager
    def running(self, key: Key, errors: Paper | None = None) -> Iterator[Paper]:
        """Announce a test, and give it its time and a place for its output; `errors` takes standard error apart."""
        self.project.forget()
        paper = Paper()
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = paper, errors or paper
        set_handler(SIGALRM, _ring)
        left = max(self._end - monotonic(), self._margin / 4)
        self._rushed = left < self._share / 2
        self._speak({"started": key, "rushed": self._rushed})
        begun = monotonic()
        set_timer(ITIMER_REAL, min(left, self._share))
        try:
            yield paper
        finally:
            set_timer(ITIMER_REAL, 0)
            self._seconds = round(monotonic() - begun, 6)
            self._speak({"check": True})
            sys.stdout, sys.stderr = before

    def seal(self, *packages: str) -> None:
        """See to it that what these packages define stays from now on as it is now."""
        self._speak({"seal": packages, "broken": sealed_modules(packages)})

    def reaches(self) -> bool:
        """Whether the running test has called the function under test."""
        return not self.subject or self.subject in self.project.reached

    def passed(self, key: Key, paper: Paper, counts: bool) -> None:
        """Report a test that passed; it says nothing if it does not count."""
        reason = "" if counts else f"it never calls {self._name}"
        self._send(key, "passed" if counts else "inconclusive", reason=reason, output=Paper.text(paper))

    def failed(self, key: Key, paper: Paper, counts: bool, details: dict[str, str], excuse: str = "") -> None:
        """Report a test that failed; `excuse` is why that may be no evidence."""
        blocked = self.blocked()
        if not excuse and blocked:
            excuse = f"it met the empty stub {', '.join(sorted(blocked))}"
        if not excuse and not counts:
            excuse = f"it fails before it calls {self._name}"
        self._send(key, "inconclusive" if excuse else "failed", reason=excuse, output=Paper.text(paper), **details)

    def doubted(self, key: Key, paper: Paper, reason: str) -> None:
        """Report a test of which the code under test itself says that it passed."""
        self._send(key, "inconclusive", reason=reason, output=Paper.text(paper), distrusted=True)

    def skipped(self, key: Key, reason: str) -> None:
        """Report a test that did not run."""
        self._send(key, "inconclusive", reason=failures.cut(reason))

    def ran(self, key: Key, paper: Paper, counts: bool, raised: str = "", **details: str) -> None:
        """Report what came of an example, which is judged by the server."""
        more = {"counts": counts, "reason": "" if counts else f"it never calls {self._name}", "raised": raised}
        self._send(key, "ran", printed=Paper.text(paper), **more, **details)

    def details(self, error: BaseException) -> dict[str, str]:
        """What a repair needs to know of an error."""
        return {"actual": failures.cut(failures.describe(error)), "traceback": failures.trimmed(error, self.project)}

    def lacking(self, error: BaseException) -> str:
        """What was lacking here, if that explains an error."""
        if isinstance(error, failures.OutOfTime) and self._rushed:
            return "the tests before it left it too little time"
        return failures.lacking(error, self.project, self.file)

    def blocked(self) -> set[str]:
        """The empty stubs that the running test has met."""
        return (self._blocked | (self.project.reached & self.project.empty)) - {self.subject}

    def remember_blocked(self) -> None:
        """Let what the running test has met count for the tests after it: they go on with what it left."""
        self._blocked |= self.project.reached & self.project.empty

    @property
    def _name(self) -> str:
        return self.subject.partition("::")[2]

    def _send(self, key: Key, outcome: str, **details: object) -> None:
        reached = set(self.project.reached)
        known = {"reached": sorted(reached), "blocked_by": sorted(self.blocked()), "seconds": self._seconds}
        self._seconds = 0.0
        self._speak({"result": key, "outcome": outcome, **known, **details})


def _ring(number: int, frame: FrameType | None) -> None:
    raise failures.OutOfTime
