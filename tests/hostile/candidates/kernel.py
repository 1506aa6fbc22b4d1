"""Candidates after the kernel. Run in the sandbox only; each call would change nothing of the machine."""


def makes_namespaces():
    """Make namespaces of its own, or enter those of others."""
    import os

    from aim import Attempts, call

    tried = Attempts()
    flags = {"mount": 0x20000, "cgroup": 0x2000000, "uts": 0x4000000, "ipc": 0x8000000, "user": 0x10000000,
             "pid": 0x20000000, "net": 0x40000000, "time": 0x80}  # fmt: skip
    for name, flag in flags.items():
        tried.forbidden("unshare", flag)
        if name == "time":
            continue
        try:
            if call("clone", flag | 17, 0, 0, 0, 0) == 0:
                os._exit(0)
            tried.note("clone " + name)
        except OSError:
            pass
    tried.forbidden("clone3", 0, 0)
    for pid in ("1", str(os.getppid()), "self"):
        for name in ("net", "mnt", "user", "pid"):
            try:
                number = os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY)
            except OSError:
                continue
            tried.forbidden("setns", number, 0)
            os.close(number)
    return tried.verdict()


def mounts():
    """Mount, move, unmount, by the old calls and by the new ones, in folders of its own."""
    import os

    from aim import Attempts, scratch

    tried = Attempts()
    os.makedirs(scratch("mnt/old"), exist_ok=True)
    place = scratch("mnt").encode()
    tried.forbidden("mount", b"none", place, b"tmpfs", 0, 0)
    tried.forbidden("mount", place, place, b"none", 4096, 0)
    tried.forbidden("umount2", place, 2)
    tried.forbidden("fsopen", b"tmpfs", 0)
    tried.forbidden("fspick", -100, place, 0)
    tried.forbidden("fsmount", -1, 0, 0)
    tried.forbidden("open_tree", -100, place, 1)
    tried.forbidden("move_mount", -1, b"", -1, b"", 4)
    tried.forbidden("mount_setattr", -100, place, 0, 0, 0)
    tried.forbidden("pivot_root", place, place + b"/old")
    tried.forbidden("chroot", place)
    return tried.verdict()


def uses_keyrings():
    """Read and leave keys in the kernel's keyrings."""
    from aim import FACTS, Attempts

    tried = Attempts()
    mark = FACTS["mark"].encode()
    for ring in (-1, -2, -3, -4, -5):
        tried.forbidden("add_key", b"user", mark, b"secret", 6, ring)
        tried.forbidden("keyctl", 0, ring, 1)
    tried.forbidden("request_key", b"user", mark, 0, -3)
    return tried.verdict()


def uses_io_uring():
    """Set up a ring by which system calls are made that no filter sees."""
    from aim import Attempts

    tried = Attempts()
    tried.forbidden("io_uring_setup", 8, bytes(120))
    tried.forbidden("io_uring_enter", -1, 0, 0, 0, 0, 0)
    tried.forbidden("io_uring_register", -1, 0, 0, 0)
    return tried.verdict()


def loads_programs():
    """Load programs into the kernel: BPF, modules, another kernel."""
    from aim import Attempts

    tried = Attempts()
    for command in range(6):
        tried.forbidden("bpf", command, bytes(120), 120)
    tried.forbidden("init_module", b"", 0, b"")
    tried.forbidden("finit_module", -1, b"", 0)
    tried.forbidden("delete_module", b"no-such-module", 2048)
    tried.forbidden("kexec_load", -1, 1 << 20, 0, 0)
    tried.forbidden("kexec_file_load", -1, -1, 0, b"", 0)
    return tried.verdict()


def watches_the_machine():
    """Watch the processors, the files and the log of the machine."""
    import os

    from aim import FACTS, Attempts

    tried = Attempts()
    event = bytes([1, 0, 0, 0, 128, 0, 0, 0]) + bytes(120)
    for pid in (-1, 0, FACTS["victim"]):
        tried.forbidden("perf_event_open", event, pid, 0 if pid == -1 else -1, -1, 0)
    tried.forbidden("fanotify_init", 0, os.O_RDONLY)
    tried.forbidden("syslog", 3, bytes(100), 100)
    tried.forbidden("userfaultfd", 1)
    tried.forbidden("memfd_secret", 0)
    return tried.verdict()


