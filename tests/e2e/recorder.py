"""Stands between an editor and a server: passes all bytes on, both ways, and writes each message into a file.

Usage: python recorder.py FILE COMMAND [ARGUMENT...]. A line of the file is one JSON object with `from` (`client` or
`server`) and `message`. Bytes that are no message are written as `rest`: a server must never send any. The file is
locked, shared, until the server is gone: who locks it for itself has waited for that. The id of the server's process is
in FILE.pid.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any


class Record:
    """The file of messages, written by two threads."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._lock = threading.Lock()

    def add(self, **line: Any) -> None:
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()


class Framing:
    """Takes bytes as they come and finds the messages in them."""

    def __init__(self, sender: str, record: Record) -> None:
        self._sender = sender
        self._record = record
        self._held = b""

    def feed(self, data: bytes) -> None:
        self._held += data
        while (message := self._next()) is not None:
            self._record.add(**{"from": self._sender, "message": json.loads(message)})

    def end(self) -> None:
        if self._held:
            self._record.add(**{"from": self._sender, "rest": self._held.decode(errors="replace")})

    def _next(self) -> bytes | None:
        head, found, rest = self._held.partition(b"\r\n\r\n")
        if not found:
            return None
        lengths = [
            line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        ]
        if not lengths or len(rest) < int(lengths[0]):
            return None
        message, self._held = rest[: int(lengths[0])], rest[int(lengths[0]) :]
        return message


def pass_on(source: int, sink: int, framing: Framing) -> None:
    """Copy bytes until there are no more; what is passed on has been recorded before."""
    while data := os.read(source, 1 << 16):
        framing.feed(data)
        try:
            while data:
                data = data[os.write(sink, data) :]
        except BrokenPipeError:
            break
    framing.end()
    os.close(sink)


def main(path: str, *command: str) -> int:
    with (
        Path(path).open("a", encoding="utf-8") as file,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server,
    ):
        assert server.stdin
        assert server.stdout
        Path(f"{path}.pid").write_text(str(server.pid))
        fcntl.flock(file, fcntl.LOCK_SH)
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        record = Record(file)
        to_server = (0, os.dup(server.stdin.fileno()), Framing("client", record))
        server.stdin.close()
        threading.Thread(target=pass_on, args=to_server, daemon=True).start()
        pass_on(server.stdout.fileno(), 1, Framing("server", record))
        return server.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
