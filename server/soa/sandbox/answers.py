"""Reading what came back from a run: signed lines, in an order and of a form that leave nothing open.

The code under test can write to the channel as well as the harness can. Whatever there does not come from the harness
was meant to be taken for it: then nothing of the run is believed.
"""

from __future__ import annotations

import json
import math
from hashlib import blake2b
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Event = Mapping[str, Any]

DIGEST_BYTES = 16
LINE_BYTES = 1 << 20
MOST_EVENTS = 100_000
TEXT = 200_000
"""Characters of one text."""
WROTE = "the code under test wrote to the result channel"
FORGED = "the code under test forged results: "
"""What it was noticed at follows."""
BROKE = "the code under test broke into what reports the results"


@frozen
class Reading:
    """What a run told."""

    events: tuple[Event, ...] = field(default=(), repr=False)
    """As far as they are signed and in order."""
    tampered: str = ""
    """Why none of it can be believed; empty if it can."""

    @property
    def ended(self) -> bool:
        """Whether the run told its end."""
        return bool(self.events) and "end" in self.events[-1]


def read_answer(said: bytes, key: str, task: Mapping[str, Any], status: int = 0) -> Reading:
    """Read all that came over the channel of a run that was asked for `task`; never raises.

    `status` is how its process ended: one that told its end ends well.
    """
    *lines, rest = said.split(b"\n")
    events: list[Event] = []
    order = _Order(task)
    for number, line in enumerate(lines):
        event = _signed(line, number, key.encode("ascii"))
        if event is None:
            return Reading(tuple(events), WROTE)
        if number >= MOST_EVENTS or not order.takes(event):
            return Reading(tuple(events), next((FORGED + e["noticed"] for e in events if e.get("forged")), BROKE))
        events.append(event)
    reading = Reading(tuple(events))
    # A line that is cut off is the last breath of a run that was killed; after the end nothing is said or done.
    return evolve(reading, tampered=WROTE) if reading.ended and (rest or status) else reading


def _signed(line: bytes, number: int, key: bytes) -> Event | None:
    """The event of a line, if it is the harness's; each is signed with its number."""
    signature, _, text = line.partition(b" ")
    if len(line) > LINE_BYTES:
        return None
    wanted = blake2b(b"%d " % number + text, key=key, digest_size=DIGEST_BYTES).hexdigest()
    if not compare_digest(signature, wanted.encode("ascii")):
        return None
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= TEXT


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MOST_EVENTS and all(map(_is_text, value))


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_key(value: object) -> bool:
    return value is None or _is_text(value) or (isinstance(value, int) and not isinstance(value, bool))


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _is_import(value: object) -> bool:
    texts = isinstance(value, dict) and all(
        _is_texts(v) if k == "blocked_by" else _is_text(v) for k, v in value.items()
    )
    return texts and isinstance(value, dict) and "error" in value


def _is_outcome(value: object) -> bool:
    return value in ("passed", "failed", "inconclusive", "ran")


def _is_anything(value: object) -> bool:
    return isinstance(value, dict)


_RESULT: Mapping[str, Callable[[object], bool]] = {
    "result": _is_key, "outcome": _is_outcome, "reached": _is_texts, "blocked_by": _is_texts, "seconds": _is_time,
}  # fmt: skip
_DETAILS = {"reason", "output", "source", "expected", "actual", "traceback", "printed", "raised", "excuse"}
_FLAGS = {"counts", "distrusted"}
_FORMS: Mapping[str, Mapping[str, Callable[[object], bool]]] = {
    "ready": {"ready": _is_flag},
    "inspected": {"inspected": _is_anything},
    "unresolved": {"unresolved": _is_texts},
    "importing": {"importing": _is_flag},
    "imported": {"imported": _is_import},
    "started": {"started": _is_key, "rushed": _is_flag},
    "result": _RESULT,
    "noticed": {"noticed": _is_text, "forged": _is_flag},
    "end": {"end": _is_flag},
}
_AFTER = {
    "ready": {""},
    "inspected": {"ready"},
    "unresolved": {"ready"},
    "importing": {"ready"},
    "imported": {"ready", "importing"},
    "started": {"imported", "result"},
    "result": {"imported", "started", "result"},
    "end": {"inspected", "unresolved", "imported", "result"},
}
"""What may come after what; what was noticed may stand anywhere between the first and the last."""


class _Order:
    """Which events may come."""

    def __init__(self, task: Mapping[str, Any]) -> None:
        self._last = ""
        self._running: list[Any] = []
        """The key of the test that has begun and has no result yet."""
        self._failed = False
        """Whether the import failed: then nothing is run."""
        once = [t["key"] for kind in ("examples", "generated") for t in task.get(kind, ())]
        self._single = {key for key in once if key is not None}
        self._known = {None} if None in once else set()
        self._known |= {t["key"] for t in task.get("project", ())} | self._single
        self._files = set(task.get("files", ()))
        self._done: set[Any] = set()

    def takes(self, event: Event) -> bool:
        """Whether an event has its form and comes in its turn."""
        kind = next(iter(event), "")
        if kind not in _FORMS or not _has_form(event, kind):
            return False
        if kind == "noticed":
            return self._last not in ("", "end")
        if self._last not in _AFTER[kind] or (self._failed and kind != "end"):
            return False
        self._last = kind
        self._failed = kind == "imported" and bool(event["imported"]["error"])
        if kind == "started":
            return self._takes_start(event["started"])
        return kind != "result" or self._takes_result(event["result"], event["outcome"])

    def _takes_start(self, key: object) -> bool:
        self._running = [key]
        return self._is_asked(key)

    def _takes_result(self, key: object, outcome: str) -> bool:
        """A result of the test that has begun; one that was not run needs no beginning, for it says nothing."""
        begun, self._running = self._running, []
        again = key in self._single and key in self._done
        self._done.add(key)
        expected = begun == [key] if begun else outcome == "inconclusive"
        return expected and not again and self._is_asked(key)

    def _is_asked(self, key: object) -> bool:
        return key in self._known or (isinstance(key, str) and key.partition("::")[0] in self._files)


def _has_form(event: Event, kind: str) -> bool:
    fields = _FORMS[kind]
    more = _DETAILS | _FLAGS if kind == "result" else set[str]()
    return all(name in event for name in fields) and all(
        fields[name](value)
        if name in fields
        else name in more and (_is_flag(value) if name in _FLAGS else _is_text(value))
        for name, value in event.items()
    )
