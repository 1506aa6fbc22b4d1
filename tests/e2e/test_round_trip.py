"""Real libraries without their bodies go in, and come out as they were: through the command, HTTP and the sandbox.

The endpoint knows the true bodies. `toolz` is made of functions with doctests and tests of pytest's kind,
`hyperlink` of classes with tests of unittest's kind.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from loopback import LoopbackServer
from roundtrip import Library, Truth, strip
from roundtrip.split import Splitter
from roundtrip.trouble import Trouble


class Trip:
    """A stubbed library, implemented by the command against an endpoint."""

    def __init__(self, package, folder, only="*.py"):
        root = folder / "project"
        root.mkdir()
        self.library = Library.stubbed(package, root, only=only)
        self.stubbed = {path: self.library.read(path) for path in self.library.true_sources}
        self.library.restore()
        self.before = self.library.outcomes()
        for path, text in self.stubbed.items():
            (root / path).write_bytes(text.encode())
        self.environment = {**os.environ, "XDG_DATA_HOME": str(folder / "data")}
        self.truth = Truth(self.library.true_sources)

    def implement(self, answer, *flags):
        """Run the command; its JSON, stubs that the library's authors left empty aside."""
        with LoopbackServer(answer) as server:
            targets = [str(self.library.root / path) for path in self.stubbed]
            command = [sys.executable, "-m", "soa", "implement", *targets, "--write", "--json", "--concurrency", "16"]
            endpoint = ["--base-url", server.url, "--model", "truth", "--python", sys.executable]
            done = subprocess.run(
                [*command, *endpoint, *flags], env=self.environment, capture_output=True, text=True, check=False
            )
        assert done.returncode in (0, 1), done.stderr
        told = json.loads(done.stdout)
        true = set(self.truth.functions)
        return [stub for stub in told["stubs"] if f"{stub['file']}::{stub['name']}" in true], told

    def bytes_are_kept(self):
        self.library.strip_again()
        return {path: self.library.read(path) for path in self.stubbed} == self.stubbed


def assert_implemented(trip, stubs):
    assert len(stubs) == sum(map(len, trip.truth.functions.values()))
    assert [s for s in stubs if s["status"] not in ("verified", "unverified")] == []


@pytest.mark.parametrize(("package", "only"), [("toolz", "*.py"), ("hyperlink", "_url.py")])
def test_true_bodies_in_every_form_of_reply(tmp_path, package, only):
    trip = Trip(package, tmp_path, only)
    stubs, told = trip.implement(trip.truth)
    assert_implemented(trip, stubs)
    assert told["usage"]["max_prompt_tokens"] <= 6000
    assert sum(s["status"] == "verified" for s in stubs) >= 0.75 * len(stubs)
    assert trip.library.outcomes() == trip.before
    assert trip.bytes_are_kept()


def test_failing_calls_and_wrong_first_answers_change_nothing(tmp_path):
    trip = Trip("toolz", tmp_path, "dicttoolz.py")
    trouble = Trouble(trip.truth, frozenset(trip.truth.functions))
    stubs, _ = trip.implement(trouble, "--attempts", "6")
    assert trouble.failed >= 4
    assert trouble.wrong >= 4
    assert_implemented(trip, stubs)
    assert trip.library.outcomes() == trip.before
    assert trip.bytes_are_kept()


@pytest.mark.parametrize(("depth", "only"), [("2", "dicttoolz.py"), ("3", "recipes.py")])
def test_forced_delegation_changes_only_stubs_helpers_and_imports(tmp_path, depth, only):
    trip = Trip("toolz", tmp_path, only)
    splitter = Splitter(trip.truth)
    stubs, _ = trip.implement(splitter, "--size-limit", "0", "--depth", depth)
    assert splitter.skeletons >= 10
    assert max(s["depth"] for s in stubs) == int(depth)
    assert_implemented(trip, stubs)
    assert trip.library.outcomes() == trip.before
    for path, text in trip.stubbed.items():
        assert without_helpers(strip(trip.library.read(path))) == text


def without_helpers(text):
    """Take out the helper functions that the splitter's mothers added, each with the blank lines after it."""
    kept, inside = [], False
    for line in text.splitlines(keepends=True):
        if line.startswith("def _") and line.split("(")[0].endswith(("_given", "_result")):
            inside = True
        elif inside and line[:1].strip():
            inside = False
        if not inside:
            kept.append(line)
    return "".join(kept)
