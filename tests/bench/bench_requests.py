"""Hover, code action and lenses in a file of 10,000 lines with 1,000 stubs, from outside.

Run it by hand: `python tests/bench/bench_requests.py [ROUNDS]`. The servers are all up and take turns; what is asked
for is about another stub each time.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from client import SERVERS, around, place, servers, serving
from large_file import write_large_project
from telling import MISSING, milliseconds, percentile, target, tell

ROUNDS = 100
EDITS = {"a letter in a name": "x", "a line": "\n", "a bracket left open": "(", "an open docstring": '"""'}
"""What is typed: some of it breaks the file until it is taken back."""
ABOVE_BARE = 3.0
LENSES = 30.0
"""Milliseconds."""


class Large:
    """One server with the large file open."""

    def __init__(self, client, path):
        self.client = client
        self.uri = client.open(path)
        text = path.read_text("utf-8")
        self.stubs = [n for n, line in enumerate(text.split("\n")) if line.startswith("def stub_")]
        self._asked = 0

    def next_stub(self):
        """Line of another stub's header, all over the file."""
        self._asked += 1
        return self.stubs[self._asked * 97 % len(self.stubs)]

    async def hover(self, column=6):
        """Seconds of a hover."""
        return (await self.client.request("textDocument/hover", around(self.uri, self.next_stub(), column)))[1]

    async def code_action(self):
        """Seconds of a code action."""
        line = self.next_stub()
        span = {"start": place(line, 6), "end": place(line, 6)}
        document = {"uri": self.uri}
        params = {"textDocument": document, "range": span, "context": {"diagnostics": [], "triggerKind": 1}}
        return (await self.client.request("textDocument/codeAction", params))[1]

    async def lenses(self):
        """All lenses, as they came, and the seconds they took."""
        return await self.client.request("textDocument/codeLens", {"textDocument": {"uri": self.uri}})

    async def diagnostics(self):
        """All diagnostics, for a server that is asked for them."""
        return await self.client.request("textDocument/diagnostic", {"textDocument": {"uri": self.uri}})

    async def edit_then(self, text, work):
        """Seconds from a keystroke to the answer to what is asked at once; the keystroke is taken back."""
        line = self.next_stub()
        column = 5 if len(text) == 1 else 0
        self.client.replace(self.uri, (line, column), (line, column), text)
        seconds = await work()
        end = (line + 1, 0) if text == "\n" else (line, column + len(text))
        self.client.replace(self.uri, (line, column), end, "")
        await work()
        return seconds


async def both(files, rounds):
    """Seconds of hovers and code actions by server; the first of each stands for itself."""
    first, warm = {}, {}
    for what in ("hover", "code_action"):
        first[what] = {name: await getattr(large, what)() for name, large in files.items()}
    for _ in range(rounds):
        for what in first:
            for name, large in files.items():
                warm.setdefault(what, {}).setdefault(name, []).append(await getattr(large, what)())
    return first, warm


def show(what, first, warm):
    """Print a table of one kind of request."""
    tell(what)
    for name, values in warm.items():
        tell(f"  {name:22} {milliseconds(values)}   the first {1000 * first[name]:8.2f} ms")
    extra = percentile(warm["soa"], 0.5) - percentile(warm["bare pygls"], 0.5)
    target(f"{what.lower()}, soa above bare pygls", 1000 * extra, ABOVE_BARE, "ms")


async def edits(files, rounds):
    """Print the time from a keystroke to hovers and to lenses."""
    tell("A keystroke, then a hover at once")
    for name, large in files.items():
        values = [await large.edit_then("\n", lambda one=large: one.hover(0)) for _ in range(max(5, rounds // 10))]
        tell(f"  {name:22} {milliseconds(values)}")
    large = files["soa"]
    answer, _ = await large.lenses()
    tell(f"A keystroke, then all {len(json.loads(answer)['result'])} lenses ({len(answer) / 1e6:.2f} MB of JSON)")
    everything = []
    for what, text in EDITS.items():
        values = [await large.edit_then(text, lambda: seconds_of(large.lenses())) for _ in range(rounds // 2)]
        everything += values
        tell(f"  {what:22} {milliseconds(values)}")
    target("edit to fresh lenses, median", 1000 * percentile(everything, 0.5), LENSES, "ms")


async def seconds_of(asked):
    """The time of a request."""
    return (await asked)[1]


async def measure(rounds):
    """Open the file in all servers and print what they take."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_large_project(Path(folder))
        async with AsyncExitStack() as stack:
            files = {}
            for name, command in servers().items():
                client = await stack.enter_async_context(serving(command, Path(folder)))
                await client.initialize(Path(folder))
                files[name] = Large(client, path)
            first, warm = await both(files, rounds)
            for what, title in (("hover", "Hover"), ("code_action", "Code action")):
                show(title, first[what], warm[what])
            await edits(files, rounds)


def main():
    """Print times beside their targets."""
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
    if len(servers()) < len(SERVERS):
        tell(f"  {MISSING}")


if __name__ == "__main__":
    main()
