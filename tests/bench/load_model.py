"""A model for the load benchmark: bodies for the stubs of the large file, from a process of its own.

Writes its URL, serves until its input ends, then writes how many requests were under way at most.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from loopback.server import LoopbackServer

LATENCY = 0.5
WORK = "for _ in range(60):\n        sum(range(20_000))\n    "
"""What makes the tests of a candidate cost the sandboxes some 20 ms of processor time."""
FUNCTIONS = {
    "stub": ("(text: str, width: int = 0) -> str", "return text[:width]"),
    "deposit": ("(self, cents: int) -> int", "self.cents += cents\n    return self.cents"),
    "label": ("(self) -> str", "return self.owner.upper()"),
}


def body_for(name, work=WORK):
    """A function for the stub of that qualified name."""
    last = name.rpartition(".")[2]
    header, body = FUNCTIONS[last.partition("_")[0]]
    return f"```python\ndef {last}{header}:\n    {work}{body}\n```\n"


def main():
    """Serve."""
    with LoopbackServer(lambda request: body_for(request.name), latency=LATENCY) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()
    sys.stdout.write(f"{server.peak}\n")


if __name__ == "__main__":
    main()
