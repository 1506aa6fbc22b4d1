"""Ten thousand runs and two hundred killed servers: `python tests/bench/soak_sandbox.py [RUNS [KILLS]]`.

On each kind of sandbox; as who we are and, where that is root, also as a plain user, with a fifth of the runs. Two runs
in a hundred are hit from outside, as many cancelled, and one in ten means no good; see `soak.py` and `abandoned.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from telling import mark, tell

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nobody import PLAIN, run_as_nobody

HERE = Path(__file__).resolve().parents[1]
RUNS, KILLS = 10_000, 200
FEWER = 5
"""The plain user's share."""
KINDS = ("zygote", "landlock")


def ours(program, kind, times):
    """What a program of the tests tells, run by ourselves."""
    command = [sys.executable, HERE / program, kind, sys.executable, str(times)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def plain(program, kind, times):
    """The same, run by a plain user."""
    return run_as_nobody(str(HERE / program), kind, PLAIN, str(times), seconds=None)


def tell_runs(who, kind, found):
    """Print what came of many runs."""
    counts = found["counts"]
    number = sum(counts.values()) - counts["not verified"]
    left = [*found["wrong"], *found["alive"], *found["files"]]
    good = not left and (found["descriptors"], found["tasks"]) == (0, 0)
    tell(f"{mark(good)} {who}, {kind}: {number} runs in {found['seconds']:.0f} s (seed {found['seed']})")
    tell(f"    {counts['hit']} hit, {counts['cancelled']} cancelled, {counts['not verified']} honest ones not verified")
    for what, of in (("resident", "of the server"), ("each", "of a process below it")):
        tell(f"    memory {of}: {found['warm'][what]:.1f} MB when warm, {found['end'][what]:.1f} MB at the end")
    tell(f"    descriptors left: {found['descriptors']}, other things left or wrong: {left}")


def tell_kills(who, kind, found, times):
    """Print what killed servers have left."""
    left = [*found["alive"], *found["files"]]
    told = f"all gone after {1000 * found['slowest']:.0f} ms at most, left: {left}"
    tell(f"{mark(not left)} {who}, {kind}: {times} servers killed, {told}")


def main():
    """Do it all."""
    given = [int(n) for n in sys.argv[1:]]
    runs, kills = given + [RUNS, KILLS][len(given) :]
    for who, have, share in (("ourselves", ours, 1), ("plain user", plain, FEWER))[: 1 + (os.getuid() == 0)]:
        for kind in KINDS:
            tell_runs(who, kind, have("soak.py", kind, runs // share))
            tell_kills(who, kind, have("abandoned.py", kind, kills), kills)


if __name__ == "__main__":
    main()
