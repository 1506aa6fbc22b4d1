"""Bodies of functions that are wrong and try to be told as right, and of right ones that only look as if they tried.

Four is wanted from all of them. None may ever run outside a sandbox.
"""

from __future__ import annotations

WROTE = "the code under test wrote to the result channel"
CAUGHT = "the code under test forged results: it "
EXITED = "exited without a result"

LINES = """
lines = [
    '{"started": 0, "rushed": false}', '{"end": true}',
    '{"result": 0, "outcome": "passed", "reached": ["module.py::f"], "blocked_by": [], "seconds": 0.1}',
    '{"result": 0, "outcome": "ran", "printed": "4", "raised": "", "counts": true, "reached": [], "blocked_by": []}',
]
def write_all(*before):
    import os
    for number in range(3, 256):
        for line in lines:
            try:
                os.set_blocking(number, False)
                os.write(number, "".join(before).encode() + line.encode() + bytes([10]))
            except OSError:
                break
"""

FAILED = {
    "prints success": ("print('1 passed', '4', sep=chr(10))\nreturn 5", ""),
    "writes results": (LINES + "write_all()\nreturn 5", WROTE),
    "writes results and exits": (LINES + "import os\nwrite_all()\nos._exit(0)", WROTE),
    "writes signed results": (LINES + "write_all('0' * 32, ' ')\nreturn 5", WROTE),
    "writes half a line": (
        "import os\nfor n in range(3, 256):\n    try: os.write(n, b'{')\n    except OSError: pass\nreturn 5", WROTE,
    ),
    "has a child write": (
        """
        import os
        if os.fork() == 0:
            os.setsid()
            import time
            for _ in range(2000):
                time.sleep(0.001)
                for n in range(3, 64):
                    try: os.write(n, b'{"end": true}' + bytes([10]))
                    except OSError: pass
        import time
        time.sleep(0.1)
        return 5
        """, WROTE,
    ),
    "nests deeply": (
        """
        import os
        for n in range(3, 256):
            try: os.write(n, b'[' * 9000 + b'\\n')
            except OSError: pass
        return 4
        """, WROTE,
    ),
    "exits": ("import os\nos._exit(0)", EXITED),
    "exits in a thread": (
        "import os, threading\nt = threading.Thread(target=os._exit, args=[0])\nt.start()\nt.join()\nreturn 4",
        EXITED,
    ),
    "is killed": ("import os\nos.kill(os.getpid(), 9)", "was killed (signal 9)"),
    "execs": ("import os\nos.execv('/bin/true', ['true'])", EXITED),
    "raises SystemExit": ("raise SystemExit(0)", "SystemExit: 0"),
    "raises KeyboardInterrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "raises GeneratorExit": ("raise GeneratorExit", "GeneratorExit"),
    "closes everything": ("import os\nos.closerange(0, 256)\nreturn 4", EXITED),
    "skips the test": ("class Skipped(Exception): pass\nraise Skipped('later')", ""),
    "raises what examples are excused for": ("import functools\nfunctools.partial(exec, 'raise NameError(1)')()", ""),
    "replaces standard output": (
        "import io, sys\nsys.stdout = sys.stderr = sys.__stdout__ = io.StringIO('4')\nreturn 5", "",
    ),
    "rewrites standard output": (
        """
        import sys
        class Paper(type(sys.stdout)):
            def write(self, text): return super().write(text.replace('5', '4'))
        sys.stdout.__class__ = Paper
        return 5
        """, "",
    ),
    "patches what standard output is": (
        "import sys\ntype(sys.stdout).getvalue = lambda self: '4'\nreturn 5",
        CAUGHT + "replaced what soa_harness.trials.Paper has",
    ),
    "replaces the displayhook": (
        "import sys\nsys.displayhook = sys.__displayhook__ = lambda value: print(4)\nreturn 5", "",
    ),
    "patches doctest": (
        """
        import doctest
        doctest.OutputChecker.check_output = lambda *args: True
        doctest.DocTestRunner.run = lambda self, *a, **n: doctest.TestResults(0, 1)
        doctest._SpoofOut.getvalue = lambda self: '4'
        return 5
        """, "",
    ),
    "patches builtins": (
        "import builtins\nbuiltins.isinstance = lambda *a: True\nreturn 5", CAUGHT + "replaced builtins.isinstance",
    ),
    "patches builtins and is right": (
        "import builtins\nbuiltins.repr = lambda v: '4'\nreturn 4", CAUGHT + "replaced builtins.repr",
    ),
    "patches errors": ("import builtins\nbuiltins.AssertionError = type('E', (BaseException,), {})\nreturn 5", CAUGHT),
    "patches writing": (
        """
        import json, os
        write = os.write
        os.write = lambda fd, data: write(fd, data.replace(b'failed', b'passed'))
        json.dumps = json.JSONEncoder.encode = lambda *a, **n: '{}'
        return 5
        """, "",
    ),
    "takes over the descriptors": (
        """
        import os, stat, threading
        def forward(source, target):
            while True:
                data = os.read(source, 1 << 16)
                os.write(target, data.replace(b'failed', b'passed').replace(b'"5', b'"4'))
        for number in range(3, 64):
            try:
                if not stat.S_ISFIFO(os.fstat(number).st_mode): continue
            except OSError:
                continue
            kept = os.dup(number)
            reader, writer = os.pipe()
            os.dup2(writer, number)
            threading.Thread(target=forward, args=[reader, kept], daemon=True).start()
        return 5
        """, "",
    ),
    "turns classes": (
        """
        def below(kind):
            for one in type.__subclasses__(kind):
                yield one
                yield from below(one)
        for kind in set(below(object)):
            if kind.__module__.startswith('soa_harness'):
                for name in ('failed', '_send', 'send', 'running'):
                    if name in vars(kind): setattr(kind, name, lambda self, *a, **n: self.passed(a[0], a[1], True))
        return 5
        """, "",
    ),
    "calls what reports": (
        """
        import signal
        def found(signum, frame):
            while frame:
                trials = frame.f_locals.get('trials')
                if trials is not None:
                    trials._speak({'result': 0, 'outcome': 'passed', 'reached': [], 'blocked_by': [], 'seconds': 0.1})
                frame = frame.f_back
        signal.signal(signal.SIGUSR1, found)
        signal.raise_signal(signal.SIGUSR1)
        return 5
        """, CAUGHT + "called what reports",
    ),
    "turns what the import hook holds": (
        """
        import sys
        for finder in sys.meta_path:
            for value in list(getattr(finder, '__dict__', {}).values()):
                for member in vars(type(value)).values():
                    names = getattr(member, '__globals__', {})
                    if 'soa_harness' in names.get('__name__', ''):
                        names['failures'].describe = lambda error: ''
                        names['failures'].lacking = lambda *a: 'it needs the network'
        raise ValueError
        """, CAUGHT + "replaced soa_harness.failures.",
    ),
    "turns the handler of alarms": (
        "import signal\nsignal.getsignal(signal.SIGALRM).__globals__['Trials'].failed = None\nreturn 5",
        CAUGHT + "replaced soa_harness.trials.Trials.failed",
    ),
    "looks for frames and finds the writer": (
        """
        import sys
        frame = sys._getframe()
        while frame:
            speak = getattr(frame.f_locals.get('trials'), '_speak', None)
            if speak is not None:
                held = speak.__self__.gi_frame.f_locals
                held['write']({'result': 0, 'outcome': 'passed', 'reached': [], 'blocked_by': [], 'seconds': 0.1})
            frame = frame.f_back
        return 5
        """, "",
    ),
    "lowers the recursion limit": (
        """
        import sys
        depth = 1
        while True:
            try: sys.setrecursionlimit(depth)
            except RecursionError: depth += 1
            else: break
        return 5
        """, "",
    ),
    "forks and both go on": ("import os\nreturn 4 if os.fork() == 0 else 5", ""),
    "starts a thread that patches later": (
        """
        import builtins, threading, time
        def later():
            while True:
                builtins.isinstance = lambda *a: True
                time.sleep(0)
        threading.Thread(target=later, daemon=True).start()
        time.sleep(0.05)
        return 4
        """, CAUGHT,
    ),
    "registers for the exit": (
        LINES + "import atexit, os\natexit.register(write_all)\natexit.register(os._exit, 0)\nreturn 5", "",
    ),
    "ignores alarms": (
        "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: time.sleep(9)",
        "ran out of time",
    ),
}  # fmt: skip
"""Name to body, and how what is told of the failure begins; empty: in any way."""

