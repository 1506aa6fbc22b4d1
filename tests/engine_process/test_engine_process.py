"""The engine's process: what it is to the server, and that it never outlives it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from families import alive, at_tests, below, wait_until, when
from loopback import Hang
from soa.contracts import Status
from soa.engine.request import Request, Target
from soa.errors import SoaError

ENDLESS = "def double(n):\n    while True:\n        pass\n"
FORBIDDEN = ("openai", "jedi", "rich", "multiprocessing.context", "soa.agents", "soa.engine.runs", "soa.sandbox.")


@pytest.mark.parametrize("sandbox", ["zygote", "process"])
async def test_a_cancelled_run_leaves_no_process(implementing, project, heard, sandbox):
    project.file("replies.txt", f"=== write ledger.py::double\n{ENDLESS}")
    implementer = implementing()
    run = asyncio.ensure_future(implementer.run(project.order("double", sandbox=sandbox), heard))
    await heard.until(lambda h: "call-ended" in h.kinds())
    await when(lambda: at_tests(getattr(implementer, "pid", os.getpid())))
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not at_tests(getattr(implementer, "pid", os.getpid()))


async def test_a_run_that_is_cancelled_at_once_never_begins(remote, project, heard):
    implementer = remote()
    run = asyncio.ensure_future(implementer.run(project.order(), heard))
    await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert len((await implementer.run(project.order(), heard)).proposals) == 2


async def test_the_death_of_the_process_fails_its_runs_and_the_next_run_starts_another(
    remote, project, heard, loopback
):
    server = loopback(lambda _: Hang())
    implementer = remote()
    orders = [project.order("double", ident=i, model="m", base_url=server.url) for i in ("a", "b")]
    runs = [asyncio.ensure_future(implementer.run(order, heard)) for order in orders]
    for _ in runs:
        await asyncio.to_thread(server.arrived.acquire)
    killed = implementer.pid
    os.kill(killed, signal.SIGKILL)
    for run in runs:
        with pytest.raises(SoaError, match=r"process is gone: it was killed by signal 9 \(Killed\)") as raised:
            await run
        assert raised.value.advice.startswith("Ask again: a new one is started.")
    assert (await implementer.run(project.order("triple"), heard)).proposals[0].status is Status.VERIFIED
    assert implementer.pid not in (None, killed)


async def test_closing_leaves_no_process(remote, project, heard):
    implementer = remote()
    await implementer.run(project.order(), heard)
    pids = {implementer.pid, *below(implementer.pid)}
    assert len(pids) > 1
    await implementer.close()
    await when(lambda: not alive(pids))
    with pytest.raises(SoaError, match="shutting down"):
        await implementer.run(project.order(), heard)


async def test_a_process_that_does_not_obey_is_ended_by_force(remote, project, heard, loopback):
    server = loopback(lambda _: Hang())
    implementer = remote(patience=0.5)
    orders = [project.order("double", ident=i, model="m", base_url=server.url) for i in ("a", "b")]
    runs = [asyncio.ensure_future(implementer.run(order, heard)) for order in orders]
    for _ in runs:
        await asyncio.to_thread(server.arrived.acquire)
    os.kill(implementer.pid, signal.SIGSTOP)
    runs[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await runs[0]
    with pytest.raises(SoaError, match="signal 9"):
        await runs[1]


async def test_closing_does_not_wait_for_a_process_that_does_not_obey(remote, project, heard, loopback):
    server = loopback(lambda _: Hang())
    implementer = remote()
    order = project.order("double", model="m", base_url=server.url)
    run = asyncio.ensure_future(implementer.run(order, heard))
    await asyncio.to_thread(server.arrived.acquire)
    pid = implementer.pid
    os.kill(pid, signal.SIGSTOP)
    await implementer.close()
    assert not alive({pid})
    with pytest.raises(asyncio.CancelledError):
        await run


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupt_is_the_servers_affair_and_a_termination_ends_it_in_order(
    remote, project, heard, loopback, number
):
    server = loopback(lambda _: Hang())
    implementer = remote()
    order = project.order("double", model="m", base_url=server.url, retries=0)
    run = asyncio.ensure_future(implementer.run(order, heard))
    await asyncio.to_thread(server.arrived.acquire)
    os.kill(implementer.pid, number)
    if number == signal.SIGTERM:
        with pytest.raises(SoaError, match="it ended with status 0"):
            await run
    else:
        assert (await implementer.run(project.order("triple"), heard)).proposals[0].status is Status.VERIFIED


async def test_an_error_of_our_own_ends_one_run_only(remote, project, heard, capfd):
    implementer = remote()
    bad = evolve(project.order(), request=Request((Target("no path"),), ident="bad"))  # type: ignore[arg-type]
    with pytest.raises(SoaError, match="The engine met an error of its own: AttributeError"):
        await implementer.run(bad, heard)
    assert len((await implementer.run(project.order(), heard)).proposals) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "A run broke off" in err


async def test_a_listener_that_fails_ends_no_run(remote, project, heard, caplog):
    class Deaf(type(heard)):
        def events(self, events):
            raise KeyError("deaf")

    listener = Deaf()
    result = await remote().run(project.order(), listener)
    assert len(listener.proposals) == len(result.proposals) == 2
    assert "could not be taken in" in caplog.text


async def test_the_editors_model_may_fail_in_any_way(remote, project, heard, caplog):
    async def ask(query):
        raise KeyError("no such method")

    with pytest.raises(SoaError, match="could not be asked: KeyError"):
        await remote(ask=ask).run(project.order("double", model="editor"), heard)
    assert "could not be asked" in caplog.text


def test_the_servers_side_is_light():
    code = "import soa.engine.remote, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not [m for m in done.stdout.split() if m.startswith(FORBIDDEN)]


SCRIPT = """
import asyncio, os, sys
from pathlib import Path
from soa.engine.implementer import Order
from soa.engine.remote import RemoteImplementer
from soa.engine.request import Request, Target
from soa.settings import Settings

class Listener:
    def events(self, events):
        if any(e.kind == "call-ended" for e in events):
            print(implementer.pid, flush=True)
    def proposal(self, proposal):
        pass

root = Path(sys.argv[1])
implementer = RemoteImplementer(root.parent / "store.sqlite3")

async def main():
    settings = Settings(model="recorded:replies.txt", depth=0)
    order = Order(root, settings, Request((Target(root / "ledger.py", ("double",)),), ident="r"))
    run = asyncio.ensure_future(implementer.run(order, Listener()))
    await asyncio.to_thread(sys.stdin.readline)
    if sys.argv[2] == "exit":
        os._exit(0)
    if sys.argv[2] == "idle":
        run.cancel()
        await asyncio.wait([run])

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.parametrize("end", ["kill", "exit", "idle", "leave"])
def test_nothing_outlives_the_server(project, end):
    project.file("replies.txt", f"=== write ledger.py::double\n{ENDLESS}")
    script = project.file("server.py", SCRIPT)
    command = [sys.executable, str(script), str(project.root), end]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as server:
        engine = int(server.stdout.readline())
        wait_until(lambda: at_tests(engine))
        streams = [Path(f"/proc/{engine}/fd/{n}").readlink() for n in (0, 1, 2)]
        assert streams == [Path("/dev/null"), *[Path(f"/proc/{server.pid}/fd/2").readlink()] * 2]
        family = {engine, *below(engine)}
        if end == "kill":
            server.kill()
        out, err = server.communicate("\n", timeout=30)
    assert (out, err) == ("", "")
    wait_until(lambda: not alive(family))
