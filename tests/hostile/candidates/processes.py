"""Candidates after other processes. Run in the sandbox only.

Real signals go to the victim of the test and to the parent in the sandbox; at others we only knock, with signal 0.
"""


def kills_the_victim():
    """Kill a process outside by all calls that there are."""
    import os
    import signal

    from aim import FACTS, Attempts, call, same

    tried = Attempts()
    victim = FACTS["victim"]
    if not same("pid") and os.path.exists(f"/proc/{victim}"):
        return tried.verdict()
    for sign in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
        tried.refused("kill", os.kill, victim, sign)
        tried.refused("killpg", os.killpg, victim, sign)
        tried.refused("tgkill", call, "tgkill", victim, victim, sign)
        tried.refused("tkill", call, "tkill", victim, sign)
        tried.refused("sigqueue", call, "rt_sigqueueinfo", victim, sign, b"\0" * 128)
    if hasattr(os, "pidfd_open"):
        tried.refused("pidfd", lambda: signal.pidfd_send_signal(os.pidfd_open(victim), signal.SIGKILL))
    return tried.verdict()


def kills_the_parent():
    """Kill the process that started it, its group and its session."""
    import os
    import signal

    from aim import Attempts, same

    tried = Attempts()
    parent = os.getppid()
    if parent > 1 or (parent == 1 and not same("pid")):
        tried.refused("knocking", os.kill, parent, 0)
        for sign in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
            tried.refused("kill", os.kill, parent, sign)
    return tried.verdict()


def knocks_at_everyone():
    """See whether there is anybody whom it could kill."""
    import glob
    import os

    from aim import FACTS, Attempts

    tried = Attempts()
    seen = {int(path[6:]) for path in glob.glob("/proc/[0-9]*")} | {FACTS["victim"], *FACTS["others"], 1, os.getppid()}
    for pid in sorted(seen - {os.getpid(), 0}):
        tried.refused(f"kill {pid}", os.kill, pid, 0)
        if pid not in (1, os.getpgid(0)):
            tried.refused(f"killpg {pid}", os.killpg, pid, 0)
    return tried.verdict()


def signals_by_descriptors():
    """Have the kernel send the signal, when something can be read."""
    import fcntl
    import os
    import signal

    from aim import FACTS, Attempts, same

    tried = Attempts()
    if not same("pid"):
        return tried.verdict()
    reader, writer = os.pipe()
    try:
        fcntl.fcntl(reader, fcntl.F_SETOWN, FACTS["victim"])
        fcntl.fcntl(reader, 10, signal.SIGKILL)
        fcntl.fcntl(reader, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
        os.write(writer, b"x")
    except OSError:
        pass
    return tried.verdict()


def traces():
    """Trace the victim, the parent and the first process; read and write their memory; take their descriptors."""
    import os

    from aim import FACTS, Attempts

    tried, room = Attempts(), bytes(64)
    for pid in {FACTS["victim"], os.getppid(), *FACTS["others"]} - {0, 1}:
        for request in (16, 0x4206):
            tried.forbidden("ptrace", request, pid, 0, 0)
        tried.forbidden("process_vm_readv", pid, room, 1, room, 1, 0)
        tried.forbidden("process_vm_writev", pid, room, 1, room, 1, 0)
        tried.forbidden("kcmp", pid, os.getpid(), 0, 0, 0)
    tried.forbidden("process_madvise", -1, 0, 0, 0, 0)
    tried.forbidden("pidfd_getfd", -1, 0, 0)
    tried.forbidden("ptrace", 0, 0, 0, 0)
    return tried.verdict()


def slows_others():
    """Change limits, priority, processors and scheduling of other processes."""
    import os
    import resource

    from aim import FACTS, Attempts, call

    tried = Attempts()
    for pid in {FACTS["victim"], os.getppid()} - {0, os.getpid()}:
        if not os.path.exists(f"/proc/{pid}"):
            continue
        tried.refused("priority", os.setpriority, os.PRIO_PROCESS, pid, 19)
        tried.refused("group's priority", os.setpriority, os.PRIO_PGRP, pid, 19)
        tried.refused("limits", resource.prlimit, pid, resource.RLIMIT_NOFILE, (3, 3))
        tried.refused("affinity", os.sched_setaffinity, pid, {0})
        tried.refused("scheduler", os.sched_setscheduler, pid, os.SCHED_IDLE, os.sched_param(0))
        tried.refused("input and output", call, "ioprio_set", 1, pid, 3 << 13)
        tried.refused("memory", call, "migrate_pages", pid, 0, 0, 0)
        tried.refused("pages", call, "move_pages", pid, 1, b"\0" * 8, b"\0" * 4, b"\0" * 4, 2)
        tried.refused("group", os.setpgid, pid, os.getpgid(0))
    return tried.verdict()


def slows_the_user():
    """Lower the priority of all that the user runs, at once; the victim tells whether that was more than itself."""
    import os

    from aim import call

    for user in (os.getuid(), 0):
        try:
            call("ioprio_set", 3, user, 3 << 13)
            os.setpriority(os.PRIO_USER, user, 19)
        except OSError:
            continue
    return "held"


def gains_rights():
    """Become somebody else, raise limits, or run a program that others are rights of."""
    import os
    import resource
    import shutil
    import subprocess

    from aim import Attempts

    tried = Attempts()
    if os.getuid() == 0:
        tried.note("it is root")
    for change in (os.setuid, os.setgid, os.seteuid, os.setegid):
        tried.refused(change.__name__, change, 0)
    tried.refused("groups", os.setgroups, [0])
    tried.refused("nice", os.nice, -5)
    tried.refused("real time", os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))
    for kind in (
        resource.RLIMIT_NPROC,
        resource.RLIMIT_FSIZE,
        resource.RLIMIT_AS,
        resource.RLIMIT_NOFILE,
        resource.RLIMIT_CPU,
    ):
        most = resource.getrlimit(kind)[1]
        if most == resource.RLIM_INFINITY:
            tried.note(f"limit {kind} is infinite")
        try:
            resource.setrlimit(kind, (most, most + 1))
            tried.note(f"limit {kind} raised")
        except (OSError, ValueError):
            continue
    harmless = 1 << 2  # to read what its owner alone may: what can be read is held by other means
    status = dict(line.rstrip("\n").partition(":\t")[::2] for line in open("/proc/self/status"))
    if any(int(status[name], 16) & ~harmless for name in ("CapEff", "CapPrm", "CapAmb")) or status["NoNewPrivs"] != "1":
        tried.note({k: v for k, v in status.items() if k.startswith(("Cap", "NoNew"))})
    if shutil.which("su"):
        done = subprocess.run(["su", "-c", "id -u"], capture_output=True, stdin=subprocess.DEVNULL, check=False)
        if done.stdout.strip() == b"0":
            tried.note("su")
    return tried.verdict()


