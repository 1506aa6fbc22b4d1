"""Candidates that spoil the place for whoever comes next. Run in the sandbox only."""


def changes_what_is_built_in():
    """Change functions and modules that everybody uses, in all places that a later run might share."""
    import builtins
    import gc
    import json
    import os
    import signal
    import sys
    import tempfile

    from aim import FACTS

    builtins.len = lambda value: 0
    json.dumps = json.loads = None
    sys.path.insert(0, "/" + FACTS["mark"])
    sys.modules[FACTS["mark"]] = sys
    os.environ[FACTS["mark"]] = "1"
    os.umask(0o777)
    os.chdir("/")
    tempfile.tempdir = "/nowhere"
    gc.disable()
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    sys.setrecursionlimit(60)
    return "poisoned"


def leaves_modules():
    """Leave modules and settings where a later Python might look for them."""
    import os
    import sys
    import tempfile

    from aim import FACTS

    version = "python{}.{}".format(*sys.version_info)
    bad = "raise SystemExit('{}')".format(FACTS["mark"])
    local = f".local/lib/{version}/site-packages"
    names = ["json.py", "aim.py", "encodings/__init__.py", "soa_harness/__init__.py", "harness.zip", "pytest.ini"]
    names += ["sitecustomize.py", "usercustomize.py", "conftest.py", ".pythonrc.py", f"{local}/usercustomize.py"]
    names += [f"{local}/{FACTS['mark']}.pth", FACTS["mark"] + ".py"]
    for folder in {tempfile.gettempdir(), os.path.expanduser("~"), "/tmp", "/dev/shm"}:
        for name in names:
            try:
                os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
                with open(os.path.join(folder, name), "w") as file:
                    file.write(bad)
            except OSError:
                continue
    return "poisoned"


def locks_the_folders():
    """Take all rights from the folders that it may write to, replace them, and put links in their place."""
    import os
    import tempfile

    from aim import FACTS

    for folder in (tempfile.gettempdir(), os.path.expanduser("~"), "/dev/shm"):
        for attempt in (
            lambda f=folder: os.makedirs(f"{f}/{FACTS['mark']}/{FACTS['mark']}"),
            lambda f=folder: os.symlink(FACTS["beside"], f"{f}/{FACTS['mark']}/{FACTS['mark']}/link"),
            lambda f=folder: os.chmod(f"{f}/{FACTS['mark']}/{FACTS['mark']}", 0),
            lambda f=folder: os.chmod(f"{f}/{FACTS['mark']}", 0),
            lambda f=folder: os.rename(f, f + FACTS["mark"]),
            lambda f=folder: os.symlink(FACTS["beside"], f),
            lambda f=folder: os.chmod(f, 0),
        ):
            try:
                attempt()
            except OSError:
                continue
    return "poisoned"


