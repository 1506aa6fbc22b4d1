"""The language server answers after all that candidates have tried, and the next honest one is verified."""

from __future__ import annotations

import os

import pytest

from served import served
from siege import candidates, traces
from siege.camp import HOLDING, camps
from siege.replies import fenced, module
from siege.storm import LIMITS
from siege.witnesses import Witnesses

THEMES = ("files", "network", "processes", "kernel", "poison")


@pytest.fixture
def our_camp():
    yield from camps(os.getuid())


@pytest.mark.parametrize("kind", HOLDING)
async def test_the_server_answers_afterwards(our_camp, kind, loopback):
    hostile = [c for theme in THEMES for c in candidates(theme)]
    texts = {c.name: c.text for c in (*hostile, *candidates("honest"))}
    our_camp.write({"hostile.py": module(hostile), "honest.py": module(candidates("honest"))})
    flags = ["--sandbox", kind, "--attempts", "1", "--depth", "0", "--base-url"]
    flags.append(loopback(lambda request: fenced(texts[request.name])).url)
    with Witnesses(our_camp) as witnesses:
        our_camp.tell({**witnesses.facts, **LIMITS})
        before = traces.tree(our_camp.home, our_camp.beside)
        async with served(our_camp.project, *flags, environ=our_camp.environment) as (editor, _):
            first, then = (editor.open(our_camp.project / name) for name in ("hostile.py", "honest.py"))
            told = await editor.execute("soa.implementFile", {"uri": first})
            assert len(told["stubs"]) == len(hostile)
            told = await editor.execute("soa.implementFile", {"uri": then})
            assert [stub["status"] for stub in told["stubs"]] == ["verified"]
            await editor.leave()
        assert witnesses.visits() == []
        assert traces.changes(before, traces.tree(our_camp.home, our_camp.beside)) == []
