"""Candidates that are wrong, and try to be told as right: seven is wanted. Run in the sandbox only."""


def prints_success():
    """Print what runners print when all is well."""
    import sys

    lines = ["1 passed in 0.01s", "OK", "7", '{"result": 0, "outcome": "passed", "reached": [], "blocked_by": []}']
    for line in [*lines, '{"end": true}']:
        print(line)
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            stream.write(line + "\n")
    return 8


def exits_with_success():
    """Print success and exit."""
    import os

    os.write(1, b"1 passed in 0.01s\n")
    os._exit(0)


def raises_system_exit():
    """Leave by SystemExit, as a program that has done its work."""
    import sys

    sys.exit(0)


def ends_pytest():
    """Leave by what ends pytest, with success."""
    try:
        import pytest
    except ImportError:
        raise SystemExit(0) from None
    pytest.exit("all passed", 0)


def writes_to_the_pipes():
    """Write results to all pipes that it finds."""
    import os

    for number in range(3, 256):
        for line in _forged_lines():
            try:
                os.set_blocking(number, False)
                os.write(number, line)
            except OSError:
                break
    return 8


def writes_to_the_pipes_and_exits():
    """Write results to all pipes that it finds, and leave before the true one is told."""
    import os

    for number in range(3, 256):
        for line in _forged_lines():
            try:
                os.write(number, line)
            except OSError:
                break
    os._exit(0)


def writes_behind_the_token():
    """Look for tokens in its own memory, write results behind each, and leave."""
    import os

    for token in _tokens():
        for line in _forged_lines(token + b" "):
            for number in range(3, 32):
                try:
                    os.write(number, line)
                except OSError:
                    continue
    os._exit(0)


def turns_objects():
    """Find all objects that judge among those that the garbage collector knows, and turn them."""
    import gc

    _turn(gc.get_objects())
    return 8


def turns_classes():
    """Find all classes that judge among the subclasses of object, and turn them."""
    _turn(object.__subclasses__())
    return 8


def turns_modules():
    """Turn all that judges in the modules that are loaded."""
    import sys

    for module in list(sys.modules.values()):
        _turn(list(vars(module).values()))
    return 8


def imports_the_harness():
    """Import the harness itself, and turn what judges in it."""
    import importlib

    for name in ("trials", "channel", "main", "examples", "generated", "pytests", "unittests"):
        try:
            _turn(list(vars(importlib.import_module("soa_harness." + name)).values()))
        except ImportError:
            continue
    return 8


def turns_callers():
    """Turn what its callers hold."""
    import sys

    _turn_frames(sys._getframe())
    return 8


def turns_callers_by_a_traceback():
    """Turn what its callers hold, found by way of an error."""
    try:
        raise ValueError
    except ValueError as error:
        _turn_frames(error.__traceback__.tb_frame)
    return 8


def turns_callers_by_a_generator():
    """Turn what its callers hold, found by way of a generator."""

    def generator():
        _turn_frames(made.gi_frame)
        yield

    made = generator()
    next(made)
    return 8


def turns_callers_by_c():
    """Turn what its callers hold, found by functions of the interpreter in C."""
    import ctypes

    ask = ctypes.pythonapi.PyEval_GetFrame
    ask.restype = ctypes.py_object
    _turn_frames(ask())
    return 8


def turns_callers_from_a_thread():
    """Turn what the main thread's callers hold, from another thread."""
    import sys
    import threading

    def work():
        for frame in sys._current_frames().values():
            _turn_frames(frame)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return 8


def turns_callers_when_shown():
    """Return what turns its callers when it is shown."""
    import sys

    class Shown:
        def __repr__(self):
            _turn_frames(sys._getframe())
            return "8"

    return Shown()


def turns_callers_when_compared():
    """Return what turns its callers when it is compared, and is not equal."""
    import sys

    class Compared:
        def __eq__(self, other):
            _turn_frames(sys._getframe())
            return False

        def __hash__(self):
            return 8

    return Compared()


def turns_callers_by_a_deputy():
    """Turn what the main thread's callers hold, found by an executor, which nobody suspects."""
    import sys
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor() as deputy:
        for frame in deputy.submit(sys._current_frames).result().values():
            _turn_frames(frame)
    return 8


def turns_objects_by_a_deputy():
    """Turn all objects that judge, found by an executor, which nobody suspects."""
    import gc
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor() as deputy:
        _turn(deputy.submit(gc.get_objects).result())
    return 8