def fills_the_folders():
    """Leave nothing of the space there is."""
    import os
    import tempfile

    from aim import FACTS

    for folder in {tempfile.gettempdir(), "/dev/shm"}:
        try:
            for number in range(2 * FACTS["disk_mb"] // 8):
                with open(os.path.join(folder, f"{FACTS['mark']}{number}"), "wb") as file:
                    file.write(bytes(8 << 20))
        except OSError:
            continue
    return "poisoned"


def leaves_processes():
    """Leave as many processes as there may be, so that nobody else gets one."""
    import os
    import signal

    from aim import take_the_mark

    for _ in range(200):
        try:
            if os.fork() == 0:
                take_the_mark()
                os.setsid()
                while True:
                    signal.pause()
        except OSError:
            break
    return "poisoned"


def lies_in_wait():
    """Leave a child that stops and traces whatever is forked beside it from now on."""
    import os

    from aim import FACTS, call

    parent, spared = os.getppid(), os.getpid()
    if os.fork() == 0:
        os.setsid()
        for _ in range(100_000):
            for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
                try:
                    with open(f"/proc/{pid}/stat") as file:
                        above = int(file.read().rpartition(")")[2].split()[1])
                    if above == parent and pid not in (spared, os.getpid(), *FACTS["others"]):
                        call("ptrace", 0x4206, pid, 0, 0)
                        os.kill(pid, 9)
                except OSError:
                    continue
        os._exit(0)
    return "poisoned"


def speaks_to_the_parent():
    """Write to all descriptors what might be an order to whoever forks, and change what they share."""
    import fcntl
    import json
    import os

    orders = [json.dumps({"run": 1}).encode() + b"\n", b"\0" * 64, b"stop\n", b"[]", b"{}"]
    for number in range(3, 256):
        for order in orders:
            try:
                fcntl.fcntl(number, fcntl.F_SETFL, os.O_NONBLOCK | os.O_ASYNC | os.O_APPEND)
                os.write(number, order)
            except OSError:
                break
    return "poisoned"


def overwrites_what_it_inherits():
    """Overwrite and cut all files that it was born with open, also by opening them anew."""
    import mmap
    import os

    for number in range(3, 256):
        for way in (
            lambda n=number: os.pwrite(n, bytes(4096), 0),
            lambda n=number: mmap.mmap(n, 4096, mmap.MAP_SHARED, mmap.PROT_WRITE).write(bytes(4096)),
            lambda n=number: os.ftruncate(n, 10),
            lambda n=number: os.pwrite(os.open(f"/proc/self/fd/{n}", os.O_RDWR), bytes(4096), 0),
            lambda n=number: os.truncate(f"/proc/self/fd/{n}", 10),
            lambda n=number: open(f"/proc/self/fd/{n}", "wb").write(bytes(4096)),
        ):
            try:
                if os.fstat(number).st_size:
                    way()
            except (OSError, ValueError):
                continue
    return "poisoned"


def takes_what_is_for_others():
    """Leave a child that reads from all descriptors, so that others get nothing."""
    import os
    import select

    if os.fork() == 0:
        os.setsid()
        numbers = []
        for number in range(256):
            try:
                os.fstat(number)
                os.lseek(number, 0, os.SEEK_END)
            except OSError:
                pass
            numbers.append(number)
        poll = select.poll()
        for number in numbers:
            poll.register(number, select.POLLIN)
        while True:
            for number, _ in poll.poll():
                try:
                    os.read(number, 1 << 16)
                except OSError:
                    poll.unregister(number)
    return "poisoned"


def hurts_the_parent():
    """Kill, stop, trace, slow and limit the process that will fork the next run."""
    import os
    import resource
    import signal

    from aim import call, same

    parent = os.getppid()
    if parent > 1 or (parent == 1 and not same("pid")):
        for attempt in (
            lambda: os.setpriority(os.PRIO_PROCESS, parent, 19),
            lambda: os.sched_setscheduler(parent, os.SCHED_IDLE, os.sched_param(0)),
            lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE, (3, 3)),
            lambda: resource.prlimit(parent, resource.RLIMIT_NPROC, (0, 0)),
            lambda: call("ptrace", 0x4206, parent, 0, 0),
            lambda: os.open(f"/proc/{parent}/mem", os.O_RDWR),
            lambda: os.kill(parent, signal.SIGSTOP),
            lambda: os.kill(parent, signal.SIGKILL),
            lambda: os.killpg(os.getpgid(parent), signal.SIGKILL),
        ):
            try:
                attempt()
            except (OSError, ValueError):
                continue
    return "poisoned"


def writes_to_shared_memory():
    """Overwrite all memory that it shares with others."""
    import ctypes

    with open("/proc/self/maps") as maps:
        for line in maps:
            if " rw-s " in line:
                start, end = (int(n, 16) for n in line.split()[0].split("-"))
                ctypes.memset(start, 0xFF, end - start)
    return "poisoned"


def leaves_shared_things():
    """Leave shared memory, semaphores, queues, keys and sockets without a file, for the next one to find."""
    import os
    import socket

    from aim import FACTS, call, shared_things

    shared_things()
    try:
        call("add_key", b"user", FACTS["mark"].encode(), b"left", 4, -4)
    except OSError:
        pass
    if os.fork() == 0:
        os.setsid()
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("\0" + FACTS["mark"] + "-left")
            made.listen()
            made.accept()
    return "poisoned"


def holds_the_files():
    """Lock all files that others might want to lock."""
    import fcntl
    import os
    import sys

    from aim import FACTS

    kept = []
    for path in [
        sys.executable,
        *(os.path.join(FACTS["project"], n) for n in ("aim.py", "pyproject.toml", "poison.py")),
    ]:
        try:
            kept.append(open(path))
            fcntl.flock(kept[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
    if os.fork() == 0:
        os.setsid()
        while True:
            os.wait() if os.fork() else os._exit(0)
    return "poisoned"
