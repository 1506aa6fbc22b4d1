"""The real command against hostile replies, and what is left afterwards."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from loopback import LoopbackServer
from siege import traces
from siege.witnesses import Witnesses
from soa.sandbox import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loopback import ChatRequest
    from siege.camp import Camp

REAPER = Path(__file__).with_name("reaper.py")
SECONDS = 150
COMMON = ("--json", "--depth", "0", "--test-memory-mb", "512")
LIMITS = {"memory_mb": 512, "disk_mb": Limits().disk_bytes >> 20}
"""What candidates are told of theirs."""
TESTED = re.compile(r"^(?:refused|tested|ended) .*", re.MULTILINE)


@frozen
class Aftermath:
    """What became of everything."""

    statuses: dict[str, str]
    """Of each stub, by `file::name`."""
    reasons: dict[str, str]
    evidence: dict[str, list[dict[str, Any]]]
    calls: dict[str, int]
    """How often the model was asked."""
    told: str
    """What the command wrote to standard error."""
    harm: list[str]
    """All that was seen outside and must not be; empty if everything held."""

    def unlike(self, status: str) -> dict[str, str]:
        """The stubs of another status than this, with their reasons."""
        return {name: f"{s}: {self.reasons[name]}" for name, s in self.statuses.items() if s != status}


def storm(camp: Camp, kind: str, answer: Callable[[ChatRequest], str], arguments: Sequence[str]) -> Aftermath:
    """Run `soa implement` on a camp's project and compare all that is outside with what it was."""
    with Witnesses(camp) as witnesses, LoopbackServer(answer) as model:
        camp.tell({**witnesses.facts, **LIMITS})
        before = traces.tree(camp.home, camp.beside), traces.machine(camp.mark)
        done = _implement(camp, ["--sandbox", kind, *COMMON, "--base-url", model.url, *arguments])
        after = traces.tree(camp.home, camp.beside), traces.machine(camp.mark)
        harm = [
            *witnesses.visits(),
            *traces.changes(before[0], after[0]),
            *(f"the machine's {k}: {after[1][k]}, was {v}" for k, v in before[1].items() if after[1][k] != v),
            *(f"left in the temporary folder: {p.name}" for p in camp.temporary.iterdir()),
            *(f"left alive: {p}" for p in [*done["left"], *_running(camp)]),
            *_spilled(camp, done, [r.prompt for r in model.requests]),
        ]
    return _aftermath(done, harm)


def _implement(camp: Camp, arguments: list[str]) -> dict[str, Any]:
    command = [camp.python, "-P", "-m", "soa", "implement", *arguments]
    done = subprocess.run(
        [camp.python, REAPER, str(SECONDS), *command],
        env=camp.environment, user=camp.user, group=camp.user, extra_groups=[], cwd=camp.project,
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["code"] in (0, 1), told["err"]
    assert '"stubs"' in told["out"], told["out"] + told["err"]
    return told


def _running(camp: Camp) -> list[str]:
    """Processes that bear the mark as their name: candidates call themselves so."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if camp.mark[:15] in (path / "comm").read_text():
                found.append(f"{path.name} {(path / 'comm').read_text().strip()}")
        except OSError:
            continue
    return found


def _spilled(camp: Camp, done: dict[str, Any], prompts: list[str]) -> list[str]:
    texts = {"what is printed": done["out"], "what is told": done["err"], "a prompt": "\n".join(prompts)}
    return [f"the secret stands in {name}" for name, text in texts.items() if camp.canary in text]


def _aftermath(done: dict[str, Any], harm: list[str]) -> Aftermath:
    stubs = {f"{stub['file']}::{stub['name']}": stub for stub in json.loads(done["out"])["stubs"]}
    return Aftermath(
        {name: stub["status"] for name, stub in stubs.items()},
        {name: stub["reason"] for name, stub in stubs.items()},
        {name: stub["evidence"] for name, stub in stubs.items()},
        {name: stub["usage"]["calls"] for name, stub in stubs.items()},
        done["err"],
        harm,
    )
