"""Candidates after the network and other people's sockets. Run in the sandbox only."""


def calls_this_machine():
    """Connect to servers on this machine."""
    import socket

    from aim import FACTS, Attempts

    tried = Attempts()
    four, six = FACTS["tcp"], FACTS["tcp6"] or FACTS["tcp"]
    places = ((2, "127.0.0.1", four), (2, "0.0.0.0", four), (10, "::1", six), (10, "::ffff:127.0.0.1", four))
    for family, host, port in places:
        for protocol in (0, 6, 262, 132):
            try:
                with socket.socket(family, socket.SOCK_STREAM, protocol) as made:
                    made.settimeout(1)
                    made.connect((host, port))
                    made.sendall(b"got out")
                    tried.note(f"connected to {host} by {protocol}")
            except OSError:
                continue
    return tried.verdict()


def calls_without_connecting():
    """Send with the first packet, so that nothing ever connects."""
    import socket

    from aim import FACTS, Attempts

    tried = Attempts()
    for family, host in ((2, "127.0.0.1"), (10, "::ffff:127.0.0.1")):
        for protocol in (0, 262):
            try:
                made = socket.socket(family, socket.SOCK_STREAM, protocol)
            except OSError:
                continue
            with made:
                made.settimeout(1)
                tried.refused("fast open", made.sendto, b"got out", socket.MSG_FASTOPEN, (host, FACTS["tcp"]))
                tried.refused("by message", made.sendmsg, [b"got out"], [], socket.MSG_FASTOPEN, (host, FACTS["tcp"]))
    return tried.verdict()


def calls_the_world():
    """Connect to addresses of other machines."""
    import socket

    from aim import Attempts

    tried = Attempts()
    for host in ("1.1.1.1", "192.0.2.1", "10.0.0.1", "169.254.169.254", "2001:db8::1"):
        for port in (53, 80, 443):
            tried.refused(host, lambda h=host, p=port: socket.create_connection((h, p), 0.05).close() or "connected")
    return tried.verdict()


def asks_names():
    """Tell a name server what it found, as a name to be looked up."""
    import socket

    from aim import FACTS, Attempts

    tried = Attempts()
    question = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0\x06canary\x03com\0\0\1\0\1"
    for host, port in (("127.0.0.1", FACTS["udp"]), ("127.0.0.53", 53), ("1.1.1.1", 53)):
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
                made.sendto(question, (host, port))
                if host != "127.0.0.1":
                    continue
                made.connect((host, port))
                made.send(question)
        except OSError:
            continue
    for name in ("secret.example.com", "localhost.localdomain.example"):
        tried.refused(name, socket.getaddrinfo, name, 80)
    return tried.verdict()


def calls_by_paths():
    """Speak to servers by their sockets in the file system, as that of a container's master."""
    import os
    import socket

    from aim import FACTS, Attempts

    tried = Attempts()
    places = [FACTS["named"], "/proc/self/root" + FACTS["named"], os.path.relpath(FACTS["named"])]
    for path in [
        *places,
        "/run/dbus/system_bus_socket",
        "/var/run/docker.sock",
        "/run/systemd/private",
        "/tmp/.X11-unix/X0",
    ]:
        for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
            try:
                with socket.socket(socket.AF_UNIX, kind) as made:
                    tried.refused(path, made.connect, path)
            except OSError:
                continue
    for path in (FACTS["letters"], "/dev/log", "/run/systemd/journal/socket", "/run/systemd/notify"):
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
                tried.refused(path, made.sendto, b"got out", path)
        except OSError:
            continue
    return tried.verdict()


def calls_by_pairs():
    """Turn a pair of sockets, which is allowed, against others: connect it anew, send from it to an address."""
    import socket

    from aim import FACTS

    places = [FACTS["named"], FACTS["letters"], "\0" + FACTS["abstract"], "\0" + FACTS["abstract_letters"]]
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        for place in places:
            for way in ("connect", "sendmsg", "sendto"):
                try:
                    left, right = socket.socketpair(socket.AF_UNIX, kind)
                    with left, right:
                        if way == "connect":
                            left.connect(place)
                            left.send(b"got out")
                        elif way == "sendmsg":
                            left.sendmsg([b"got out"], [], 0, place)
                        else:
                            left.sendto(b"got out", place)
                except OSError:
                    continue
    return "held"


def calls_by_abstract_names():
    """Speak to servers by abstract names, which no file system holds."""
    import socket

    from aim import FACTS, Attempts

    tried = Attempts()
    for name, kind in ((FACTS["abstract"], socket.SOCK_STREAM), (FACTS["abstract_letters"], socket.SOCK_DGRAM),
                       ("/tmp/.X11-unix/X0", socket.SOCK_STREAM)):  # fmt: skip
        try:
            made = socket.socket(socket.AF_UNIX, kind)
        except OSError:
            continue
        with made:
            tried.refused(name, made.connect, "\0" + name)
            tried.refused(name, made.sendto, b"got out", "\0" + name)
    return tried.verdict()


def listens():
    """Wait for others to come: on TCP with and without a port of its own, on UDP."""
    import socket

    from aim import Attempts, same

    tried = Attempts()
    if not same("net"):
        return tried.verdict()
    for family in (socket.AF_INET, socket.AF_INET6):
        for protocol in (0, 262):
            try:
                with socket.socket(family, socket.SOCK_STREAM, protocol) as made:
                    made.listen()
                    tried.note(f"listens on {made.getsockname()}")
            except OSError:
                pass
            try:
                with socket.socket(family, socket.SOCK_STREAM, protocol) as made:
                    made.bind(("", 0))
                    made.listen()
                    tried.note(f"listens on {made.getsockname()}")
            except OSError:
                pass
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as made:
                made.bind(("", 0))
                tried.note(f"takes datagrams on {made.getsockname()}")
        except OSError:
            pass
    return tried.verdict()


def opens_other_families():
    """Open sockets of families by which one speaks to the kernel, to other machines and to hardware."""
    import socket

    from aim import Attempts

    tried = Attempts()
    others = [n for n in range(1, 46) if n not in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)]
    for family in others:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            tried.refused(f"family {family}, kind {kind}", socket.socket, family, kind)
    for family in (socket.AF_INET, socket.AF_INET6):
        for protocol in (socket.IPPROTO_ICMP, socket.IPPROTO_RAW, 58, 255):
            tried.refused(f"raw {protocol}", socket.socket, family, socket.SOCK_RAW, protocol)
    tried.refused("packets", socket.socket, 17, socket.SOCK_RAW, 3)
    return tried.verdict()


def passes_descriptors():
    """Send its own descriptors to a server outside."""
    import array
    import os
    import socket

    from aim import FACTS

    number = os.open("/dev/null", os.O_RDONLY)
    gift = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [number]))]
    for place in (FACTS["letters"], "\0" + FACTS["abstract_letters"]):
        for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
            try:
                left, right = socket.socketpair(socket.AF_UNIX, kind)
                with left, right:
                    left.sendmsg([b"take it"], gift, 0, place)
            except OSError:
                continue
    os.close(number)
    return "held"
