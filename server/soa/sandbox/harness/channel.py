"""The way back: lines of JSON, each signed with a key that the code under test is not told.

The code under test runs in the same process. So all that is needed for speaking is held by one generator alone, of
which nobody gets hold without being noticed (`guard`): what it uses was taken before that code was there, and before
it speaks it looks who is asking and whether anything that judges was replaced.
"""

from __future__ import annotations

import os
import sys
from hashlib import blake2b
from json.encoder import c_make_encoder as make_encoder  # type: ignore[attr-defined]
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Any

from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401
from .origins import is_on, outermost
from .seal import sealed_builtins

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from .origins import Suspect

    Event = dict[str, Any]
    Speaker = Generator[None, Any, None]

DIGEST_BYTES = 16


class Channel:
    """Writes to the server.

    Parameters
    ----------
    number
        File descriptor of the pipe.
    key
        Signs each line together with its number.
    suspect
        Tells the candidate's code from others'.
    """

    def __init__(self, number: int, key: str, suspect: Suspect) -> None:
        os.set_inheritable(number, False)
        self.suspect = suspect
        speaker = _speaker(_writer(number, key.encode("ascii")), suspect)
        next(speaker)
        speaker.send(speaker.gi_frame)  # type: ignore[attr-defined]
        self.speak: Callable[[Event], None] = speaker.send
        """Send an event. Of two kinds nothing is sent: `seal` names what `broken` looks after from now on; `check` asks
        for a look whether something was replaced, which is taken before each result as well."""

    def send(self, **event: object) -> None:
        """Send an event; a process that a test has forked off ends here instead."""
        self.speak(event)


def _speaker(write: Callable[[Event], None], suspect: Suspect) -> Speaker:
    """Take our own frame first, then events; what is asked for by the candidate's code is told instead of sent."""
    process, owner, leave, asked_by = os.getpid, os.getpid(), os._exit, is_on
    tracer, profiler, told, start = sys.gettrace, sys.getprofile, set[str](), outermost(sys._getframe())
    seals = {"": sealed_builtins()}
    before = tracer(), profiler()
    here = yield
    while True:
        event = yield
        if process() != owner:
            leave(1)
        if "noticed" not in event and asked_by(here.f_back, start, suspect):
            event = {"noticed": "it called what reports the results", "forged": True}
        if "seal" in event:
            seals[event["seal"]] = event["broken"]
            before = tracer(), profiler()
        elif "result" in event or "check" in event or "imported" in event:
            for name in [name for name in (broken() for broken in seals.values()) if name and name not in told]:
                told.add(name)
                write({"noticed": f"it replaced {name}", "forged": True})
            if (tracer(), profiler()) != before and "trace" not in told:
                told.add("trace")
                write({"noticed": "it left a trace or profile function set", "forged": False})
        if "seal" not in event and "check" not in event:
            write(event)


def _writer(number: int, key: bytes) -> Callable[[Event], None]:
    """A function that encodes, signs and writes, by nothing that can be replaced."""
    encode = make_encoder(None, None, encode_basestring_ascii, None, ": ", ", ", False, False, True)
    send, sign, count = os.write, blake2b, 0

    def write(event: Event) -> None:
        nonlocal count
        text = "".join(encode(event, 0)).encode("ascii")
        signature = sign(b"%d " % count + text, key=key, digest_size=DIGEST_BYTES).hexdigest()
        line = signature.encode("ascii") + b" " + text + b"\n"
        count += 1
        while line:
            line = line[send(number, line) :]

    return write


def read_all(number: int) -> bytes:
    """Read a file descriptor to its end and close it."""
    with open(number, "rb") as file:
        return file.read()
