"""Reading the lines that came back from a run."""

from __future__ import annotations

import json
from typing import Any


def read_events(said: bytes, token: str) -> list[Any]:
    """The lines that begin with the token; a last line that was cut off is left out."""
    start = token.encode("ascii") + b" "
    lines = said.split(b"\n")[:-1]
    return [json.loads(line[len(start) :]) for line in lines if line.startswith(start)]
