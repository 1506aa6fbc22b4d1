"""Candidates that do not end, or end what they should not. Run in the sandbox only."""


def loops():
    """Loop for ever."""
    while True:
        pass


def loops_deaf():
    """Loop for ever, with all signals blocked and ignored, and catching whatever is raised."""
    import signal

    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    for sign in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(sign, signal.SIG_IGN)
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue


def computes_for_ever():
    """Compute 9**9**9, which no signal interrupts."""
    return 9**9**9


def matches_for_ever():
    """Match an expression that goes back and forth for ever."""
    import re

    return re.match(r"(a|a|b?)+$", "a" * 64 + "c")


def sleeps():
    """Sleep for ever, also after having been woken."""
    import time

    while True:
        try:
            time.sleep(1000)
        except BaseException:
            continue


def stops_itself():
    """Stop, so that it uses no time of the processor."""
    import os
    import signal

    os.kill(os.getpid(), signal.SIGSTOP)
    return "stopped"


def gives_up_its_parent():
    """Ask not to be ended with its parent, and hide in a session of its own."""
    import os
    import time

    from aim import library

    library("prctl", 1, 0, 0, 0, 0)
    try:
        os.setsid()
    except OSError:
        pass
    while True:
        try:
            time.sleep(1000)
        except BaseException:
            continue


def lets_a_child_hold_on():
    """End, and leave the result to a child that never tells it."""
    import os
    import time

    if os.fork():
        os._exit(0)
    while True:
        time.sleep(1000)


def exits():
    """Raise SystemExit."""
    raise SystemExit(0)


def exits_at_once():
    """End the process, as if all were well."""
    import os

    os._exit(0)


def aborts():
    """Abort."""
    import os

    os.abort()


def kills_itself():
    """Kill its own process, and all that it may."""
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)


def crashes():
    """Read where nothing is."""
    import ctypes

    ctypes.string_at(0)


def overflows():
    """Recurse until the stack is full."""
    import sys

    sys.setrecursionlimit(10**9)

    class Deep:
        def __getattr__(self, name):
            return getattr(self, name + "x")

    return repr(eval("[" * 50) if False else Deep().a)


def closes_everything():
    """Close all descriptors, that of the result among them."""
    import os

    os.closerange(0, 4096)
    return "closed"


def takes_its_own_limits_away():
    """Lower its own limits so far that nothing can be told any more."""
    import resource

    for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_AS, resource.RLIMIT_STACK):
        resource.setrlimit(kind, (0, 0))
    return "lowered"


def returns_too_much():
    """Return a text of a hundred megabytes."""
    return "x" * (100 << 20)


def returns_a_trap():
    """Return what never ends when it is shown."""

    class Trap:
        def __repr__(self):
            while True:
                pass

    return Trap()


def raises_a_trap():
    """Raise what never ends when it is shown, or when it is looked at."""

    class Trap(Exception):
        def __str__(self):
            while True:
                pass

        @property
        def __cause__(self):
            return self

        @property
        def args(self):
            return (self,)

    raise Trap


def raises_a_long_chain():
    """Raise an error with a long chain of others behind it, and a traceback of a hundred thousand steps."""
    error = None
    for number in range(20_000):
        made = ValueError("x" * 100 + str(number))
        made.__cause__ = error
        error = made
    raise error


def prints_a_gigabyte():
    """Print a gigabyte."""
    for _ in range(1024):
        print("x" * (1 << 20))
    print(end="")
    return "held"
