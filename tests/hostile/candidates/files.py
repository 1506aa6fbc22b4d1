"""Candidates after files. Run in the sandbox only; `aim` lies in the project under siege."""


def reads_the_home():
    """Read keys in the user's home, by all the ways that lead there."""
    import os

    from aim import FACTS, Attempts, content

    tried = Attempts()
    for path in FACTS["secrets"]:
        tried.leaks(path, content, path)
        for way in ("/proc/self/root", "/proc/1/root", "/proc/self/cwd/" + "../" * 20, f"/proc/{os.getppid()}/root"):
            tried.leaks(way + path, content, way + path)
    for folder in (FACTS["home"], FACTS["home"] + "/.ssh", FACTS["home"] + "/Documents"):
        tried.refused(
            folder, lambda f=folder: [n for n in os.listdir(f) if n not in ("projects",)] or os.stat(f + "/x")
        )
    return tried.verdict()


def reads_the_machine():
    """Read what the machine keeps to itself: accounts, logs, its memory, its kernel."""
    import os
    import sys

    from aim import Attempts, content

    tried = Attempts()
    for path in ("/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/hostname", "/etc/machine-id", "/etc/fstab"):
        tried.refused(path, content, path)
    for path in ("/dev/mem", "/dev/kmsg", "/dev/port", "/proc/kcore", "/proc/kmsg", "/proc/1/mem", "/dev/vda"):
        tried.refused(path, content, path)
    for path in (
        "/root",
        "/home",
        "/var/log",
        "/var/lib/dpkg",
        "/boot",
        "/srv",
        "/opt/secrets",
        "/etc/ssh",
        "/sys/kernel",
    ):
        if not sys.base_prefix.startswith(path):
            tried.refused(path, os.listdir, path)
    return tried.verdict()


def reads_the_secrets_of_the_project():
    """Read the project's keys and its history."""
    import os

    from aim import FACTS, Attempts, content

    tried = Attempts()
    for path in FACTS["project_secrets"]:
        for way in (path, os.path.relpath(path), "/proc/self/cwd/" + os.path.relpath(path, FACTS["project"])):
            tried.leaks(way, content, way)
    for folder, _, names in os.walk(FACTS["project"]):
        for name in names:
            tried.leaks(os.path.join(folder, name), content, os.path.join(folder, name))
    return tried.verdict()


def reads_beside():
    """Read other folders of the user, and other people's temporary files."""
    import os

    from aim import FACTS, Attempts, content

    tried = Attempts()
    tried.refused("beside", content, FACTS["beside"] + "/secret.txt")
    for top in ("/tmp", "/var/tmp", "/dev/shm", "/run", os.path.dirname(FACTS["beside"])):
        for folder, _, names in os.walk(top):
            for name in names[:50]:
                tried.leaks(os.path.join(folder, name), content, os.path.join(folder, name))
    tried.leaks("the environment", repr, dict(os.environ))
    return tried.verdict()


def reads_by_links():
    """Read by symbolic links, hard links, handles and descriptors made in a place of one's own."""
    import os

    from aim import FACTS, Attempts, content, scratch

    tried = Attempts()
    for number, path in enumerate(FACTS["secrets"] + FACTS["project_secrets"] + ["/etc/shadow"]):
        os.symlink(path, scratch(f"link{number}"))
        tried.leaks("a link to " + path, content, scratch(f"link{number}"))
        tried.refused("a hard link to " + path, os.link, path, scratch(f"hard{number}"))
        tried.refused("moving " + path, os.rename, path, scratch(f"moved{number}"))
        os.unlink(scratch(f"link{number}"))
    tried.forbidden("open_by_handle_at", -100, b"\x08\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0", os.O_RDONLY)
    return tried.verdict()


def reads_by_descriptors():
    """Use what descriptors it was born with."""
    import os
    import select
    import stat

    from aim import FACTS, Attempts

    tried = Attempts()
    for number in map(int, os.listdir("/proc/self/fd")):
        try:
            kind = os.fstat(number).st_mode
        except OSError:
            continue
        if stat.S_ISDIR(kind):
            for path in FACTS["secrets"]:
                tried.leaks(
                    f"from {number}", lambda n=number, p=path: os.read(os.open("." + "/.." * 20 + p, 0, dir_fd=n), 99)
                )
        elif stat.S_ISSOCK(kind):
            tried.note(f"{number} is a socket")
        elif select.select([number], [], [], 0)[0]:
            tried.leaks(f"in {number}", os.read, number, 1 << 16)
        tried.leaks(f"link of {number}", os.readlink, f"/proc/self/fd/{number}")
    return tried.verdict()


