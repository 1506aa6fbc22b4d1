"""What comes after the hostile ones: nothing of them may be left, and all that is ordinary must work."""


def finds_nothing():
    """Look for what others might have left, and use what everybody uses."""
    import glob
    import json
    import os
    import resource
    import signal
    import subprocess
    import sys
    import tempfile
    import threading

    from aim import FACTS, Attempts

    tried = Attempts()
    for folder in {tempfile.gettempdir(), os.path.expanduser("~"), "/tmp", "/dev/shm", os.getcwd()}:
        for found in glob.glob(folder + "/*" + FACTS["mark"] + "*") + glob.glob(folder + "/.*" + FACTS["mark"] + "*"):
            tried.note("left behind: " + found)
    for path in glob.glob("/proc/[0-9]*/comm"):
        try:
            if FACTS["mark"][:15] in open(path).read():
                tried.note("left behind: " + path)
        except OSError:
            continue
    if len([1, 2]) != 2 or json.loads(json.dumps({"a": [8]})) != {"a": [8]} or repr(8) != "8":
        tried.note("others have changed what is built in")
    if FACTS["mark"] in repr(dict(os.environ)) + repr(sys.path) + repr(sorted(sys.modules)):
        tried.note("others have changed the environment or the modules")
    if os.getcwd() != FACTS["project"] or sys.gettrace() or sys.getprofile() or sys.getrecursionlimit() < 900:
        tried.note("others have changed the process")
    if signal.pthread_sigmask(signal.SIG_BLOCK, []) or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        tried.note("others have changed the signals")
    if os.getpriority(os.PRIO_PROCESS, 0) > 0 or resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 64:
        tried.note("others have changed the limits")
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes(32 << 20))
    thread = threading.Thread(target=sys.getsizeof, args=(tried,))
    _patiently(thread.start)
    thread.join()
    if _patiently(lambda: subprocess.run(["echo", "hello"], stdout=subprocess.PIPE, check=True)).stdout != b"hello\n":
        tried.note("programs do not run")
    for child in [_patiently(os.fork) or os._exit(0) for _ in range(8)]:
        os.waitpid(child, 0)
    kept = bytearray(64 << 20)
    return tried.verdict() if kept else ""


def _patiently(function):
    """Do it as soon as there is room: another run of the same user may hold all places for a moment."""
    while True:
        try:
            return function()
        except (BlockingIOError, RuntimeError):
            continue
