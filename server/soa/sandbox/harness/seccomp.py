"""A filter of system calls: what no test of a function needs is refused, for this process and all its children.

The filter is a program of classic BPF, run by the kernel at each call. It answers with an error instead of killing, so
that a test that tries such a call fails like any other.
"""

from __future__ import annotations

import errno
import os
import struct

from . import syscalls

REFUSED = (
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
    "unshare", "setns", "chroot", "pivot_root",
    "mount", "umount2", "mount_setattr", "move_mount", "open_tree", "open_tree_attr",
    "fsopen", "fsconfig", "fsmount", "fspick",
    "name_to_handle_at", "open_by_handle_at", "fanotify_init", "quotactl", "quotactl_fd",
    "add_key", "request_key", "keyctl",
    "bpf", "perf_event_open", "io_uring_setup", "io_uring_enter", "io_uring_register", "userfaultfd", "memfd_secret",
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "swapon", "swapoff",
    "personality", "iopl", "ioperm", "modify_ldt", "acct", "syslog", "vhangup",
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname",
    "memfd_create", "shmget", "msgget", "semget", "mq_open", "migrate_pages", "move_pages",
)  # fmt: skip
"""Calls that are refused whatever their arguments. Memory of the kind that the last ones give is seen by no limit."""
CHANGING = (
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat",
    "utime", "utimes", "futimesat", "utimensat", "file_setattr",
    "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "setxattrat", "removexattrat",
)  # fmt: skip
"""Calls that change a file without opening it: where nothing but Landlock holds, which does not see them, any file."""
SIGNALS = ("tkill", "pidfd_send_signal")
DIRECTED_SIGNALS = ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
"""Those that name a process."""
ON_OTHERS = {
    "prlimit64": 0, "sched_setaffinity": 0, "sched_setscheduler": 0, "sched_setparam": 0, "sched_setattr": 0,
    "setpriority": 1, "ioprio_set": 1,
}  # fmt: skip
"""Calls that change how a process is run, and which of their arguments names it; 0 is the caller."""
STREAM = 1
"""The only type of paired sockets that cannot send to other addresses."""
TYPE_BITS = 0xF
NAMESPACES = 0x7E020000
"""Flags of `clone` for new namespaces: mount, cgroup, uts, ipc, user, pid and net."""
FAMILIES = (1, 2, 10)
"""Families of sockets: unix, inet, inet6."""
TERMINAL_INPUT = (0x5412, 0x541C)
"""Requests of `ioctl` that type for the user: TIOCSTI, TIOCLINUX."""
FILE_FLAGS = (0x40086602, 0x40046602, 0x401C5820, 0x40087602, 0x40047602, 0x40806685, 0x800C6613)
"""Those that change the flags of a file that is open for reading only, if it is ours: FS_IOC_SETFLAGS and
FS_IOC_SETVERSION, both also with 32 bits, FS_IOC_FSSETXATTR, FS_IOC_ENABLE_VERITY, FS_IOC_SET_ENCRYPTION_POLICY."""

AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""What the kernel calls the architecture of a call."""
X32 = 0x40000000
"""Set in the number of a call of the x32 kind, which an x86_64 kernel may take as well."""
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
"""Where they stand in what the program is given; arguments have eight bytes, the lower half first."""
LOAD, RETURN, EQUAL, AT_LEAST, ANY_BIT, KEEP_BITS = 0x20, 0x06, 0x15, 0x35, 0x45, 0x54
ALLOW, ERROR = 0x7FFF0000, 0x00050000
SET_FILTER, NO_NEW_PRIVILEGES = 1, 38
NOT_HERE = {errno.ENOSYS, errno.EINVAL, errno.EPERM}
"""What a kernel without filters says; EPERM: something that holds us already."""

Step = tuple[int, int, int, int]
"""One instruction: its code, how many to skip if it holds and if not, and its constant."""


def install(alone: bool = False) -> bool:
    """Put this process behind the filter for good; tell whether that is possible here.

    `alone`: nothing but this filter and Landlock holds the process, so what Landlock does not see is refused as well.
    """
    machine = syscalls.machine()
    return bool(machine) and _put(steps(machine, alone))


def silence() -> bool:
    """Refuse signals to any process but this one, for good; tell whether that is possible here."""
    machine = syscalls.machine()
    return bool(machine) and _put([*_only(machine), *_silent(machine, os.getpid()), _answer(ALLOW)])


def _put(program: list[Step]) -> bool:
    try:
        syscalls.call("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        _load_filter(assemble(program))
    except ImportError:
        return False
    except OSError as error:
        if error.errno in NOT_HERE:
            return False
        raise
    return True


def holds() -> bool:
    """Try a refused call that changes nothing: asking for the personality, which any process may."""
    try:
        syscalls.call("personality", 0xFFFFFFFF)
    except OSError as error:
        return error.errno == errno.EPERM
    return False


def _load_filter(program: bytes) -> None:
    import ctypes

    held = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HP", len(program) // struct.calcsize("HBBI"), ctypes.addressof(held))
    syscalls.call("seccomp", SET_FILTER, 0, described)


def assemble(program: list[Step]) -> bytes:
    """A program as the kernel reads it."""
    return b"".join(struct.pack("HBBI", *step) for step in program)


def steps(machine: str, alone: bool = False) -> list[Step]:
    """The whole program for a machine; `alone` as in `install`."""
    further = [*_refused(machine, CHANGING), *_unconnected(machine)] if alone else _connected(machine)
    return [*_only(machine), *_refused(machine, REFUSED), *_weighed(machine), *further, _answer(ALLOW)]


def _only(machine: str) -> list[Step]:
    """Refuse what comes by another architecture's numbers, then go on with the call's number."""
    other = [(EQUAL, 1, 0, AUDIT[machine]), _refuse()]
    x32 = _when(AT_LEAST, X32, _refuse()) if machine == "x86_64" else []
    return [_load(ARCHITECTURE), *other, _load(NUMBER), *x32]


def _refused(machine: str, names: tuple[str, ...]) -> list[Step]:
    return [step for name in names for step in _call(name, machine, _refuse())]


def _weighed(machine: str) -> list[Step]:
    """Calls that are judged by an argument; `clone3` hides its own, so the C library is sent back to `clone`."""
    namespaces = [_argument(0), *_when(ANY_BIT, NAMESPACES, _refuse()), _answer(ALLOW)]
    requests = [_argument(1), *_among((*TERMINAL_INPUT, *FILE_FLAGS), _refuse()), _answer(ALLOW)]
    own = [step for name, place in ON_OTHERS.items() for step in _call(name, machine, *_only_if(place, 0))]
    return [
        *_call("clone3", machine, _refuse(errno.ENOSYS)),
        *_call("clone", machine, *namespaces),
        *_call("ioctl", machine, *requests),
        *own,
    ]


def _connected(machine: str) -> list[Step]:
    """Only ordinary kinds of sockets."""
    families = [_argument(0), *_among(FAMILIES, _answer(ALLOW)), _refuse()]
    return [*_call("socket", machine, *families), *_call("socketpair", machine, *families)]


def _unconnected(machine: str) -> list[Step]:
    """No sockets but pairs that lead nowhere else."""
    pair = [
        _argument(0), *_when(EQUAL, FAMILIES[0], _argument(1), (KEEP_BITS, 0, 0, TYPE_BITS),
        *_when(EQUAL, STREAM, _answer(ALLOW)), _refuse()), _refuse(),
    ]  # fmt: skip
    return [*_call("socket", machine, _refuse()), *_call("socketpair", machine, *pair)]


def _silent(machine: str, process: int) -> list[Step]:
    directed = [step for name in DIRECTED_SIGNALS for step in _call(name, machine, *_only_if(0, process))]
    return [*_refused(machine, SIGNALS), *directed]


def _only_if(place: int, value: int) -> list[Step]:
    """Allow a call if an argument has a value."""
    return [_argument(place), *_when(EQUAL, value, _answer(ALLOW)), _refuse()]


def _call(name: str, machine: str, *then: Step) -> list[Step]:
    """What to do at a call; `then` must end with an answer."""
    number = syscalls.number(name, machine)
    return [] if number == syscalls.ABSENT else _when(EQUAL, number, *then)


def _among(values: tuple[int, ...], then: Step) -> list[Step]:
    return [step for value in values for step in _when(EQUAL, value, then)]


def _when(test: int, value: int, *then: Step) -> list[Step]:
    return [(test, 0, len(then), value), *then]


def _load(place: int) -> Step:
    return (LOAD, 0, 0, place)


def _argument(index: int) -> Step:
    return _load(ARGUMENTS + 8 * index)


def _answer(value: int) -> Step:
    return (RETURN, 0, 0, value)


def _refuse(code: int = errno.EPERM) -> Step:
    return _answer(ERROR | code)