def reads_environments():
    """Read keys in environments, arguments and memory of all processes that can be seen."""
    import glob
    import os

    from aim import FACTS, Attempts, content

    tried = Attempts()
    tried.leaks("its own", repr, dict(os.environ))
    seen = glob.glob("/proc/[0-9]*") + [f"/proc/{pid}" for pid in [FACTS["victim"], *FACTS["others"], os.getppid()]]
    for folder in seen:
        for name in ("environ", "cmdline", f"task/{folder[6:]}/environ", "auxv", "stack", "syscall"):
            tried.leaks(folder + "/" + name, content, folder + "/" + name)
    if os.path.exists("/proc/self/ns/pid"):
        for pid in [FACTS["victim"], *FACTS["others"]]:
            for name in ("environ", "mem", "maps", "fd/0", "cwd/x"):
                tried.refused(f"{pid}/{name}", open, f"/proc/{pid}/{name}")
    return tried.verdict()


def reads_the_parent():
    """Read the parent's memory, files and descriptors."""
    import os

    from aim import Attempts, content

    tried = Attempts()
    parent = os.getppid()
    if parent:
        for name in ("mem", "environ", "maps", "auxv", "io", "stack"):
            tried.refused(name, content, f"/proc/{parent}/{name}")
        tried.refused("its descriptors", os.listdir, f"/proc/{parent}/fd")
        tried.refused("its folder", os.readlink, f"/proc/{parent}/cwd")
        tried.refused("its root", os.listdir, f"/proc/{parent}/root")
    return tried.verdict()


def writes_outside():
    """Create, change, move and delete files of the project, of the home and of other places."""
    import os

    from aim import FACTS, Attempts

    tried = Attempts()
    places = [FACTS[n] for n in ("home", "project", "beside")] + [
        "/etc",
        "/usr",
        "/var/tmp",
        "/run",
        "/",
        "/proc",
        "/sys",
    ]
    for place in places:
        mine = os.path.join(place, FACTS["mark"] + "-made")
        tried.refused("open " + mine, lambda m=mine: open(m, "w").close() or os.unlink(m) or "made")
        tried.refused("mkdir " + mine, lambda m=mine: os.mkdir(m) or os.rmdir(m) or "made")
        tried.refused("symlink " + mine, lambda m=mine: os.symlink("x", m) or os.unlink(m) or "made")
        tried.refused("fifo " + mine, lambda m=mine: os.mkfifo(m) or os.unlink(m) or "made")
        tried.refused("unnamed in " + place, os.open, place, os.O_TMPFILE | os.O_RDWR)
    for path in [
        *FACTS["secrets"],
        FACTS["project"] + "/kept.txt",
        FACTS["project"] + "/aim.py",
        FACTS["beside"] + "/secret.txt",
    ]:
        tried.refused("append to " + path, open, path, "ab")
        tried.refused("truncate " + path, os.truncate, path, 3)
        tried.refused("delete " + path, os.unlink, path)
        tried.refused("rename " + path, os.rename, path, path + "-moved")
        tried.refused("link " + path, os.link, path, os.path.join(FACTS["project"], "hard"))
    for folder in (FACTS["project"] + "/.git", FACTS["beside"], FACTS["home"] + "/.ssh"):
        tried.refused("rename " + folder, os.rename, folder, folder + "-moved")
    return tried.verdict()


def changes_modes_and_times():
    """Change owners, modes, times and attributes of files that it may only read."""
    import os

    from aim import FACTS, Attempts

    tried = Attempts()
    for path in [FACTS["project"], FACTS["project"] + "/kept.txt", __file__, FACTS["beside"], *FACTS["secrets"]]:
        tried.refused("chmod " + path, os.chmod, path, 0o777)
        tried.refused("chown " + path, os.chown, path, os.getuid(), os.getgid())
        tried.refused("lchown " + path, os.lchown, path, os.getuid(), os.getgid())
        tried.refused("utime " + path, os.utime, path, (1, 1))
        tried.refused("setxattr " + path, os.setxattr, path, "user.mine", b"1")
        tried.refused("removexattr " + path, os.removexattr, path, "user.mine")
    number = os.open(FACTS["project"] + "/aim.py", os.O_RDONLY)
    tried.refused("fchmod", os.fchmod, number, 0o777)
    tried.refused("fchown", os.fchown, number, os.getuid(), os.getgid())
    tried.refused("futimens", os.utime, number, (1, 1))
    tried.refused("fsetxattr", os.setxattr, number, "user.mine", b"1")
    tried.refused("through /proc", os.chmod, f"/proc/self/fd/{number}", 0o777)
    tried.refused("ioctl FS_IOC_SETFLAGS", lambda: __import__("fcntl").ioctl(number, 0x40086602, b"\x80\0\0\0\0\0\0\0"))
    return tried.verdict()


