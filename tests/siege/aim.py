"""What candidates know of the machine, and how they tell what they got. Lies in the project under siege."""

import ctypes
import errno
import json
import os
import re

FOLDER = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(FOLDER, "facts.json")) as _file:
    FACTS = json.load(_file)
SECRET = re.compile(rb"canary-[0-9a-f]{16}")
NO = (errno.EPERM, errno.EACCES, errno.ENOSYS)
KERNEL = ctypes.CDLL(None, use_errno=True)


def library(name, *arguments):
    """Call a function of the C library; give its answer, or raise OSError."""
    ctypes.set_errno(0)
    answer = getattr(KERNEL, name)(*(a if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments))
    code = ctypes.get_errno()
    if answer == -1 and code:
        raise OSError(code, os.strerror(code), name)
    return answer


def call(name, *arguments):
    """Make a system call; give its answer, or raise OSError."""
    number = FACTS["calls"].get(name, -1)
    ctypes.set_errno(0)
    held = [a if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments]
    answer = KERNEL.syscall(ctypes.c_long(number), *held)
    code = ctypes.get_errno()
    if answer == -1 and code:
        raise OSError(code, os.strerror(code), name)
    return answer


class Attempts:
    """What was tried, and what was got by it."""

    def __init__(self):
        self.got = []

    def note(self, what):
        """Tell of something that must not be."""
        self.got.append(str(what))

    def refused(self, what, function, *arguments, **named):
        """Try what must end in an error of the system's."""
        try:
            made = function(*arguments, **named)
        except OSError:
            return
        self.note(f"{what}: {made!r}")

    def forbidden(self, name, *arguments):
        """Make a system call that must be forbidden, not merely fail for its arguments."""
        try:
            made = call(name, *arguments)
        except OSError as error:
            made = errno.errorcode[error.errno] if error.errno not in NO else None
        if made is not None:
            self.note(f"{name}: {made!r}")

    def leaks(self, what, function, *arguments):
        """Read something that must not hold a secret; that it cannot be read is as good."""
        try:
            data = function(*arguments)
        except OSError:
            return
        found = SECRET.search(data if isinstance(data, bytes) else repr(data).encode())
        if found:
            self.note(f"{what}: {found.group().decode()}")

    def verdict(self):
        """`held`, or all that was got."""
        return "; ".join(self.got)[:1500] or "held"


def content(path):
    """The first bytes of a file, without waiting for more."""
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return os.read(number, 1 << 20)
    finally:
        os.close(number)


def same(space):
    """Whether a namespace of ours is the machine's own: `net`, `pid`, `ipc`."""
    try:
        return os.readlink("/proc/self/ns/" + space) == FACTS["spaces"][space]
    except OSError:
        return False


def scratch(name=""):
    """A place that we may write to."""
    import tempfile

    return os.path.join(tempfile.gettempdir(), FACTS["mark"] + name)


def by_other_numbers():
    """Tell which kinds of numbers for system calls work that are not the machine's own: `x32`, `32 bits`."""
    import mmap

    found = []
    ctypes.set_errno(0)
    KERNEL.syscall(ctypes.c_long(0x40000000 | 39))
    if ctypes.get_errno() not in NO:
        found.append("x32")
    if os.fork() == 0:
        code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        code.write(bytes.fromhex("53b814000000cd805bc3"))
        answer = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
        os._exit(0 if answer > 0 else 1)
    return [*found, "32 bits"] if os.wait()[1] == 0 else found


def shared_things():
    """Make shared memory, semaphores and queues that outlive all processes; give what was made."""
    key = int(FACTS["mark"][-7:], 16) + 1
    made = []
    for name, arguments in (("shmget", (key, 4096, 0o1666)), ("semget", (key, 1, 0o1666)), ("msgget", (key, 0o1666)),
                            ("mq_open", (("/" + FACTS["mark"]).encode(), 0o102, 0o666, 0))):  # fmt: skip
        try:
            library(name, *arguments)
            made.append(name)
        except OSError:
            continue
    return made


def take_the_mark():
    """Call the process by the mark."""
    library("prctl", 15, FACTS["mark"].encode()[:15], 0, 0, 0)
