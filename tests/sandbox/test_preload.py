"""What is loaded once for many runs, tried in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from textwrap import dedent

import pytest

from soa.sandbox.interpreter import HARNESS

START = """
import json, os, signal, sys
asked = json.loads(sys.argv[1])
number = os.open("/proc/self/status", os.O_RDONLY)
os.dup2(number, 99)
sys.path.insert(0, asked["harness"])
from harness.preload import preload, refresh
signal.alarm(asked["seconds"])
told = preload(asked["names"], asked["path"], lambda place: place.startswith(asked["root"]))
signal.alarm(0)
sys.path[:] = [asked["root"], *asked["path"]]
"""
ANSWER = """
print(json.dumps(told))
"""
STANDARD = [p for p in sys.path if p and "site-packages" not in p and "dist-packages" not in p and "/work" not in p]


@pytest.fixture
def site(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "home").mkdir()
    return tmp_path / "site"


def carry_out(site, names, then=ANSWER, seconds=60):
    """Load modules that are beside the standard library, then do something; what it printed."""
    home = str(site.parent / "home")
    asked = {
        "harness": str(HARNESS.parent), "names": names, "path": [*STANDARD, str(site)],
        "root": f"{site.parent / 'project'}/", "seconds": seconds,
    }  # fmt: skip
    command = [sys.executable, "-I", "-S", "-c", START + dedent(then), json.dumps(asked)]
    variables = {**os.environ, "HOME": home, "PYTHONDONTWRITEBYTECODE": "1"} | {"TMPDIR": home}
    done = subprocess.run(
        command, capture_output=True, text=True, env=variables, timeout=60, check=False, stdin=subprocess.DEVNULL
    )
    assert not done.returncode, done.stderr
    return done.stdout


def write(site, **modules):
    """Write modules; two underscores in a name stand for a dot, and a package's own text goes by `package__`."""
    for name, text in modules.items():
        package, _, last = name.partition("__")
        path = site / package / f"{last or '__init__'}.py" if "__" in name else site / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))


EFFECTS = {
    "starts a thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
    "opens a socket": "import socket\nkept = socket.socket()",
    "opens a pipe": "import os\nkept = os.pipe()",
    "opens a file": "kept = open(__file__)",
    "starts a process": """
        import os
        until, kept = os.pipe()
        if os.fork() == 0:
            os.close(kept)
            os.read(until, 1)
            os._exit(0)
        """,
    "shares memory": "import mmap\nkept = mmap.mmap(-1, 4096)",
    "changes the current folder": "import os\nos.chdir('/')",
    "changes how signals are handled": "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "changes where modules are looked for": "import sys\nsys.path.append('/somewhere')",
    "writes files": "import os\nopen(os.path.join(os.environ['HOME'], 'left'), 'w').close()",
    "closes files of others": "import os\nos.close(99)",
    "fails (ValueError: no)": "raise ValueError('no')",
    "fails (SystemExit: 3)": "raise SystemExit(3)",
    "fails (ModuleNotFoundError: No module named 'absent')": "import absent",
}


@pytest.mark.parametrize("reason", EFFECTS)
def test_a_module_that_does_more_than_define_things_is_named(site, reason):
    write(site, effect=EFFECTS[reason], a_fine_one="value = 1", later="value = 2")
    told = json.loads(carry_out(site, ["later", "effect", "a_fine_one"]))
    assert told["unfit"] == {"module": "effect", "reason": f"it {reason} when it is imported"}
    assert "later" not in told["loaded"]


def test_a_process_that_is_over_is_seen_as_well(site):
    write(site, effect="import subprocess, sys\nsubprocess.run([sys.executable, '-S', '-c', ''])")
    told = json.loads(carry_out(site, ["effect"]))
    assert told["unfit"]["reason"] == "it starts a process when it is imported"


def test_a_module_that_never_comes_back_is_named(site):
    write(site, effect="import time\nwhile True: time.sleep(1)")
    told = json.loads(carry_out(site, ["effect"], seconds=1))
    assert told["unfit"]["reason"] == "it takes too long when it is imported"


def test_what_is_printed_or_read_does_not_matter(site):
    write(
        site,
        loud="""
        import os, sys
        print("said")
        os.write(1, b"said by a library")
        print("said", file=sys.stderr)
        assert sys.stdin.read() == ""
        """,
    )
    assert carry_out(site, ["loud"]) == carry_out(site, ["loud"])
    assert json.loads(carry_out(site, ["loud"]))["loaded"] == ["loud"]