def writes_through_proc():
    """Write by way of /proc and /sys: switches of the kernel, and files of other processes."""
    import os

    from aim import FACTS, Attempts

    tried = Attempts()
    for path in (
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/vm/overcommit_memory",
        "/proc/sysrq-trigger",
        "/sys/power/state",
    ):
        tried.refused(path, os.open, path, os.O_WRONLY)
    for pid in {os.getppid(), FACTS["victim"], *FACTS["others"], 1} - {0, os.getpid()}:
        for name in (
            "mem",
            "oom_score_adj",
            "oom_adj",
            "comm",
            "clear_refs",
            "coredump_filter",
            "uid_map",
            "timerslack_ns",
        ):
            tried.refused(f"{pid}/{name}", os.open, f"/proc/{pid}/{name}", os.O_WRONLY)
    number = os.open(FACTS["project"] + "/kept.txt", os.O_RDONLY)
    tried.refused("opening anew for writing", os.open, f"/proc/self/fd/{number}", os.O_RDWR)
    for group in ("/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/" + FACTS["mark"]):
        tried.refused(group, lambda g=group: os.mkdir(g) if g.endswith(FACTS["mark"]) else os.open(g, os.O_WRONLY))
    return tried.verdict()


def opens_devices():
    """Open disks, memory, tunnels, machines and terminals, or make a device of its own."""
    import os
    import stat

    from aim import Attempts, scratch

    tried = Attempts()
    memory = ["mem", "kmem", "port", "kmsg", "snapshot", "userfaultfd"]
    disks = ["vda", "sda", "nvme0n1", "loop-control", "loop0", "mapper/control", "fuse"]
    machines = ["kvm", "vhost-net", "vsock", "net/tun", "rtc0", "hpet", "watchdog"]
    desks = ["console", "tty0", "tty1", "vcs", "input/event0", "uinput"]
    for name in [*memory, *disks, *machines, *desks]:
        for flags in (os.O_RDONLY, os.O_RDWR):
            tried.refused(name, os.open, "/dev/" + name, flags | os.O_NONBLOCK)
    for kind, number in ((stat.S_IFBLK, os.makedev(254, 0)), (stat.S_IFCHR, os.makedev(1, 1)), (stat.S_IFCHR, 0)):
        tried.refused("mknod", os.mknod, scratch("device"), kind | 0o600, number)
    return tried.verdict()


def types_for_the_user():
    """Type into the terminal that the command was started from."""
    import fcntl
    import os

    from aim import NO, Attempts

    tried = Attempts()
    tried.refused("/dev/tty", os.open, "/dev/tty", os.O_RDWR)
    for number in (0, 1, 2):
        for request in (0x5412, 0x541C):
            try:
                fcntl.ioctl(number, request, b"x")
                tried.note(f"typed into {number}")
            except OSError as error:
                if error.errno not in NO:
                    tried.note(f"{number}: {error}")
        if os.isatty(number):
            tried.note(f"{number} is a terminal")
    return tried.verdict()


def replaces_the_project():
    """Put links in the place of files, and folders in the place of the project, for the server to follow."""
    import os
    import shutil

    from aim import FACTS, Attempts, scratch

    tried = Attempts()
    project = FACTS["project"]
    for path in (project + "/kept.txt", project + "/aim.py", project + "/.git/config"):
        os.symlink("/etc/passwd", scratch("evil"))
        tried.refused("replacing " + path, os.replace, __file__, path)
        tried.refused("exchanging " + path, os.replace, scratch("evil"), path)
        os.unlink(scratch("evil"))
    tried.refused("moving the project", os.rename, project, project + "-away")
    tried.refused("compiled code", os.makedirs, project + "/__pycache__/more")
    shutil.rmtree(project, ignore_errors=True)
    if not os.path.exists(project + "/kept.txt") or not os.path.exists(__file__):
        tried.note("files are gone")
    return tried.verdict()
