"""The SQLite file, and the one thread on which all work at it is done, in order."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from soa.errors import ConfigurationError
from soa.store.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")
PATIENCE = 30.0
"""Seconds to wait for another process to finish writing."""
Row = tuple[Any, ...]


class Database:
    """The open file, in the form of this version.

    Raises
    ------
    ConfigurationError
        It cannot be opened or written; any work at it may raise the same later.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="soa-store")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _connected(path)
        except (OSError, sqlite3.Error) as error:
            self._thread.shutdown()
            raise ConfigurationError(
                f"The store {path} cannot be used: {error}.",
                "Make its folder writable, move a damaged file away, or set XDG_DATA_HOME.",
            ) from None

    def close(self) -> None:
        """Do what is still to be done and close the file."""
        self._thread.shutdown(wait=True)
        self._connection.close()

    async def do(self, statement: str, values: Row) -> list[Row]:
        """Execute one statement; what it changes is on disk when this returns."""
        return await self.on_thread(lambda: self.execute(statement, values))

    async def on_thread(self, work: Callable[[], T]) -> T:
        """Do some work on the thread, which may `execute`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def soon(self, statement: str, values: Row) -> None:
        """Execute a statement soon, after those that were asked for before."""
        self._thread.submit(self.execute, statement, values)

    def execute(self, statement: str, values: Row) -> list[Row]:
        """Execute a statement here and now: for work on the thread."""
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise ConfigurationError(
                f"The store {self.path} cannot be used any more: {error}.",
                "Is the disk full? What was kept is safe; go on with --resume.",
            ) from None


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=PATIENCE)
    try:
        _share(connection)
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to this version's form, in one transaction: another process may be at it too."""
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise sqlite3.DatabaseError("a newer version of soa has written it")
    for statement in chain.from_iterable(MIGRATIONS[version:]):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    connection.execute("COMMIT")


def _share(connection: sqlite3.Connection) -> None:
    """Let others read while one writes. SQLite does not wait its timeout out for this when two begin a file at once."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
    connection.execute("PRAGMA synchronous=NORMAL")
