"""What tests of ordinary functions do works inside, however little the process may do."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path

import pytest

from refusals import LIMITS, REQUEST
from soa.sandbox import Job
from soa.sandbox.process import PlainProcess

PIECES = {
    "asyncio": """
        import asyncio, socket, sys
        async def served(reader, writer):
            writer.write(await reader.readline())
            writer.close()
        async def main():
            child = await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", "print(7)", stdout=-1)
            assert (await child.communicate())[0] == b"7\\n"
            sleeper = await asyncio.create_subprocess_exec("sleep", "600")
            sleeper.kill()
            assert await sleeper.wait() == -9
            server = await asyncio.start_server(served, "127.0.0.1", 0)
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"back\\n")
            assert await reader.readline() == b"back\\n"
            writer.close()
            server.close()
            left, right = socket.socketpair()
            left.send(b"x")
            assert right.recv(1) == b"x"
            left.close()
            right.close()
            assert await asyncio.to_thread(len, "four") == 4
        asyncio.run(main())
        """,
    "threads": """
        import threading
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(abs, range(-4, 0))) == [4, 3, 2, 1]
        started = threading.Thread(target=print, name="named")
        started.start()
        started.join()
        """,
    "multiprocessing": """
        import multiprocessing, sys
        from multiprocessing import shared_memory
        for method in ("fork", "spawn", "forkserver"):
            context = multiprocessing.get_context(method)
            with context.Pool(2) as pool:
                assert pool.map(abs, [-1, -2]) == [1, 2]
            queue = context.Queue()
            worker = context.Process(target=queue.put, args=(5,))
            worker.start()
            assert queue.get(timeout=20) == 5
            worker.join()
        memory = shared_memory.SharedMemory(create=True, size=64)
        memory.buf[0] = 9
        memory.close()
        memory.unlink()
        """,
    "files": """
        import fcntl, os, shutil, stat, tempfile
        from pathlib import Path
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            (root / "a").mkdir()
            (root / "b").mkdir()
            (root / "a" / "f").write_text("text")
            os.replace(root / "a" / "f", root / "b" / "f")
            os.link(root / "b" / "f", root / "a" / "g")
            os.symlink("f", root / "b" / "l")
            os.truncate(root / "b" / "l", 2)
            assert (root / "a" / "g").read_text() == "te"
            os.chmod(root / "a" / "g", 0o600)
            os.mkfifo(root / "pipe")
            shutil.copytree(root / "b", root / "c")
            with open(root / "lock", "w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
        with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryFile() as other:
            file.write(b"1")
            other.write(b"2")
        with open("/dev/null", "w") as file:
            file.write("away")
        """,
    "databases": """
        import os, sqlite3
        path = os.path.join(os.environ["HOME"], "kept.db")
        with sqlite3.connect(path) as made:
            made.execute("pragma journal_mode=wal")
            made.execute("create table t (x)")
            made.execute("insert into t values (3)")
        made.close()
        with sqlite3.connect(path) as read:
            assert read.execute("select x from t").fetchall() == [(3,)]
        read.close()
        """,
    "programs": """
        import os, pty, signal, subprocess, sys
        assert subprocess.check_output([sys.executable, "-S", "-c", "print(1)"]) == b"1\\n"
        assert subprocess.run("exit 3", shell=True).returncode == 3
        child = os.fork()
        if child == 0:
            signal.pause()
        os.kill(child, signal.SIGTERM)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM
        ours, theirs = pty.openpty()
        os.write(theirs, b"typed")
        assert os.read(ours, 5) == b"typed"
        assert os.posix_spawn("/bin/sh", ["sh", "-c", "exit 0"], {}) > 0
        os.wait()
        """,
    "names": """
        import socket, threading, http.server, urllib.request
        assert socket.getaddrinfo("127.0.0.1", 80)
        assert socket.getaddrinfo("localhost", 80)
        server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
        server.RequestHandlerClass.log_message = lambda *_: None
        threading.Thread(target=server.serve_forever).start()
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/", timeout=20) as answer:
            assert answer.status == 200
        server.shutdown()
        server.server_close()
        """,
    "numbers": "import numpy\nassert (numpy.ones((64, 64)) @ numpy.ones((64, 64))).sum() == 64 ** 3",
    "properties": """
        from hypothesis import given, strategies
        @given(strategies.integers())
        def test_doubling(n): assert n * 2 == n + n
        """,
}
NEEDED = {"numbers": "numpy", "properties": "hypothesis"}


@pytest.fixture(scope="module")
def plain_process():
    return asyncio.run(PlainProcess.start(Path(sys.executable)))


@pytest.fixture(params=["zygote", "plain process"])
def sandbox(request):
    return request.getfixturevalue(request.param.replace(" ", "_"))


@pytest.mark.parametrize("name", PIECES)
async def test_it_works_inside(sandbox, project, name):
    if name in NEEDED and importlib.util.find_spec(NEEDED[name]) is None:
        pytest.skip(f"{NEEDED[name]} is missing")
    source = "if True:" + PIECES[name] if PIECES[name].startswith("\n") else PIECES[name]
    request = {**REQUEST, "generated": [{"key": name, "source": source}]}
    report = await sandbox.run(Job(project, request, {}, LIMITS))
    (result,) = [e for e in report.answer["events"] if "result" in e]
    assert result["outcome"] == "passed", (result, report)