def test_files_of_what_was_loaded_are_told_and_what_is_missing_is_passed_over(site):
    write(site, pack__="value = 1", pack__part="", single="import email.message")
    told = json.loads(carry_out(site, ["pack.part", "pack.value", "pack.absent", "absent.part", "single"]))
    assert told["loaded"] == ["pack.part", "single"]
    assert told["unfit"] is None
    ours = [f for f in told["files"] if f.startswith(str(site))]
    assert ours == [str(site / f) for f in ("pack/__init__.py", "pack/part.py", "single.py")]


def test_nothing_of_the_project_is_imported(site):
    project = site.parent / "project"
    (project / "own.py").write_text("")
    write(site, bridge=f"import sys\nsys.path.insert(0, {str(project)!r})\nimport own\nsys.path.pop(0)")
    assert json.loads(carry_out(site, ["own"]))["loaded"] == []
    told = json.loads(carry_out(site, ["bridge"]))
    assert told["unfit"]["reason"] == "it imports files of the project when it is imported"


def test_the_process_looks_as_if_nothing_had_been_imported(site):
    write(site, pack__="from . import brought", pack__brought="", pack__part="import xml.dom.minidom")
    then = """
    assert not {"pack", "xml", "decimal", "asyncio", "unittest"} & set(sys.modules)
    assert sys.argv[1:] and sys.path[0] == asked["root"]
    import pack, xml
    assert pack.brought and not hasattr(pack, "part") and not hasattr(xml, "dom")
    assert pack.__spec__.loader.path == pack.__file__ and pack.__spec__.name == "pack"
    import pack.part
    assert xml.dom.minidom is sys.modules["xml.dom.minidom"] and pack.part is sys.modules["pack.part"]
    import importlib, importlib.util
    assert importlib.util.find_spec("email.message").origin.endswith("message.py")
    """
    carry_out(site, ["pack.part", "email.message", "xml.dom.minidom"], then)


def test_a_module_is_executed_once_however_it_is_imported(site):
    write(
        site,
        count="import os\nos.environ['COUNT'] = os.environ.get('COUNT', '') + 'x'",
        pack__="",
        pack__part="import count",
        dynamic="import importlib\npart = importlib.import_module('pack.part')",
    )
    then = """
    from dynamic import part
    from pack import part as same
    import count
    assert part is same is sys.modules["pack.part"]
    assert os.environ["COUNT"] == "x"
    """
    carry_out(site, ["pack.part", "dynamic"], then)


def test_modules_of_the_project_go_before_those_of_the_same_name(site):
    (site.parent / "project" / "bisect.py").write_text("ours = True")
    then = """
    from importlib.machinery import PathFinder
    class Own:
        @staticmethod
        def find_spec(name, path=None, target=None):
            return PathFinder.find_spec(name, [asked["root"]])
    sys.meta_path.insert(0, Own)
    import bisect, statistics
    assert bisect.ours
    assert statistics.NormalDist().pdf(0) > 0 and statistics.mode([1, 1]) == 1
    """
    carry_out(site, [], then)


def test_forks_do_not_share_what_was_drawn_from(site):
    write(site, numpy__="", numpy__random="state = 0\ndef seed():\n    global state\n    state += 1")
    then = """
    import tempfile
    tempfile.gettempdir()
    os.environ["TMPDIR"] = asked["root"]
    refresh()
    import numpy.random
    assert numpy.random.state == 1
    assert tempfile.gettempdir() + "/" == asked["root"]
    """
    carry_out(site, ["numpy.random"], then)


def test_what_the_standard_library_does_in_many_ways_works(site):
    then = """
    import asyncio, concurrent.futures, dataclasses, doctest, logging.handlers, pickle, typing, unittest.mock
    async def answer():
        return await asyncio.to_thread(abs, -2)
    assert asyncio.run(answer()) == 2
    @dataclasses.dataclass
    class Pair:
        left: "typing.Optional[int]"
        right: int = 2
    assert pickle.loads(pickle.dumps(Pair(1))) == Pair(1) and typing.get_type_hints(Pair)
    with unittest.mock.patch("os.getcwd", return_value="here"):
        assert os.getcwd() == "here"
    assert doctest.DocTestParser().get_examples(">>> 1\\n1\\n")
    logging.getLogger("x").warning("told")
    """
    carry_out(site, [], then)