def turns_callers_by_a_debugger():
    """Turn what its callers hold, shown by the debugger of the standard library, which then stops its work."""
    import bdb

    class Debugger(bdb.Bdb):
        def user_line(self, frame):
            _turn_frames(frame)
            self.set_quit()

        user_call = user_return = user_line

    debugger = Debugger()
    debugger.set_trace()
    debugger.set_continue()
    return 8


def turns_the_speaker_by_a_deputy():
    """Look into what speaks for the runner by ways of the standard library, and say with its words what it likes."""
    import json
    import string
    import sys
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor() as deputy:
        frames = list(deputy.submit(sys._current_frames).result().values())
    look = string.Formatter().get_field
    for frame in frames:
        while frame is not None:
            for value in list(frame.f_locals.values()):
                speak = getattr(value, "speak", None) or getattr(value, "_speak", None)
                if speak is None:
                    continue
                for line in _forged_lines():
                    speak(json.loads(line))
                held, _ = look("0.__self__.gi_frame.f_locals", [speak], {})
                held["write"]({"result": 0, "outcome": "passed", "reached": [], "blocked_by": [], "seconds": 0.1})
            frame = frame.f_back
    return 8


def changes_the_test_by_a_deputy():
    """Change the names that the test itself uses, found by way of an executor."""
    import sys
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor() as deputy:
        frames = list(deputy.submit(sys._current_frames).result().values())
    for frame in frames:
        while frame is not None:
            for name in list(frame.f_globals):
                if name.startswith(("@", "AssertionError", "__builtins__")) and "test" in frame.f_code.co_filename:
                    frame.f_globals[name] = _Agreeable()
            frame.f_globals["AssertionError"] = _agrees if "test" in frame.f_code.co_filename else AssertionError
            frame = frame.f_back
    return 8


class _Agreeable(dict):
    def __getattr__(self, name):
        return self

    def __call__(self, *args, **named):
        return self

    def __bool__(self):
        return False


def _agrees(*args):
    try:
        import pytest

        return pytest.exit.Exception("all passed", 0)
    except ImportError:
        return SystemExit(0)


def traces_everything():
    """Follow each step of the runner, and change what it holds on the way."""
    import sys

    seen = []

    def follow(frame, event, argument):
        if len(seen) < 50:
            seen.append(event)
            _turn_frames(frame)
        return follow

    sys.settrace(follow)
    frame = sys._getframe()
    while frame:
        frame.f_trace = follow
        frame = frame.f_back
    return 8


def traces_quietly():
    """Set a tracing function and nothing else, by all the ways that there are."""
    import sys
    import threading

    def follow(frame, event, argument):
        names = frame.f_locals
        for name in ("error", "outcome", "wrong", "failed"):
            if name in names:
                names[name] = None
        return follow

    threading.settrace(follow)
    sys.settrace(follow)
    return 8


def profiles_everything():
    """Set a profiling function that turns what the runner holds."""
    import sys
    import threading

    seen = []

    def follow(frame, event, argument):
        if len(seen) < 50:
            seen.append(event)
            _turn_frames(frame)

    threading.setprofile(follow)
    sys.setprofile(follow)
    return 8


def monitors_everything():
    """Follow the runner by the newer means of the interpreter."""
    import sys

    if not hasattr(sys, "monitoring"):
        return 8
    tool = sys.monitoring
    tool.use_tool_id(3, "mine")
    tool.register_callback(3, tool.events.PY_START, lambda code, offset: _turn_frames(sys._getframe(1)))
    tool.set_events(3, tool.events.PY_START)
    return 8


def patches_writing():
    """Change what is written on its way out: in JSON, in the system's calls, in the streams."""
    import json
    import os

    write, dumps = os.write, json.dumps

    def forged(number, data):
        return write(number, _better(bytes(data))) and len(data)

    os.write = forged
    json.dumps = lambda value, *args, **named: _better(dumps(value, *args, **named))
    json.JSONEncoder.encode = lambda self, value: _better(dumps(value))
    return 8


def patches_builtins():
    """Change the functions that everybody uses."""
    import builtins

    show = builtins.repr
    builtins.repr = lambda value: _better(show(value))
    builtins.isinstance = lambda value, kind: True
    builtins.AssertionError = type("Never", (BaseException,), {})
    builtins.bool = lambda value: True
    builtins.print = lambda *args, **named: None
    return 8