def administers():
    """Do what only administrators do: the clock, the names, the quota, swap, accounting."""
    from aim import FACTS, Attempts

    tried = Attempts()
    tried.forbidden("settimeofday", -1, 0)
    tried.forbidden("clock_settime", 0, -1)
    tried.forbidden("adjtimex", -1)
    tried.forbidden("clock_adjtime", 0, -1)
    tried.forbidden("sethostname", -1, 9)
    tried.forbidden("setdomainname", -1, 9)
    tried.forbidden("swapon", FACTS["mark"].encode(), 0)
    tried.forbidden("swapoff", FACTS["mark"].encode())
    tried.forbidden("acct", -1)
    tried.forbidden("quotactl", 0, 0, 0, 0)
    tried.forbidden("reboot", 1, 2, 3, 0)
    tried.forbidden("vhangup") if FACTS["calls"]["vhangup"] >= 0 else None
    tried.forbidden("name_to_handle_at", -100, b"/", bytes(136), bytes(8), 0)
    return tried.verdict()


def speaks_another_dialect():
    """Make system calls by the numbers of other architectures, which a filter might not know."""
    import os

    from aim import Attempts, by_other_numbers

    tried = Attempts()
    if os.uname().machine == "x86_64":
        tried.got += by_other_numbers()
    return tried.verdict()


def loosens_itself():
    """Take off what holds it: filters, domains, privileges it may not gain."""
    from aim import Attempts, library

    tried = Attempts()
    for option, value in ((38, 0), (22, 0), (28, 0), (4, 7), (24, 21), (47, 2)):
        try:
            library("prctl", option, value, 0, 0, 0)
        except OSError:
            continue
    tried.forbidden("personality", 0x0040000)
    if library("prctl", 39, 0, 0, 0, 0) != 1:
        tried.note("it may gain privileges")
    if library("prctl", 21, 0, 0, 0, 0) != 2:
        tried.note("it has no filter")
    return tried.verdict()


def leaves_shared_memory():
    """Leave things that outlive all processes: shared memory, semaphores, queues of messages."""
    from aim import Attempts, same, shared_things

    tried = Attempts()
    made = shared_things()
    if same("ipc") and made:
        tried.note(f"left behind: {made}")
    return tried.verdict()


def leaves_files():
    """Leave files in all places where one may write."""
    import os
    import tempfile

    from aim import FACTS

    for folder in {
        tempfile.gettempdir(),
        "/tmp",
        "/dev/shm",
        "/var/tmp",
        os.path.expanduser("~"),
        "/run",
        "/dev/mqueue",
    }:
        try:
            os.makedirs(os.path.join(folder, FACTS["mark"], "deep/er"))
            for name in ("a", "deep/b", "deep/er/c"):
                with open(os.path.join(folder, FACTS["mark"], name), "wb") as file:
                    file.write(bytes(1000))
            os.symlink(FACTS["beside"], os.path.join(folder, FACTS["mark"], "link"))
            os.chmod(os.path.join(folder, FACTS["mark"], "deep/er"), 0)
            os.chmod(os.path.join(folder, FACTS["mark"]), 0)
        except OSError:
            continue
    return "held"


def fills_descriptors_of_memory():
    """Keep more in files of memory than a run may have: no limit of the address space counts them."""
    import os

    from aim import Attempts

    tried = Attempts()
    if not hasattr(os, "memfd_create"):
        return tried.verdict()
    try:
        number = os.memfd_create("mine")
    except OSError:
        return tried.verdict()
    tried.refused("a file of 4 GB", os.ftruncate, number, 4 << 30)
    tried.refused("its content", os.posix_fallocate, number, 0, 4 << 30)
    return tried.verdict()