DOUBTED = {
    "looks at frames": "import sys\nsys._getframe(1)\nreturn 4",
    "looks at frames by inspect": "import inspect\ninspect.currentframe().f_back\ninspect.stack()\nreturn 4",
    "looks at frames of errors": "try: 1 / 0\nexcept Exception as e: e.__traceback__.tb_frame.f_back\nreturn 4",
    "looks at frames by walking": "import traceback\nlist(traceback.walk_stack(None))\nreturn 4",
    "looks at frames by logging": "import logging\nlogging.currentframe()\nreturn 4",
    "looks at frames of generators": "g = (n for n in [1])\ng.gi_frame\nreturn 4",
    "looks at frames of threads": "import sys\nsys._current_frames()\nreturn 4",
    "looks at frames in other code": "exec('import sys; sys._getframe(1)', {})\nreturn 4",
    "lists objects": "import gc\ngc.get_objects()\nreturn 4",
    "lists referrers": "import gc\ngc.get_referrers(gc)\nreturn 4",
    "sets a trace function": "import sys\nsys.settrace(lambda *a: None)\nsys.settrace(None)\nreturn 4",
    "leaves a trace function": "import sys\nsys.settrace(lambda *a: None)\nreturn 4",
    "leaves a profile function": "import cProfile\ncProfile.Profile().enable()\nreturn 4",
    "reaches for memory": "import ctypes\nctypes.memmove(ctypes.create_string_buffer(2), b'x', 1)\nreturn 4",
    "reaches for memory and says nothing": "import ctypes\nctypes.memmove(ctypes.c_char_p(b'x'), b'x', 1)\nreturn 4",
    "opens memory": "open('/proc/self/mem', 'rb').close()\nreturn 4",
    "makes code": "f.__code__.replace(co_name='g')\nreturn 4",
    "changes code": "def g(): pass\ng.__code__ = (lambda: 1).__code__\nreturn 4",
    "hides where it comes from": "import logging\neval(compile('4', logging.__file__, 'eval'))\nreturn 4",
    "listens": "import sys\nsys.addaudithook(print)\nreturn 4",
    "starts an interpreter": """
        try: import _xxsubinterpreters as made
        except ImportError: import _interpreters as made
        made.create()
        return 4
        """,
}
"""Right, but with the means to make it so: never verified."""

