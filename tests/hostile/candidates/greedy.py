"""Candidates that take more than is theirs, until they are refused. Run in the sandbox only.

Each stops by itself at a few times the limit, and tells: a sandbox that does not hold is noticed before the machine is.
"""


def forks_many():
    """Start a thousand children that wait."""
    import os
    import signal

    from aim import Attempts

    tried, children = Attempts(), 0
    try:
        while children < 1000:
            if os.fork() == 0:
                signal.pause()
            children += 1
        tried.note(f"{children} children")
    except OSError:
        pass
    return tried.verdict()


def forks_like_a_bomb():
    """Have all children fork, and theirs, and all of them compute."""
    import os

    first = os.getpid()
    for _ in range(9):
        try:
            os.fork()
        except OSError:
            continue
    while os.getpid() != first:
        pass
    return "held"


def starts_threads():
    """Start a thousand threads."""
    import threading

    from aim import Attempts

    tried, stop = Attempts(), threading.Event()
    threads = []
    try:
        while len(threads) < 1000:
            thread = threading.Thread(target=stop.wait, daemon=True)
            thread.start()
            threads.append(thread)
        tried.note(f"{len(threads)} threads")
    except (OSError, RuntimeError, MemoryError):
        pass
    stop.set()
    return tried.verdict()


def eats_memory():
    """Take memory, four times as much as it may."""
    from aim import FACTS, Attempts

    tried, kept = Attempts(), []
    try:
        while len(kept) < FACTS["memory_mb"] // 4:
            kept.append(bytearray(16 << 20))
        tried.note(f"{16 * len(kept)} MB")
    except MemoryError:
        kept.clear()
    return tried.verdict()


def eats_memory_by_maps():
    """Take memory that is shared, or that lies in no file, or that nobody has asked for yet."""
    import mmap

    from aim import FACTS, Attempts

    tried = Attempts()
    for flags in (mmap.MAP_SHARED, mmap.MAP_PRIVATE, mmap.MAP_PRIVATE | 0x4000):
        kept = []
        try:
            while len(kept) < FACTS["memory_mb"] // 4:
                kept.append(mmap.mmap(-1, 16 << 20, flags | mmap.MAP_ANONYMOUS))
                for place in range(0, 16 << 20, 4096):
                    kept[-1][place] = 1
            tried.note(f"{16 * len(kept)} MB")
        except (OSError, MemoryError):
            pass
        for one in kept:
            one.close()
    return tried.verdict()


def eats_memory_by_many():
    """Take memory by many children at once, each no more than it may."""
    import os
    import signal

    from aim import FACTS, Attempts

    tried, reader, writer = Attempts(), *os.pipe()
    each = FACTS["memory_mb"] * 5 // 8
    for _ in range(8):
        try:
            child = os.fork()
        except OSError:
            break
        if child == 0:
            try:
                kept = bytearray(each << 20)
                os.write(writer, b"x" if kept else b"")
                signal.pause()
            finally:
                os._exit(0)
    os.close(writer)
    held = 0
    while held < 8 and os.read(reader, 1):
        held += 1
    if held * each > 4 * FACTS["memory_mb"]:
        tried.note(f"{held} children hold {held * each} MB")
    return tried.verdict()


def eats_memory_by_descriptors():
    """Take memory by files that lie in memory, many of them, and one that is large."""
    import os

    from aim import FACTS, Attempts

    tried, kept = Attempts(), []
    if not hasattr(os, "memfd_create"):
        return tried.verdict()
    most = 6 * FACTS["memory_mb"]
    try:
        large = os.memfd_create("large")
        os.posix_fallocate(large, 0, most << 20)
        tried.note(f"one of {most} MB")
    except OSError:
        pass
    try:
        while len(kept) * 16 < most:
            kept.append(os.memfd_create("mine"))
            os.write(kept[-1], bytes(16 << 20))
    except OSError:
        pass
    if len(kept) * 16 >= most:
        tried.note(f"{16 * len(kept)} MB in files of memory")
    return tried.verdict()


def eats_the_disk():
    """Fill the disk where it may write, eight times over."""
    import os
    import tempfile

    from aim import FACTS, Attempts

    tried, piece = Attempts(), bytes(8 << 20)
    for folder in sorted({tempfile.gettempdir(), "/tmp", "/dev/shm", os.path.expanduser("~"), "/var/tmp"}):
        written = 0
        try:
            while written < 8 * FACTS["disk_mb"]:
                with open(os.path.join(folder, f"{FACTS['mark']}-{written}"), "wb") as file:
                    file.write(piece)
                written += 8
            tried.note(f"{written} MB in {folder}")
        except OSError:
            continue
    return tried.verdict()


def eats_the_disk_at_once():
    """Reserve a terabyte in one file."""
    import os

    from aim import Attempts, scratch

    tried = Attempts()
    number = os.open(scratch("large"), os.O_RDWR | os.O_CREAT)
    tried.refused("a hole", os.ftruncate, number, 1 << 40)
    tried.refused("a reserve", os.posix_fallocate, number, 0, 1 << 33)
    tried.refused("at its end", os.pwrite, number, b"x", 1 << 40)
    return tried.verdict()


def eats_inodes():
    """Make a hundred thousand files with nothing in them."""
    import os

    from aim import Attempts, scratch

    tried, made = Attempts(), 0
    os.mkdir(scratch("many"))
    try:
        while made < 100_000:
            os.close(os.open(scratch(f"many/{made}"), os.O_CREAT | os.O_WRONLY))
            made += 1
        tried.note(f"{made} files")
    except OSError:
        pass
    return tried.verdict()


def nests_folders():
    """Make folders in folders, a thousand deep, which no path reaches."""
    import os

    from aim import scratch

    os.mkdir(scratch("deep"))
    os.chdir(scratch("deep"))
    try:
        for _ in range(1000):
            os.mkdir("a" * 200)
            os.chdir("a" * 200)
    except OSError:
        pass
    return "held"


def opens_many_files():
    """Open a million files."""
    import os

    from aim import Attempts

    tried, opened = Attempts(), []
    try:
        for _ in range(10**6):
            opened.append(os.open("/dev/null", os.O_RDONLY))
            if len(opened) > 8192:
                tried.note(f"{len(opened)} open files")
                break
    except OSError:
        pass
    for number in opened:
        os.close(number)
    tried.refused("a high number", os.dup2, 1, 10**6)
    return tried.verdict()


def sends_files_away():
    """Keep files open that are under way between two sockets, so that no limit of its own counts them."""
    import array
    import os
    import socket

    from aim import Attempts

    tried, sent, kept = Attempts(), 0, []
    number = os.open("/dev/null", os.O_RDONLY)
    gift = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [number] * 200))]
    try:
        for _ in range(50):
            left, right = socket.socketpair()
            kept += [left, right]
            left.setblocking(False)
            while sent < 20_000:
                left.sendmsg([b"x"], gift)
                sent += 200
        tried.note(f"{sent} files under way")
    except OSError:
        pass
    for one in kept:
        one.close()
    return tried.verdict()


def writes_a_gigabyte():
    """Write a gigabyte to its standard output and error, below Python."""
    import os

    for number in (1, 2):
        for _ in range(512):
            os.write(number, b"x" * (1 << 20))
    return "held"