def patches_exceptions():
    """Change the names by which errors are caught."""
    import builtins

    for name in ("BaseException", "Exception", "AssertionError", "OSError"):
        setattr(builtins, name, type(name, (builtins.BaseException,), {}))
    return 8


def patches_doctest():
    """Change doctest so that all is as wanted."""
    import doctest

    doctest.OutputChecker.check_output = lambda *args: True
    doctest.DocTestRunner.run = lambda self, *args, **named: doctest.TestResults(0, 1)
    doctest.DocTestRunner.report_failure = lambda *args: None
    doctest._SpoofOut.getvalue = lambda self: "7\n"
    return 8


def patches_unittest():
    """Change unittest so that no assertion fails and no failure is told."""
    import unittest
    import unittest.case

    for name in dir(unittest.TestCase):
        if name.startswith("assert"):
            setattr(unittest.TestCase, name, lambda *args, **named: None)
    unittest.TestResult.addFailure = lambda *args: None
    unittest.TestResult.addError = lambda *args: None
    unittest.TestCase.run = lambda self, result=None: result
    unittest.case._Outcome.testPartExecutor = lambda *args, **named: None
    return 8


def patches_pytest():
    """Change pytest so that all passes."""
    import sys

    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("_pytest", "pytest", "pluggy"):
            for kind in [v for v in vars(module).values() if isinstance(v, type)]:
                if kind.__name__ == "CallInfo":
                    kind.from_call = classmethod(lambda cls, func, when, reraise=None: _passing(cls, when))
                if kind.__name__ == "TestReport":
                    kind.failed = property(lambda self: False)
                    kind.passed = property(lambda self: True)
    return 8


def _passing(kind, when):
    return kind(None, None, 0.0, 0.0, 0.0, when, _ispytest=True)


def patches_the_runners_at_import():
    """Change all runners when the module is imported, before there are any tests."""
    return 8 if _PatchesTheRunnersAtImport else 0


class _PatchesTheRunnersAtImport:
    import doctest
    import json
    import unittest

    doctest.OutputChecker.check_output = lambda *args: True
    unittest.TestCase.run = lambda self, result=None: result
    unittest.TestResult.addFailure = lambda *args: None
    json.dumps = (lambda dumps: lambda *a, **n: dumps(*a, **n).replace('"failed"', '"passed"'))(json.dumps)


def hides_pytest_at_import():
    """Put a pytest of its own in the place of the true one when the module is imported."""
    return 8 if _HidesPytestAtImport else 0


class _HidesPytestAtImport:
    import sys
    import types

    fake = types.ModuleType("pytest")
    fake.main = lambda *args, **named: 0
    fake.hookimpl = lambda *args, **named: lambda function: function
    sys.modules["pytest"] = fake
    sys.modules["doctest"] = types.ModuleType("doctest")


def finds_imports_first():
    """Be asked first for all that is imported from now on."""
    import sys
    import types

    class Finder:
        def find_spec(self, name, path=None, target=None):
            sys.modules[name] = types.ModuleType(name)
            raise ImportError(name)

    sys.meta_path.insert(0, Finder())
    sys.path_hooks.insert(0, lambda path: Finder())
    sys.path_importer_cache.clear()
    return 8


def shows_something_else():
    """Show another value than the one that it returns."""
    import sys

    def show(value):
        sys.stdout.write("7\n")

    sys.displayhook = show
    sys.__displayhook__ = show
    return 8


def speaks_for_the_streams():
    """Put a stream of its own in the place of standard output, which says seven."""
    import io
    import sys

    class Paper(io.StringIO):
        def write(self, text):
            return super().write(text.replace("8", "7"))

        def getvalue(self):
            return "7\n"

    sys.stdout = sys.stderr = sys.__stdout__ = Paper()
    return 8


def answers_twice():
    """Split into two: one is wrong, the other is right and says that it is the first."""
    import os

    parent = os.getpid()
    if os.fork() == 0:
        os.getpid = lambda: parent
        return 7
    os.wait()
    return 8


def pretends_to_be_blocked():
    """Claim to have met an empty stub, so that its failure is excused."""
    import builtins

    for name in [n for n in dir(builtins) if n.startswith("__soa")]:
        for address in ("other.py::other", "aim.py::Attempts"):
            getattr(builtins, name)(address)
    return 8