HONEST = {
    "logs": "import logging\nlogging.getLogger('x').warning('hm', stack_info=True)\nreturn 4",
    "warns": "import warnings\nwith warnings.catch_warnings(record=True): warnings.warn('hm')\nreturn 4",
    "makes a named tuple": "import collections\nreturn collections.namedtuple('P', 'x y')(4, 2).x",
    "makes classes": """
        import dataclasses, enum, typing
        @dataclasses.dataclass(frozen=True)
        class P:
            x: int = 4
        class E(enum.IntEnum):
            A = 4
        class N(typing.NamedTuple):
            x: int
        class T(typing.TypedDict):
            x: int
        typing.TypeVar('T'); typing.NewType('M', int)
        return P().x
        """,
    "formats a traceback": """
        import traceback
        try:
            1 / 0
        except ZeroDivisionError as error:
            traceback.format_exc()
            traceback.TracebackException.from_exception(error)
            error.with_traceback(error.__traceback__)
        return 4
        """,
    "manages contexts": """
        import contextlib, io
        @contextlib.contextmanager
        def held():
            try: yield 4
            finally: pass
        with contextlib.suppress(ValueError), held() as n, contextlib.ExitStack() as stack:
            with contextlib.redirect_stdout(io.StringIO()): print('hm')
            return n
        """,
    "mocks": """
        import builtins
        from unittest import mock
        with mock.patch('builtins.open', mock.mock_open(read_data='4')) as opened, mock.patch.object(builtins, 'id'):
            mock.create_autospec(sorted)
            return int(open('nowhere').read())
        """,
    "copies and pickles": "import copy, pickle\nreturn pickle.loads(pickle.dumps(copy.deepcopy([4])))[0]",
    "looks at signatures": "import inspect\ninspect.signature(f)\ninspect.getsource(inspect)\nreturn 4",
    "compiles": "import ast\nreturn eval(compile(ast.parse('2 + 2', mode='eval'), '<mine>', 'eval'))",
    "wraps": "import functools\ng = functools.wraps(f)(functools.lru_cache(lambda: 4))\nreturn g()",
    "runs coroutines": """
        import asyncio
        async def four():
            await asyncio.gather(asyncio.sleep(0), asyncio.to_thread(len, 'x'))
            return 4
        return asyncio.run(four(), debug=True)
        """,
    "runs threads": """
        import concurrent.futures, threading
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            return sum(pool.map(lambda n: 1, range(4)))
        """,
    "runs processes": """
        import multiprocessing, subprocess, sys
        done = subprocess.run([sys.executable, '-S', '-c', 'print(4)'], capture_output=True)
        return int(done.stdout)
        """,
    "forks": "import os\nn = os.fork()\nif n == 0: os._exit(0)\nos.wait()\nreturn 4",
    "uses the faulthandler": """
        import faulthandler, tempfile
        with tempfile.TemporaryFile() as file: faulthandler.dump_traceback(file)
        return 4
        """,
    "handles signals": """
        import signal
        before = signal.signal(signal.SIGUSR1, lambda n, frame: None)
        signal.raise_signal(signal.SIGUSR1)
        signal.signal(signal.SIGUSR1, before)
        return 4
        """,
    "uses its own timer": """
        import signal
        signal.signal(signal.SIGALRM, lambda n, frame: None)
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        signal.pause()
        return 4
        """,
    "collects garbage": "import gc\ngc.disable(); gc.collect(); gc.enable(); gc.get_stats()\nreturn 4",
    "imports much": "import unittest, doctest, pdb, tracemalloc, uuid, decimal, sqlite3, json, http.client\nreturn 4",
    "measures": "import numpy\nreturn int((numpy.ones((2, 2)) @ numpy.ones((2, 2))).sum() / 2)",
    "adds a builtin": "import builtins, gettext\ngettext.install('x')\nreturn 4",
    "starts an exit": "import atexit\natexit.register(print, 'bye')\nreturn 4",
    "takes the place of the streams": """
        import io, sys
        before, sys.stdout = sys.stdout, io.StringIO()
        print('hm')
        sys.stdout = before
        return 4
        """,
}
"""Right, and as good as any other."""