def leaves_someone_behind():
    """Leave grandchildren that have no parent, no terminal, no signals and nothing open."""
    import os
    import signal
    import time

    from aim import library, take_the_mark

    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                take_the_mark()
                library("prctl", 1, 0, 0, 0, 0)
                for sign in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
                    signal.signal(sign, signal.SIG_IGN)
                os.closerange(0, 256)
                while True:
                    time.sleep(1000)
            os._exit(0)
        os.wait()
    return "held"


def leaves_a_busy_one_behind():
    """Leave children that fork anew all the time, each shortly before it ends."""
    import os

    from aim import take_the_mark

    if os.fork() == 0:
        os.setsid()
        take_the_mark()
        for _ in range(200000):
            try:
                if os.fork():
                    os._exit(0)
            except OSError:
                continue
        os._exit(0)
    return "held"


def leaves_threads_behind():
    """Leave threads that never end, and a function for the end that never returns."""
    import atexit
    import threading
    import time

    def forever():
        while True:
            time.sleep(1000)

    for _ in range(5):
        threading.Thread(target=forever).start()
    atexit.register(forever)
    return "held"


def leaves_stopped_ones_behind():
    """Leave a child that has stopped itself."""
    import os
    import signal

    from aim import take_the_mark

    child = os.fork()
    if child == 0:
        take_the_mark()
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
    os.waitpid(child, os.WUNTRACED)
    return "held"


def runs_programs():
    """Have other programs do it: shells, nested sandboxes, schedulers of jobs."""
    import shutil
    import subprocess

    from aim import FACTS, Attempts

    tried = Attempts()
    secret = FACTS["secrets"][0]
    victim, port = str(FACTS["victim"]), FACTS["tcp"]
    commands = (
        ["sh", "-c", "cat " + secret],
        ["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}"],
        ["bwrap", "--bind", "/", "/", "cat", secret],
        ["unshare", "-rm", "true"],
        ["unshare", "-n", "true"],
        ["nsenter", "-t", victim, "-a", "true"],
        ["sudo", "-n", "true"],
        ["setpriv", "--reuid=0", "true"],
        ["chroot", "/", "true"],
        ["crontab", "-l"],
        ["systemd-run", "--user", "true"],
        ["strace", "-p", victim, "-o", "/dev/null", "true"],
        ["kill", victim],
        ["prlimit", "--pid", victim, "--nofile=3"],
        ["renice", "19", victim],
        ["dmesg"],
    )
    for command in commands:
        if not shutil.which(command[0]):
            continue
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=10, check=False)
        if done.returncode == 0:
            tried.note("{}: {!r}".format(" ".join(command), done.stdout[:200]))
    return tried.verdict()