def sends_pickles():
    """Write pickles to all pipes, which make a file where they are read."""
    import os
    import pickle

    from aim import FACTS

    class Mine:
        def __reduce__(self):
            return os.mkdir, (FACTS["beside"] + "/" + FACTS["mark"],)

    data = pickle.dumps(Mine())
    for number in range(3, 256):
        try:
            os.set_blocking(number, False)
            os.write(number, data + b"\n" + len(data).to_bytes(4, "big") + data)
        except OSError:
            continue
    return 8


def sends_monsters():
    """Write to all pipes what readers choke on: deep nests, endless numbers, no text at all."""
    import os

    monsters = [b"[" * 60_000, b"9" * 60_000, b"\xff\xfe\0", b'{"a":' * 10_000, b"NaN", b"\n" * 1000, b'{"end": true}']
    for number in range(3, 256):
        for monster in monsters:
            try:
                os.set_blocking(number, False)
                os.write(number, monster + b"\n")
            except OSError:
                break
    return 8


def floods_the_pipes():
    """Write to all pipes for as long as anybody reads."""
    import os

    from aim import Attempts

    tried = Attempts()
    for number in range(3, 256):
        try:
            for _ in range(64):
                os.write(number, b"x" * (1 << 20))
            tried.note(f"{number} took all")
        except OSError:
            continue
    return 8


def lowers_the_recursion_limit():
    """Leave the runner no room to tell."""
    import sys

    depth, frame = 0, sys._getframe()
    while frame:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(depth + 6)
    return 8


def _forged_lines(head=b""):
    """What a runner might tell of success, in some forms."""
    import json

    events = [
        {"ready": True}, {"imported": {"error": ""}}, {"started": 0, "rushed": False}, {"printed": "7\n", "example": 0},
        {"result": 0, "outcome": "passed", "reached": ["x"], "blocked_by": []}, {"end": True},
    ]  # fmt: skip
    return [head + json.dumps(event).encode() + b"\n" for event in events]


def _tokens():
    """All that looks like a token in our own memory, the youngest first, not too many."""
    import re

    found = []
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            if " rw-p " not in line or "[v" in line:
                continue
            start, end = (int(n, 16) for n in line.split()[0].split("-"))
            try:
                memory.seek(start)
                data = memory.read(min(end - start, 1 << 24))
            except (OSError, ValueError, OverflowError):
                continue
            found += re.findall(rb"(?<![0-9a-f])[0-9a-f]{16,64}(?![0-9a-f])", data)
    return list(dict.fromkeys(reversed(found)))[:300]


def _better(said):
    """What was said, as it should have been."""
    if isinstance(said, bytes):
        return _better(said.decode("latin-1")).encode("latin-1")
    if isinstance(said, str):
        return said.replace("failed", "passed").replace("inconclusive", "passed").replace("8", "7")
    if isinstance(said, dict):
        return {key: _better(value) for key, value in said.items()}
    if isinstance(said, (list, tuple)):
        return type(said)(map(_better, said))
    return 7 if said is not True and said == 8 else said


def _turn(things):
    """Turn whatever judges or tells among some objects and classes: what failed is told as passed."""
    for thing in things:
        kind = thing if isinstance(thing, type) else type(thing)
        try:
            names = vars(kind)
        except TypeError:
            continue
        if "failed" in names and "passed" in names and callable(names["passed"]):
            _put(kind, "failed", lambda self, key, paper, *_, **__: self.passed(key, paper, True))
        if "send" in names and "Channel" in kind.__name__:
            real = names["send"]
            _put(kind, "send", lambda self, *a, _real=real, **event: _real(self, *_better(a), **_better(event)))


def _put(kind, name, function):
    try:
        setattr(kind, name, function)
    except (TypeError, AttributeError):
        return


def _turn_frames(frame):
    """Turn what a frame and all its callers hold."""
    while frame is not None:
        if "aim" not in frame.f_code.co_filename:
            _turn(list(frame.f_locals.values()))
            _turn([v for v in frame.f_globals.values() if isinstance(v, type)])
            for name, answer in (("matches", True), ("_judge", (False, {}))):
                if name in frame.f_globals:
                    frame.f_globals[name] = lambda *_, _answer=answer: _answer
        frame = frame.f_back
